#include "executor/site/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "providers/observe/node.h"
#include "providers/redis/server.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/observed/room.h"

#define FINDING "source-memory-room"

static void node_clear(struct observed_node *node) {
    shape_clear(&observed_node_shape, node);
}
AUTO_VALUE(struct observed_node, node_clear)

/* The operator knows that it does not fit, and why that may be. */
static bool is_waived(const struct site *site) {
    const struct plan_core *core = &site->plan->core;
    for (size_t i = 0; i < core->findings.count; i++)
        if (strcmp(core->findings.items[i].id, FINDING) == 0 && core->findings.items[i].waived_by)
            return true;
    return false;
}

struct asked { /* of one server */
    const char *address, *file;
    int64_t backlog_bytes; /* the size that it shall have; -1: as it is */
    int64_t comparison_bytes;
};

static bool refuse(const struct asked *asked, const struct room *room, const struct room_need *need,
                   struct error *err) {
    const char *address = asked->address;
    AUTO(text_clear) struct text sum = { 0 };
    room_add_sum(&sum, room, need);
    error_set(err, ERROR_BLOCKED, "'%s' does not have enough memory for this step: %s", address,
              text_string(&sum));
    int64_t enough = room_enough_maxmemory(room, need);
    const char *colon = strrchr(address, ':');
    if (!enough || !colon)
        return error_hint(err, "free memory on the machine of '%s', then apply again", address);
    return error_hint(err,
                      "redis-cli -h %.*s -p %s CONFIG SET maxmemory %" PRId64
                      ", then plan the rest and approve that plan (ecmig plan %s, ecmig apply %s "
                      "--approve DIGEST); set it back after the migration",
                      (int)(colon - address), address, colon + 1, enough, asked->file, asked->file);
}

static const char *file_of(const struct site *site) {
    return site->config_file ? site->config_file : "FILE";
}

static bool allows(const struct asked *asked, const struct redis_reply *reply, struct error *err) {
    AUTO(node_clear) struct observed_node node = { 0 };
    AUTO(server_info_clear) struct server_info server = { 0 };
    struct room room;
    node_read_info(redis_text(reply), reply->length, &node);
    server_info_read(reply, &server);
    int64_t size = asked->backlog_bytes;
    if (size < 0)
        size = server.backlog_size_bytes;
    room_of(&node, &room);
    const struct room_need need = { room_backlog_growth(&node, size), asked->comparison_bytes };
    return room_fits(&room, &need) || refuse(asked, &room, &need, err);
}

bool memory_allows_backlogs(const struct site *site, const struct many *servers,
                            const int64_t *backlog_bytes, struct error *err) {
    int64_t comparison_bytes = room_of_comparison(site->config);
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    if (!servers->count)
        return true;
    if (!many_call(servers, REDIS_NOW, &replies, err, "INFO", NULL))
        return false;
    for (size_t i = 0; i < servers->count; i++) {
        const struct asked asked = { redis_name(servers->items[i]), file_of(site),
                                     backlog_bytes ? backlog_bytes[i] : -1, comparison_bytes };
        if (!allows(&asked, replies.items[i], err))
            return false;
    }
    return true;
}

bool memory_has_room(const struct site *site, const char *address, const struct redis_reply *info,
                     struct error *err) {
    const struct asked asked = { address, file_of(site), -1, room_of_comparison(site->config) };
    return is_waived(site) || allows(&asked, info, err);
}

bool memory_allows(struct site *site, struct error *err) {
    AUTO(many_clear) struct many servers = { 0 };
    if (is_waived(site))
        return true;
    if (!site_source(site, SITE_PRIMARIES, err))
        return false;
    site_list(site, SITE_PRIMARIES, &servers);
    return memory_allows_backlogs(site, &servers, NULL, err);
}
