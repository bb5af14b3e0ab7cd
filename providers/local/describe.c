#include "providers/local/describe.h"

#include "providers/local/machine/node.h"
#include "providers/local/state/endpoint.h"
#include "providers/local/writer/files.h"
#include "schemas/base/memory.h"

static struct json *addresses_of(const struct state *state, const struct nodes *nodes,
                                 bool primaries_only) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < nodes->count; i++) {
        AUTO(string_free) char *address = node_endpoint(state, &nodes->items[i]);
        if (!primaries_only || !nodes->items[i].replica)
            json_append(list, json_new_string(address));
    }
    return list;
}

/* Roles are those it began with. */
static struct json *describe_source(const struct state *state) {
    struct json *source = json_new_object();
    json_put_string(source, "topology", state->source_topology);
    json_put(source, "nodes", addresses_of(state, &state->source, false));
    json_put(source, "seeds", addresses_of(state, &state->source, true));
    if (state->sentinels.count) {
        json_put_string(source, "master_name", SENTINEL_MASTER_NAME);
        json_put(source, "sentinels", addresses_of(state, &state->sentinels, false));
    }
    return source;
}

struct json *endpoint_describe(const char *dir, const struct state *state) {
    struct json *page = json_new_object();
    struct json *env = json_new_object();
    AUTO(string_free) char *url = xasprintf("http://127.0.0.1:%d", (int)state->http_port);
    json_put_string(env, "AWS_ACCESS_KEY_ID", LOCAL_ACCESS_KEY_ID);
    json_put_string(env, "AWS_SECRET_ACCESS_KEY", LOCAL_SECRET_ACCESS_KEY);
    json_put_string(env, "AWS_REGION", LOCAL_REGION);
    json_put_string(env, "AWS_DEFAULT_REGION", LOCAL_REGION); /* version 1 of the AWS CLI */
    json_put_string(env, "AWS_ENDPOINT_URL", url);
    json_put_string(page, "endpoint_url", url);
    json_put(page, "env", env);
    if (state->tls_ca_file)
        json_put_string(page, "tls_ca_file", state->tls_ca_file);
    if (state->source.count)
        json_put(page, "source", describe_source(state));
    if (state->writes_per_second) {
        struct json *writer = json_new_object();
        AUTO(writer_parts_clear) struct writer_parts parts = { 0 };
        struct json *logs = json_new_array();
        writer_parts_of(&state->source_shards, &parts);
        for (size_t i = 0; i < parts.count; i++) {
            AUTO(string_free) char *log = writer_part_log(dir, &parts.items[i]);
            json_append(logs, json_new_string(log));
            if (!parts.items[i].cluster)
                json_put_string(writer, "acknowledged_log", log);
        }
        json_put(writer, "acknowledged_logs", logs);
        json_put_int(writer, "writes_per_second", state->writes_per_second);
        json_put(page, "writer", writer);
    }
    return page;
}

/* "primary", of each shard with cluster mode, and then the endpoint of them all. */
static void describe_primaries(struct json *item, const struct state *state,
                               const struct group *group) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < group->shards.count; i++) {
        const struct node *primary = shard_primary(&group->nodes, (int64_t)i);
        AUTO(string_free) char *address = primary ? node_endpoint(state, primary) : NULL;
        if (!primary)
            continue;
        if (!group->cluster)
            json_put_string(item, "primary", address);
        else if (!json_find(item, "configuration"))
            json_put_string(item, "configuration", address);
        json_append(list, json_new_string(address));
    }
    json_put(item, "primaries", list);
}

struct json *endpoint_describe_groups(const struct state *state) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < state->groups.count; i++) {
        const struct group *group = &state->groups.items[i];
        struct json *item = json_new_object();
        json_put_string(item, "id", group->id);
        json_put_string(item, "status", group_shown_status(group));
        json_put_int(item, "shards", (int64_t)group->shards.count);
        json_put_int(item, "nodes", (int64_t)group->nodes.count);
        describe_primaries(item, state, group);
        json_append(list, item);
    }
    return list;
}

int64_t endpoint_acknowledged_count(const char *dir, const struct shards *shards) {
    AUTO(writer_parts_clear) struct writer_parts parts = { 0 };
    int64_t count = 0;
    writer_parts_of(shards, &parts);
    for (size_t i = 0; i < parts.count; i++) {
        AUTO(error_clear) struct error ignored = { 0 };
        struct writer_stats stats = { 0 };
        if (writer_stats_read(dir, &parts.items[i], &stats, &ignored))
            count += stats.acknowledged_count;
    }
    return count;
}
