/* Row 12: the source's replication log from the first byte that is not on the target to now holds
 * no write of a client. Loud when it does: those writes are on the source only, and are never
 * replayed by us, since an old value over a newer one corrupts. */
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define TAIL_MS 5000

static bool ask_all(struct redis_connection *node, struct replication *position,
                    struct audit_counters *counters, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(node, REDIS_NOW, &reply, err, "INFO", "all", NULL))
        return false;
    AUTO(info_clear) struct info info = { 0 };
    info_parse(redis_text(reply), reply->length, &info);
    replication_read(&info, position);
    audit_counters_read(&info, counters);
    return true;
}

/* Reads [from, to] of the log; *whole says whether all of it was there to be read. */
static bool read_tail(struct site *site, const struct site_node *node, const char *replid,
                      int64_t from, int64_t to, struct audit_tail *tail, bool *whole,
                      struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    bool continued = false;
    int64_t deadline_mono_ms = clock_mono_ms() + TAIL_MS;
    *whole = false;
    if (!site_connect(site, node->address, "ecmig-audit", true, &connection, err) ||
        !redis_tail(connection, replid, from, &continued, err))
        return false;
    while (continued && from + tail->bytes <= to) {
        AUTO(redis_reply_free) struct redis_reply *command = NULL;
        if (!redis_tail_next(connection, deadline_mono_ms, &command, err))
            return false;
        if (!command)
            return true;
        audit_tail_add(tail, command);
    }
    *whole = continued;
    return true;
}

/* Key names leave this machine only as hashes. */
static bool keep_escaped(struct step_run *run, const struct strings *escaped, struct error *err) {
    AUTO(string_free) char *folder = NULL;
    AUTO(string_free) char *list = strings_join(escaped, "\n");
    struct json *hashes = json_new_array();
    for (size_t i = 0; i < escaped->count; i++) {
        char hex[DIGEST_HEX_BYTES];
        digest_sha256_hex(escaped->items[i], strlen(escaped->items[i]), hex);
        json_append(hashes, json_new_string(hex));
    }
    json_put(run->evidence, "escaped", hashes);
    if (!gitstore_private_folder(run->site->store, &folder, err))
        return false;
    AUTO(string_free) char *name = xasprintf("%s-escaped.txt", journal_run(run->site->journal));
    AUTO(string_free) char *path = path_join(folder, name);
    return file_write(path, list, strlen(list), 0600, err) &&
           (events_emit(run->site->events, EVENT_DIAGNOSTIC, SEVERITY_ERROR, run->step->id, NULL,
                        NULL, "the escaped writes are listed in %s", path),
            true);
}

/* What of one shard was looked at, and what was found. */
struct shard_audit {
    struct audit_tail tail;
    enum audit_verdict verdict;
    char *why; /* NULL when clean */
    int64_t from, to;
};

static void shard_audit_clear(struct shard_audit *audit) {
    audit_tail_clear(&audit->tail);
    free(audit->why);
}
AUTO_VALUE(struct shard_audit, shard_audit_clear)

static enum audit_verdict open_question(struct shard_audit *audit, const char *what,
                                        const char *message) {
    audit->why = message ? xasprintf("%s: %s", what, message) : xstrdup(what);
    return AUDIT_INCONCLUSIVE;
}

static enum audit_verdict look(struct site *site, const struct site_node *primary,
                               const struct cutover_shard *shard, struct shard_audit *audit) {
    AUTO(replication_clear) struct replication now = { 0 };
    AUTO(audit_counters_clear) struct audit_counters counters = { 0 };
    AUTO(fence_list_clear) struct fence_list fence = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(many_clear) struct many alone = { 0 };
    bool whole = true;
    many_add(&alone, primary->connection);
    bool fenced = cutover_fences(site);
    if (!ask_all(primary->connection, &now, &counters, &err) ||
        (fenced && !fence_read(&alone, &fence, &err)))
        return open_question(audit, "the source could not be asked", err.message);
    audit->to = now.offset;
    if (fenced && strcmp(fence.items[0].write, site->cutover->fence) != 0)
        return open_question(audit, "the fence was gone", NULL);
    if (!now.is_primary || !replication_continues(&now, &shard->at) ||
        now.offset < shard->at.offset ||
        (shard->at_final.run_id && counters.run_id &&
         strcmp(shard->at_final.run_id, counters.run_id) != 0))
        return open_question(audit, "the source was restarted or failed over", NULL);
    bool something = now.offset >= audit->from;
    if (something && (now.backlog_first_offset < 0 || now.backlog_first_offset > audit->from))
        return open_question(audit, "the source's backlog does not reach back to the fence", NULL);
    if (something &&
        !read_tail(site, primary, now.replid, audit->from, now.offset, &audit->tail, &whole, &err))
        return open_question(audit, "the source's log could not be read", err.message);
    if (!whole)
        return open_question(audit, "the source's log could not be read to its end", NULL);
    return audit_judge(&audit->tail, &shard->at_final, &counters, primary->version, &audit->why);
}

/* Of several shards the one that counts most: what escaped anywhere, escaped. */
static bool outweighs(enum audit_verdict verdict, enum audit_verdict other) {
    static const int weights[] = {
        [AUDIT_CLEAN] = 0, [AUDIT_INCONCLUSIVE] = 1, [AUDIT_ESCAPED] = 2
    };
    return weights[verdict] > weights[other];
}

static void note(struct step_run *run, struct json *shards, const struct cutover_shard *shard,
                 const struct shard_audit *audit) {
    struct json *entry = json_new_object();
    json_put_string(entry, "shard", shard->name);
    json_put_string(entry, "verdict", audit_verdict_name(audit->verdict));
    json_put_string(entry, "why", audit->why);
    json_put_int(entry, "from", audit->from);
    json_put_int(entry, "to", audit->to);
    json_put_int(entry, "commands", audit->tail.commands);
    json_append(shards, entry);
    if (*shard->name && audit->verdict != AUDIT_CLEAN)
        events_emit(run->site->events, EVENT_DIAGNOSTIC, SEVERITY_WARNING, run->step->id, NULL,
                    NULL, "slots %s: %s, %s", shard->name, audit_verdict_name(audit->verdict),
                    audit->why);
}

/* Every shard; the worst verdict counts. The source may be gone: that is a verdict too. */
static void look_at_all(struct step_run *run, enum audit_verdict *verdict, char **why,
                        struct strings *escaped) {
    struct site *site = run->site;
    struct cutover *cutover = site->cutover;
    AUTO(error_clear) struct error failure = { 0 };
    struct json *shards = json_new_array();
    json_put(run->evidence, "shards", shards);
    *verdict = AUDIT_CLEAN;
    if (!site_source(site, SITE_PRIMARIES, &failure) ||
        !cutover_know_shards(site, cutover, &failure) || !site_is_unmoved(site, true, &failure)) {
        *verdict = AUDIT_INCONCLUSIVE;
        *why = TAKE(failure.message);
        return;
    }
    for (size_t s = 0; s < cutover->shards.count; s++) {
        const struct cutover_shard *shard = &cutover->shards.items[s];
        AUTO(shard_audit_clear) struct shard_audit audit = { .from = shard->audit_from };
        audit.verdict = look(site, site_primary(site, s), shard, &audit);
        note(run, shards, shard, &audit);
        for (size_t i = 0; i < audit.tail.escaped.count; i++)
            strings_add(escaped, audit.tail.escaped.items[i]);
        if (!outweighs(audit.verdict, *verdict))
            continue;
        *verdict = audit.verdict;
        string_replace(why, audit.why);
    }
}

static bool audit(struct step_run *run, struct error *err) {
    AUTO(strings_clear) struct strings escaped = { 0 };
    AUTO(string_free) char *why = NULL;
    enum audit_verdict verdict;
    if (!run->site->cutover)
        return error_set(err, ERROR_FAILED, "no cutover of this run is open to be audited");
    look_at_all(run, &verdict, &why, &escaped);
    json_put_string(run->evidence, "verdict", audit_verdict_name(verdict));
    json_put_string(run->evidence, "why", why);
    if (escaped.count && !keep_escaped(run, &escaped, err))
        return false;
    /* Escaped is no reason to leave the source's settings raised: the run ends, and ends loud. */
    static const enum severity loudness[] = { SEVERITY_NOTE, SEVERITY_ERROR, SEVERITY_WARNING };
    events_emit(run->site->events, EVENT_DIAGNOSTIC, loudness[verdict], run->step->id, NULL, NULL,
                "audit %s: %s", audit_verdict_name(verdict),
                why ? why : "nothing was written on the source after the fence");
    return true;
}

const struct step_runner step_audit = { .run = audit };
