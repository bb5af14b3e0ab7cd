#include "executor/cutover/questions.h"

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"

static bool history_is_told(const struct site_node *primary, const struct redis_reply *reply,
                            struct error *err) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    AUTO(replication_clear) struct replication seen = { 0 };
    server_info_read(reply, &server);
    replication_read(&server, &seen);
    if (!replication_is_source(&seen, primary->address, err))
        return false;
    if (seen.offset >= 0)
        return true;
    return error_set(err, ERROR_BLOCKED, "INFO of the source '%s' has no master_repl_offset",
                     primary->address);
}

bool cutover_questions(struct site *site, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    AUTO(fence_list_clear) struct fence_list fences = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    if (!many_call(&primaries, site_deadline(site), &replies, err, "INFO", "all", NULL))
        return false;
    for (size_t s = 0; s < replies.count; s++)
        if (!history_is_told(site_primary(site, s), replies.items[s], err))
            return false;
    bool answered = many_call(&primaries, REDIS_NOW, NULL, err, "SCAN", "0", "COUNT", "1", NULL) &&
                    many_call(&primaries, REDIS_NOW, NULL, err, "CLIENT", "LIST", NULL) &&
                    (!cutover_fences(site) || fence_read(&primaries, &fences, err));
    return answered || error_hint(err, "the cutover sends this command to every primary of the "
                                       "source: allow the user to run it, then apply again");
}
