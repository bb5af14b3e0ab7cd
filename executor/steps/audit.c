/* Row 12: the source's replication log from the first byte that is not on the target to now holds
 * no write of a client. Loud when it does: those writes are on the source only, and are never
 * replayed by us, since an old value over a newer one corrupts. */
#include <inttypes.h>
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

static bool open_tail(struct site *site, struct redis_connection **out, struct error *err) {
    char host[256];
    struct redis_options options = { .host = host,
                                     .username = site->config->source.username,
                                     .password = site->source_password,
                                     .timeout_ms = site->config->source.timeout_ms,
                                     .client_name = "ecmig-audit" };
    return redis_address_parse(site->nodes.items[0].address, host, &options.port) &&
           redis_open(&options, out, err);
}

/* Reads [from, to] of the log; *whole says whether all of it was there to be read. */
static bool read_tail(struct site *site, const char *replid, int64_t from, int64_t to,
                      struct audit_tail *tail, bool *whole, struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    bool continued = false;
    int64_t deadline_mono_ms = clock_mono_ms() + TAIL_MS;
    *whole = false;
    if (!open_tail(site, &connection, err) ||
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
static bool keep_escaped(struct step_run *run, const struct audit_tail *tail, struct error *err) {
    AUTO(string_free) char *folder = NULL;
    AUTO(string_free) char *list = strings_join(&tail->escaped, "\n");
    struct json *hashes = json_new_array();
    for (size_t i = 0; i < tail->escaped.count; i++) {
        char hex[DIGEST_HEX_BYTES];
        digest_sha256_hex(tail->escaped.items[i], strlen(tail->escaped.items[i]), hex);
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

static enum audit_verdict look(struct step_run *run, struct audit_tail *tail, char **why,
                               struct error *err) {
    struct site *site = run->site;
    const struct cutover *cutover = site->cutover;
    AUTO(replication_clear) struct replication now = { 0 };
    AUTO(audit_counters_clear) struct audit_counters counters = { 0 };
    bool whole = true, fenced = false;
    int64_t from = cutover->audit_from;
    struct redis_connection *primary;
    if (!site_primary(site, &primary, err) || !ask_all(primary, &now, &counters, err) ||
        !fence_stands(primary, cutover->fence, &fenced, err)) {
        *why = xasprintf("the source could not be asked: %s", err->message);
        return AUDIT_INCONCLUSIVE;
    }
    json_put_int(run->evidence, "from", from);
    json_put_int(run->evidence, "to", now.offset);
    if (!fenced || !now.is_primary || !replication_continues(&now, &cutover->final) ||
        now.offset < cutover->final.offset ||
        (cutover->at_final.run_id && counters.run_id &&
         strcmp(cutover->at_final.run_id, counters.run_id) != 0)) {
        *why = xstrdup(!fenced ? "the fence was gone" : "the source was restarted or failed over");
        return AUDIT_INCONCLUSIVE;
    }
    if (now.offset >= from && (now.backlog_first_offset < 0 || now.backlog_first_offset > from)) {
        *why = xstrdup("the source's backlog does not reach back to the fence");
        return AUDIT_INCONCLUSIVE;
    }
    if (now.offset >= from && !read_tail(site, now.replid, from, now.offset, tail, &whole, err)) {
        *why = xasprintf("the source's log could not be read: %s", err->message);
        return AUDIT_INCONCLUSIVE;
    }
    if (!whole) {
        *why = xstrdup("the source's log could not be read to its end");
        return AUDIT_INCONCLUSIVE;
    }
    return audit_judge(tail, &cutover->at_final, &counters,
                       site_version(site, site->nodes.items[0].address), why);
}

static bool audit(struct step_run *run, struct error *err) {
    AUTO(audit_tail_clear) struct audit_tail tail = { 0 };
    AUTO(string_free) char *why = NULL;
    AUTO(error_clear) struct error cause = { 0 };
    if (!run->site->cutover)
        return error_set(err, ERROR_FAILED, "no cutover of this run is open to be audited");
    enum audit_verdict verdict = look(run, &tail, &why, &cause);
    json_put_string(run->evidence, "verdict", audit_verdict_name(verdict));
    json_put_string(run->evidence, "why", why);
    json_put_int(run->evidence, "commands", tail.commands);
    if (tail.escaped.count && !keep_escaped(run, &tail, err))
        return false;
    /* Escaped is no reason to leave the source's settings raised: the run ends, and ends loud. */
    static const enum severity loudness[] = { SEVERITY_NOTE, SEVERITY_ERROR, SEVERITY_WARNING };
    events_emit(run->site->events, EVENT_DIAGNOSTIC, loudness[verdict], run->step->id, NULL, NULL,
                "audit %s: %s", audit_verdict_name(verdict),
                why ? why : "nothing was written on the source after the fence");
    return true;
}

const struct step_runner step_audit = { .run = audit };
