#include "providers/redis/sentinel.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define SENTINEL_LIST_CEILING_COUNT 1000

void sentinel_queue(struct redis_connection *connection, const char *name) {
    redis_queue_words(connection, "SENTINEL", "MASTER", name, NULL);
    redis_queue_words(connection, "SENTINEL", "SLAVES", name, NULL); /* known to all versions */
    redis_queue_words(connection, "SENTINEL", "SENTINELS", name, NULL);
    redis_queue_words(connection, "SENTINEL", "CKQUORUM", name, NULL);
}

/* The value behind a name in a flattened map; "" when absent. */
static const char *value_of(const struct redis_reply *map, const char *name) {
    for (size_t i = 0; map->type == REDIS_ARRAY && i + 1 < map->count; i += 2)
        if (strcmp(redis_text(map->elements[i]), name) == 0)
            return redis_text(map->elements[i + 1]);
    return "";
}

static bool has_flag(const struct redis_reply *map, const char *flag) {
    const char *flags = value_of(map, "flags");
    size_t length = strlen(flag);
    while (*flags) {
        size_t part = strcspn(flags, ",");
        if (part == length && memcmp(flags, flag, length) == 0)
            return true;
        flags += part + (flags[part] == ',');
    }
    return false;
}

/* NULL for anything but an address. */
static char *address_of(const struct redis_reply *map) {
    char host[256];
    uint16_t port;
    unsigned long number = strtoul(value_of(map, "port"), NULL, 10);
    if (number == 0 || number > UINT16_MAX)
        return NULL;
    AUTO(string_free) char *text = redis_address_text(value_of(map, "ip"), (uint16_t)number);
    return redis_address_parse(text, host, &port) ? TAKE(text) : NULL;
}

static void read_list(const struct redis_reply *list, struct strings *reached,
                      struct strings *lost) {
    for (size_t i = 0; list->type == REDIS_ARRAY && i < list->count; i++) {
        const struct redis_reply *map = list->elements[i];
        AUTO(string_free) char *address = address_of(map);
        bool gone = has_flag(map, "s_down") || has_flag(map, "o_down");
        struct strings *wanted = gone && lost ? lost : reached;
        if (address && wanted->count < SENTINEL_LIST_CEILING_COUNT)
            strings_add(wanted, address);
    }
    strings_sort(reached);
    if (lost)
        strings_sort(lost);
}

bool sentinel_view_read(const struct sentinel_replies *replies, const char *name,
                        struct sentinel_view *out, struct error *err) {
    const struct redis_reply *primary = replies->primary, *quorum = replies->quorum;
    AUTO(sentinel_view_clear) struct sentinel_view view = { 0 };
    if (primary->type == REDIS_FAULT && strstr(primary->bytes, "unknown command")) {
        error_set(err, ERROR_REFUSED, "the server is not a Sentinel");
        return error_hint(err, "set source.nodes to the Sentinels (their port is often 26379), or "
                               "use 'topology: standalone'");
    }
    if (primary->type == REDIS_FAULT && strstr(primary->bytes, "No such master")) {
        error_set(err, ERROR_NOT_FOUND, "the Sentinel does not watch a master named '%s'", name);
        return error_hint(
            err, "SENTINEL MASTERS lists the names: set source.sentinel_master to one of them");
    }
    if (primary->type == REDIS_FAULT)
        return error_set(err, ERROR_REFUSED, "the Sentinel refuses 'SENTINEL MASTER'");
    view.primary = address_of(primary);
    if (!view.primary)
        return error_set(err, ERROR_FORMAT, "the Sentinel returns no address for '%s'", name);
    view.down = has_flag(primary, "s_down") || has_flag(primary, "o_down");
    view.failing_over = has_flag(primary, "failover_in_progress");
    view.quorum = strtol(value_of(primary, "quorum"), NULL, 10);
    read_list(replies->replicas, &view.replicas, &view.lost);
    read_list(replies->others, &view.others, NULL);
    if (quorum->type == REDIS_FAULT && strncmp(quorum->bytes, "NOQUORUM", 8) == 0)
        view.no_quorum = xstrdup(quorum->bytes);
    sentinel_view_clear(out);
    *out = MOVE(view);
    return true;
}

bool sentinel_take(struct redis_connection *connection, const char *name, struct sentinel_view *out,
                   struct error *err) {
    AUTO(redis_reply_free)
    struct redis_reply *primary = NULL, *replicas = NULL, *others = NULL, *quorum = NULL;
    if (!redis_take(connection, &primary, err) || !redis_take(connection, &replicas, err) ||
        !redis_take(connection, &others, err) || !redis_take(connection, &quorum, err))
        return false;
    const struct sentinel_replies replies = { primary, replicas, others, quorum };
    return sentinel_view_read(&replies, name, out, err);
}

void sentinel_view_clear(struct sentinel_view *view) {
    if (!view)
        return;
    free(view->primary);
    free(view->no_quorum);
    strings_clear(&view->replicas);
    strings_clear(&view->lost);
    strings_clear(&view->others);
    *view = (struct sentinel_view){ 0 };
}

static bool settled(const struct sentinel_view *view, const struct sentinel_view *first,
                    struct error *err) {
    if (strcmp(view->primary, first->primary) != 0)
        error_set(err, ERROR_CONFLICT,
                  "the Sentinels do not agree: '%s' and '%s' are both called the primary",
                  first->primary, view->primary);
    else if (view->failing_over)
        error_set(err, ERROR_CONFLICT, "the Sentinels are failing over '%s'", view->primary);
    else if (view->down)
        error_set(err, ERROR_CONFLICT, "the Sentinels call the primary '%s' down", view->primary);
    else
        return true;
    return error_hint(err, "wait until the failover is complete, then run the command again");
}

bool topology_of_sentinels(const struct sentinel_view *views, size_t count,
                           const struct strings * not, struct topology *out, struct error *err) {
    if (!count)
        return error_set(err, ERROR_CONFLICT, "no Sentinel has answered");
    for (size_t i = 0; i < count; i++)
        if (!settled(&views[i], &views[0], err))
            return false;
    topology_clear(out);
    struct topology_shard *shard = LIST_ADD(out);
    shard->primary = xstrdup(views[0].primary);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < views[i].replicas.count; k++) {
            const char *replica = views[i].replicas.items[k];
            if (!strings_has(&shard->replicas, replica) && (!not || !strings_has(not, replica)))
                strings_add(&shard->replicas, replica);
        }
    strings_sort(&shard->replicas);
    return true;
}
