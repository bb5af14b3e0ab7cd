#include "planner/diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "planner/version.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

static void put_number(struct pairs *pairs, const char *name, int64_t number) {
    AUTO(string_free) char *value = NULL;
    if (number == SHAPE_UNSET)
        return;
    value = xasprintf("%" PRId64, number);
    pairs_set(pairs, name, value);
}

static void put(struct pairs *pairs, const char *name, const char *value) {
    if (value)
        pairs_set(pairs, name, value);
}

static void put_all(struct pairs *pairs, const char *prefix, const struct pairs *members) {
    for (size_t i = 0; i < members->count; i++) {
        AUTO(string_free) char *name = xasprintf("%s.%s", prefix, members->items[i].name);
        pairs_set(pairs, name, members->items[i].value);
    }
}

static void put_list(struct pairs *pairs, const char *name, const struct strings *list) {
    AUTO(strings_clear) struct strings sorted = { 0 };
    if (!list->count)
        return;
    strings_copy(&sorted, list);
    strings_sort(&sorted);
    AUTO(string_free) char *joined = strings_join(&sorted, ", ");
    pairs_set(pairs, name, joined);
}

static void flatten_wanted(const struct config_target *wanted, struct pairs *out) {
    put(out, "engine", wanted->engine);
    put(out, "engine_version", wanted->engine_version);
    put(out, "node_type", wanted->node_type);
    put_number(out, "shards", wanted->shards);
    put_number(out, "replicas_per_shard", wanted->replicas_per_shard);
    if (wanted->multi_az != TRI_UNSET)
        put(out, "multi_az", wanted->multi_az == TRI_YES ? "enabled" : "disabled");
    put(out, "subnet_group", wanted->subnet_group);
    put_list(out, "security_groups", &wanted->security_groups);
    put(out, "snapshot_window", wanted->snapshot_window);
    put_all(out, "parameters", &wanted->parameters);
    put_all(out, "tags", &wanted->tags);
}

/* Of a group that is being created what it consists of is not told yet, which is no difference. */
static bool is_untold(const struct observed_target *seen, const char *field) {
    return strcmp(field, "shards") == 0 ? seen->shards <= 0
                                        : strcmp(field, "replicas_per_shard") == 0 &&
                                              seen->replicas_per_shard == SHAPE_UNSET;
}

static void flatten_seen(const struct observed_target *seen, struct pairs *out) {
    put(out, "engine", seen->engine);
    put(out, "engine_version", seen->engine_version);
    put(out, "node_type", seen->node_type);
    put_number(out, "shards", seen->shards > 0 ? seen->shards : SHAPE_UNSET);
    put_number(out, "replicas_per_shard", seen->replicas_per_shard);
    put(out, "multi_az", seen->multi_az);
    put(out, "subnet_group", seen->subnet_group);
    put_list(out, "security_groups", &seen->security_groups);
    put(out, "snapshot_window", seen->snapshot_window);
    put_all(out, "parameters", &seen->parameters);
    put_all(out, "tags", &seen->tags);
}

static bool is_equal(const char *field, const char *wanted, const char *seen) {
    if (strcmp(field, "engine_version") == 0)
        return version_covers(wanted, seen);
    return strcmp(wanted, seen) == 0;
}

void diff_target(const struct config_target *wanted, const struct observed_target *seen,
                 struct differences *out) {
    AUTO(pairs_clear) struct pairs want = { 0 };
    AUTO(pairs_clear) struct pairs have = { 0 };
    flatten_wanted(wanted, &want);
    flatten_seen(seen, &have);
    size_t k = 0;
    for (size_t i = 0; i < want.count; i++) {
        const struct pair *pair = &want.items[i];
        while (k < have.count && strcmp(have.items[k].name, pair->name) < 0)
            k++;
        bool present = k < have.count && strcmp(have.items[k].name, pair->name) == 0;
        const char *value = present ? have.items[k].value : NULL;
        if (value && is_equal(pair->name, pair->value, value)) {
            out->equal_count++;
            continue;
        }
        if (is_untold(seen, pair->name))
            continue;
        *LIST_ADD(out) = (struct difference){ .field = xstrdup(pair->name),
                                              .wanted = xstrdup(pair->value),
                                              .seen = xstrdup(value) };
    }
}

void differences_clear(struct differences *differences) {
    if (!differences)
        return;
    for (size_t i = 0; i < differences->count; i++) {
        free(differences->items[i].field);
        free(differences->items[i].wanted);
        free(differences->items[i].seen);
    }
    free(differences->items);
    *differences = (struct differences){ 0 };
}
