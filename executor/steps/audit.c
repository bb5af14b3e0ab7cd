/* Audit: the source's replication log from the first byte that is not on the target to now holds
 * no write of a client. Loud when it does: those writes are on the source only, and are never
 * replayed by us, since an old value over a newer one corrupts. */
#include "executor/steps/audit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define TAIL_MS 5000

static bool ask_all(struct redis_connection *node, struct replication *position,
                    struct audit_counters *counters, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(node, REDIS_NOW, &reply, err, "INFO", "all", NULL))
        return false;
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(reply, &server);
    replication_read(&server, position);
    audit_counters_read(&server, counters);
    return true;
}

/* Of the log: [from, to] is judged, and what the counters count from `read_from` on is told apart.
 */
struct span {
    const char *replid;
    int64_t read_from, from, to;
};

/* *whole says whether all of it was there to be read. */
static bool read_tail(struct site *site, const struct site_node *node, const struct span *span,
                      struct audit_tail *tail, bool *whole, struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    bool continued = false;
    int64_t deadline_mono_ms = clock_mono_ms() + TAIL_MS;
    *whole = false;
    if (!site_connect(site, node->address, "ecmig-audit", true, &connection, err) ||
        !redis_tail(connection, span->replid, span->read_from, &continued, err))
        return false;
    for (int64_t at = span->read_from; continued && at <= span->to;) {
        AUTO(redis_reply_free) struct redis_reply *command = NULL;
        if (!redis_tail_next(connection, deadline_mono_ms, &command, err))
            return false;
        if (!command)
            return true;
        if (at < span->from)
            audit_tail_pass(tail, command);
        else
            audit_tail_add(tail, command);
        at += audit_command_bytes(command);
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
           (events_emit(run->site->events,
                        &(struct event_fact){ .kind = EVENT_DIAGNOSTIC,
                                              .level = SEVERITY_ERROR,
                                              .step = run->step->id },
                        "the escaped writes are listed in %s", path),
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
    AUTO(error_clear) struct error err = { 0 };
    bool whole = true;
    if (!ask_all(primary->connection, &now, &counters, &err))
        return open_question(audit, "the source did not answer", err.message);
    audit->to = now.offset;
    if (!now.is_primary || !replication_continues(&now, &shard->at) ||
        now.offset < shard->at.offset ||
        (shard->at_final.run_id && counters.run_id &&
         strcmp(shard->at_final.run_id, counters.run_id) != 0))
        return open_question(audit, "the source was restarted or failed over", NULL);
    bool something = now.offset >= audit->from;
    if (something && (now.backlog_first_offset < 0 || now.backlog_first_offset > audit->from))
        return open_question(audit, "the source's backlog does not reach back to the fence", NULL);
    bool reset_before = shard->reset_offset > shard->at.offset && shard->reset_offset < audit->from;
    int64_t counted_from = (reset_before ? shard->reset_offset : shard->at.offset) + 1;
    bool reaches = now.backlog_first_offset <= counted_from && counted_from < audit->from;
    const struct span span = { now.replid, reaches ? counted_from : audit->from, audit->from,
                               now.offset };
    if (something && !read_tail(site, primary, &span, &audit->tail, &whole, &err))
        return open_question(audit, "the source's log could not be read", err.message);
    if (!whole)
        return open_question(audit, "the source's log could not be read to its end", NULL);
    return audit_judge(&audit->tail, reset_before ? &shard->at_reset : &shard->at_final, &counters,
                       primary->version, &audit->why);
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
        events_warn(run->site->events, run->step->id, "slots %s: %s, %s", shard->name,
                    audit_verdict_name(audit->verdict), audit->why);
}

/* Of all shards. */
struct audit_result {
    enum audit_verdict verdict; /* the worst */
    char *why;                  /* NULL when clean */
    struct strings escaped;
    bool unreachable; /* the source does not answer */
};

static void audit_result_clear(struct audit_result *result) {
    free(result->why);
    strings_clear(&result->escaped);
}
AUTO_VALUE(struct audit_result, audit_result_clear)

static void look_at_shards(struct step_run *run, struct json *shards, struct audit_result *out) {
    const struct cutover *cutover = run->site->cutover;
    for (size_t s = 0; s < cutover->shards.count; s++) {
        const struct cutover_shard *shard = &cutover->shards.items[s];
        AUTO(shard_audit_clear) struct shard_audit audit = { .from = shard->audit_from };
        audit.verdict = look(run->site, site_primary(run->site, s), shard, &audit);
        note(run, shards, shard, &audit);
        for (size_t i = 0; i < audit.tail.escaped.count; i++)
            strings_add(&out->escaped, audit.tail.escaped.items[i]);
        for (size_t i = 0; audit.verdict == AUDIT_ESCAPED && i < audit.tail.deleted.count; i++)
            strings_add(&out->escaped, audit.tail.deleted.items[i]);
        if (!outweighs(audit.verdict, out->verdict))
            continue;
        out->verdict = audit.verdict;
        string_replace(&out->why, audit.why);
    }
}

/* Every shard; the worst verdict counts. The source may be gone: that is a verdict too. The fence
 * is set again first where it is missing, so that nothing follows what is read. */
static bool look_at_all(struct step_run *run, struct json *shards, struct audit_result *out,
                        struct error *err) {
    struct site *site = run->site;
    AUTO(error_clear) struct error failure = { 0 };
    *out = (struct audit_result){ .verdict = AUDIT_CLEAN };
    if (!cutover_watch_at_once(site, err))
        return false;
    if (site_source(site, SITE_PRIMARIES, &failure)) {
        if (cutover_know_shards(site, site->cutover, &failure) &&
            site_is_unmoved(site, true, &failure)) {
            look_at_shards(run, shards, out);
            return true;
        }
    } else {
        out->unreachable = true;
    }
    out->verdict = AUDIT_INCONCLUSIVE;
    out->why = TAKE(failure.message);
    return true;
}

bool audit_before_switch(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    const struct journal_state *state = journal_state(site->journal);
    AUTO(audit_result_clear) struct audit_result result = { 0 };
    AUTO(json_free) struct json *shards = json_new_array();
    if (!cutover_fences(site) || state->marks[JOURNAL_MARK_SWITCH_STARTED].count)
        return true;
    if (!look_at_all(run, shards, &result, err))
        return false;
    bool doubtful = result.verdict == AUDIT_INCONCLUSIVE && state->fence_missing_count > 0 &&
                    !result.unreachable;
    if (result.verdict != AUDIT_ESCAPED && !doubtful)
        return true;
    if (result.escaped.count && !keep_escaped(run, &result.escaped, err))
        return false;
    error_set(err, ERROR_FAILED, "the applications were not moved: %s%s", result.why,
              doubtful ? ", and the fence was missing" : ", which the target does not have");
    return error_hint(err,
                      "stop what lifts the fence, and give the source, which has every write, back "
                      "to the applications: ecmig abort %s",
                      site->config_file ? site->config_file : "FILE");
}

/* A fence that was missing is reported with every verdict. */
static char *sentence(const struct site *site, const struct audit_result *result) {
    const struct journal_state *state = journal_state(site->journal);
    const char *why =
        result->why ? result->why : "nothing was written on the source after the fence";
    if (!state->fence_missing_count)
        return xstrdup(why);
    AUTO(string_free) char *missing = units_duration(state->fence_missing_ms);
    return xasprintf(
        "%s%s the fence was found missing %" PRId64 " times and set again (up to %s in total)", why,
        result->verdict == AUDIT_CLEAN ? ", although" : ";", state->fence_missing_count, missing);
}

static bool audit(struct step_run *run, struct error *err) {
    AUTO(audit_result_clear) struct audit_result result = { 0 };
    struct json *shards = json_new_array();
    json_put(run->evidence, "shards", shards);
    if (!run->site->cutover)
        return error_set(err, ERROR_FAILED, "no cutover of this run is waiting for an audit");
    if (!look_at_all(run, shards, &result, err))
        return false;
    const struct journal_state *state = journal_state(run->site->journal);
    AUTO(string_free) char *words = sentence(run->site, &result);
    json_put_string(run->evidence, "verdict", audit_verdict_name(result.verdict));
    json_put_string(run->evidence, "why", result.why);
    json_put_int(run->evidence, "escaped_count", (int64_t)result.escaped.count);
    json_put_int(run->evidence, "fence_missing_count", state->fence_missing_count);
    json_put_int(run->evidence, "fence_missing_ms", state->fence_missing_ms);
    if (result.escaped.count && !keep_escaped(run, &result.escaped, err))
        return false;
    /* An escaped write does not justify leaving the source's settings raised: the run ends, and
     * ends loud. */
    static const enum severity loudness[] = { SEVERITY_NOTE, SEVERITY_ERROR, SEVERITY_WARNING };
    events_emit(run->site->events,
                &(struct event_fact){ .kind = EVENT_DIAGNOSTIC,
                                      .level = loudness[result.verdict],
                                      .step = run->step->id },
                "audit %s: %s", audit_verdict_name(result.verdict), words);
    return true;
}

static void put_verdict(struct step_run *run, enum audit_verdict verdict, const char *why) {
    json_put_string(run->evidence, "verdict", audit_verdict_name(verdict));
    json_put_string(run->evidence, "why", why);
    events_emit(
        run->site->events,
        &(struct event_fact){ .kind = EVENT_DIAGNOSTIC,
                              .level = verdict == AUDIT_ESCAPED ? SEVERITY_ERROR : SEVERITY_WARNING,
                              .step = run->step->id },
        "audit %s: %s", audit_verdict_name(verdict), why);
}

/* A process that took the run over after its audit does not know where the log is to be read from.
 */
static bool set_again_unwatched(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(string_free) char *value = fence_value(journal_run(site->journal));
    AUTO(many_clear) struct many nodes = { 0 };
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    bool stands = true;
    site_list(site, SITE_NODES, &nodes);
    if (!fence_read(&nodes, &now, err))
        return false;
    for (size_t i = 0; i < now.count; i++)
        stands &= fence_stands(&now.items[i], value);
    if (stands)
        return true;
    if (!step_may_act(run, err) || !fence_set(&nodes, value, err))
        return false;
    put_verdict(run, AUDIT_INCONCLUSIVE, "the fence was missing after the audit, and is set again");
    return true;
}

bool audit_at_end(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    const struct journal_state *state = journal_state(site->journal);
    const struct journal_step *audited = journal_step_find(state, step_key_audit);
    AUTO(audit_result_clear) struct audit_result result = { 0 };
    AUTO(json_free) struct json *shards = json_new_array();
    if (!cutover_fences(site))
        return true;
    if (!site->cutover)
        return set_again_unwatched(run, err);
    if (!cutover_watch_at_once(site, err))
        return false;
    int64_t known_count =
        audited && audited->outcome ? json_find_int(audited->outcome, "fence_missing_count", 0) : 0;
    if (state->fence_missing_count <= known_count)
        return true;
    if (!look_at_all(run, shards, &result, err) ||
        (result.escaped.count && !keep_escaped(run, &result.escaped, err)))
        return false;
    AUTO(string_free) char *words = sentence(site, &result);
    put_verdict(run, result.verdict, words);
    return true;
}

const struct step_runner step_audit = { .run = audit };
