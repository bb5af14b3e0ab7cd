#include "executor/steps/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "providers/observe/node.h"
#include "providers/redis/server.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/text.h"
#include "schemas/observed/room.h"

#define FINDING "source-memory-room"

struct sizes { /* of the backlog that each of the servers shall have; -1: as it is */
    int64_t *items;
    size_t count;
};
static void sizes_clear(struct sizes *sizes) {
    free(sizes->items);
}
AUTO_VALUE(struct sizes, sizes_clear)

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
    (void)error_set(err, ERROR_BLOCKED, "'%s' has no memory for this step: %s", address,
                    text_string(&sum));
    int64_t enough = room_enough_maxmemory(room, need);
    const char *colon = strrchr(address, ':');
    if (!enough || !colon)
        return error_hint(err, "free memory on the machine of '%s', then apply again", address);
    return error_hint(
        err,
        "redis-cli -h %.*s -p %s CONFIG SET maxmemory %" PRId64
        ", then plan what remains and approve that (ecmig plan %s, ecmig apply %s --approve "
        "DIGEST); set it back after the migration",
        (int)(colon - address), address, colon + 1, enough, asked->file, asked->file);
}

static const char *file_of(const struct step_run *run) {
    return run->site->config_file ? run->site->config_file : "FILE";
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

static bool allow(struct step_run *run, struct many *servers, const struct sizes *sizes,
                  struct error *err) {
    int64_t comparison_bytes = room_of_comparison(run->site->config);
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    if (!servers->count)
        return true;
    if (!many_call(servers, REDIS_NOW, &replies, err, "INFO", NULL))
        return false;
    for (size_t i = 0; i < servers->count; i++) {
        const struct asked asked = { redis_name(servers->items[i]), file_of(run),
                                     sizes->count ? sizes->items[i] : -1, comparison_bytes };
        if (!allows(&asked, replies.items[i], err))
            return false;
    }
    return true;
}

bool memory_has_room(struct step_run *run, const char *address, const struct redis_reply *info,
                     struct error *err) {
    const struct asked asked = { address, file_of(run), -1, room_of_comparison(run->site->config) };
    return is_waived(run->site) || allows(&asked, info, err);
}

/* -1 where the value is no size, or nothing is raised: a limit that is lowered gives memory back.
 */
static int64_t raised_backlog(const char *name, const struct setting_node *node) {
    int64_t after = number_or(node->after, -1);
    bool raised =
        strcmp(name, ROOM_BACKLOG) == 0 && node->value && after > number_or(node->value, 0);
    return raised ? after : -1;
}

bool memory_allows_setting(struct step_run *run, const struct setting_nodes *nodes,
                           struct error *err) {
    AUTO(many_clear) struct many servers = { 0 };
    AUTO(sizes_clear) struct sizes sizes = { 0 };
    for (size_t i = 0; i < nodes->count; i++) {
        int64_t size = raised_backlog(plan_step_setting(run->step), &nodes->items[i]);
        if (!nodes->items[i].ordered || !nodes->items[i].connection || size < 0)
            continue;
        many_add(&servers, nodes->items[i].connection);
        *LIST_ADD(&sizes) = size;
    }
    return allow(run, &servers, &sizes, err);
}

bool memory_allows(struct step_run *run, struct error *err) {
    AUTO(many_clear) struct many servers = { 0 };
    const struct sizes as_they_are = { 0 };
    if (is_waived(run->site))
        return true;
    if (!site_source(run->site, SITE_PRIMARIES, err))
        return false;
    site_list(run->site, SITE_PRIMARIES, &servers);
    return allow(run, &servers, &as_they_are, err);
}
