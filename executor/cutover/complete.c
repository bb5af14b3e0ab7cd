/* Send and confirm: CompleteMigration is sent at most once at a time, and believed only when the
 * target itself shows that it was promoted out of the source's history with everything in it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define COMMIT_WITHIN_MS 10000
#define SEND_WITHIN_MS 30000
#define EVENTS_EVERY_MS 1000
#define RESEND_PAUSE_MS 500
#define SIGNATURE_MS                                                                               \
    (15 * 60 * 1000 + 30 * 1000) /* life of a signature, and half a minute of clock skew */

/* In the marks "sending" and "sent": by the service's clock, when a copy of the request can no
 * longer be accepted. Another machine's clock may say anything. */
#define ENDS_KEY "signature_ends_at_ms"

enum answer { ANSWER_ACCEPTED, ANSWER_UNKNOWN, ANSWER_REFUSED, ANSWER_TRY_AGAIN };

static struct json *sending(const struct cutover *cutover, const struct elasticache *service) {
    struct json *data = json_new_object(), *shards = json_new_array();
    json_put_string(data, "state", "sending");
    json_put(data, "shards", shards);
    for (size_t i = 0; i < cutover->shards.count; i++) {
        const struct cutover_shard *shard = &cutover->shards.items[i];
        struct json *entry = json_new_object();
        json_put_string(entry, "shard", shard->name);
        json_put_string(entry, "replid", shard->at.replid);
        json_put_int(entry, "offset", shard->at.offset);
        json_put(entry, "counters", shape_write(&audit_counters_shape, &shard->at_final));
        json_append(shards, entry);
    }
    json_put_int(data, "event_mark_ms", cutover->event_mark_ms);
    json_put_int(data, "waited_ms", cutover->waited_ms);
    json_put_int(data, "refused_at_ms", cutover->refused_at_ms);
    json_put_int(data, ENDS_KEY,
                 elasticache_signature_ends_ms(service, COMMIT_WITHIN_MS + SEND_WITHIN_MS));
    return data;
}

/* The commit must be through within 10 s, and the request leaves within 30 s of it. */
static bool announce(struct site *site, struct error *err) {
    AUTO(json_free) struct json *data = sending(site->cutover, site->service);
    int64_t begun_boot_ms = clock_boot_ms();
    if (!journal_record(site->journal, "CompleteMigration is being sent",
                        &(struct journal_fact){ .type = JOURNAL_CUTOVER, .data = data }, err))
        return false;
    if (clock_boot_ms() - begun_boot_ms <= COMMIT_WITHIN_MS)
        return true;
    return error_set(err, ERROR_DEADLINE,
                     "the journal took longer than 10 s to record the intent to send");
}

/* Kept on this machine before anything is signed: without it a process that takes over here knows
 * that nothing was sent, and need not wait until a signature would have expired. A process that was
 * suspended for long must ask for the lock again first. */
static bool about_to_sign(struct site *site, int64_t *deadline_mono_ms, struct error *err) {
    *deadline_mono_ms = clock_mono_ms() + SEND_WITHIN_MS;
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "sent");
    json_put_int(data, ENDS_KEY, elasticache_signature_ends_ms(site->service, SEND_WITHIN_MS));
    return journal_add(site->journal,
                       &(struct journal_fact){ .type = JOURNAL_CUTOVER, .data = data }, err) &&
           journal_confirm_lock(site->journal, JOURNAL_FRESH_MS, err);
}

static bool is_passing(const struct error *err) {
    return err->code == ERROR_THROTTLED || err->code == ERROR_UNREACHABLE;
}

/* A server that failed inside may have acted all the same. */
static bool is_unknown(const struct error *err) {
    return err->code == ERROR_LOST_ANSWER || err->code == ERROR_DEADLINE ||
           err->code == ERROR_FORMAT || error_is_remote(err, "InternalFailure") ||
           error_is_remote(err, "InternalError") || error_is_remote(err, "ServiceUnavailable");
}

/* The deadline was set before the lock was confirmed: it is signed first and looked at then, so
 * that a process that was suspended in between does not send what is signed anew. */
static enum answer send_request(struct site *site, int64_t deadline_mono_ms,
                                int64_t *expires_mono_ms, struct error *err) {
    int64_t signature_expires_at_ms = 0;
    /* Together, and before: the wall clock may be stepped while the answer is waited for. */
    int64_t wall_ms = clock_wall_ms(), mono_ms = clock_mono_ms();
    bool accepted = elasticache_complete(site->service, site->config->target.replication_group,
                                         false, deadline_mono_ms, &signature_expires_at_ms, err);
    *expires_mono_ms =
        mono_ms + moment_signature_ms(signature_expires_at_ms ? signature_expires_at_ms - wall_ms
                                                              : SIGNATURE_MS);
    moment("after CompleteMigration");
    if (accepted)
        return ANSWER_ACCEPTED;
    events_warn(site->events, NULL, "CompleteMigration: %s", err->message);
    return is_passing(err) ? ANSWER_TRY_AGAIN : is_unknown(err) ? ANSWER_UNKNOWN : ANSWER_REFUSED;
}

static bool confirm(struct step_run *run, const struct positions *seen, const char *strength,
                    struct error *err) {
    struct cutover *cutover = run->site->cutover;
    struct json *shards = json_new_array();
    for (size_t s = 0; s < seen->count; s++) {
        struct cutover_shard *shard = &cutover->shards.items[s];
        const struct replication *target = &seen->items[s].target;
        /* After a failover inside the target it is an offset of another history. */
        if (replication_promotion(target, &seen->items[s].source, &shard->at) == PROMOTION_CLEAN)
            shard->audit_from = target->second_offset;
        struct json *entry = json_new_object();
        json_put_string(entry, "shard", shard->name);
        json_put(entry, "target", shape_write(&replication_shape, target));
        json_put_int(entry, "audit_from", shard->audit_from);
        json_append(shards, entry);
    }
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "confirmed");
    json_put_string(data, "evidence", strength);
    json_put(data, "shards", shards);
    json_put(run->evidence, "shards", json_share(shards));
    bool recorded = journal_record_outcome(
        run->site->journal, "the target is the primary",
        &(struct journal_fact){ .type = JOURNAL_CUTOVER, .data = data }, err);
    moment("after the promotion");
    return recorded;
}

/* What the target's promotion proves, over all shards. */
struct sight {
    size_t counts[PROMOTION_UNPROVEN + 1]; /* of shards, by enum promotion */
    const struct cutover_shard *early;     /* one of those */
    int64_t early_at;
};

/* A connection that broke, as a promotion may do, is opened anew; a target that cannot be asked has
 * shown nothing. A source that no longer answers leaves only the sampled history to compare
 * with. */
static void look(struct site *site, struct sight *sight, struct positions *seen) {
    AUTO(error_clear) struct error passing = { 0 };
    *sight = (struct sight){ 0 };
    if (!site_targets(site, &passing) || !cutover_look(site, seen, &passing)) {
        sight->counts[PROMOTION_NONE] = site->shards.count;
        return;
    }
    for (size_t s = 0; s < seen->count; s++) {
        const struct cutover_shard *shard = &site->cutover->shards.items[s];
        const struct position *position = &seen->items[s];
        enum promotion promotion =
            replication_promotion(&position->target, &position->source, &shard->at);
        sight->counts[promotion]++;
        if (promotion != PROMOTION_EARLY)
            continue;
        sight->early = shard;
        sight->early_at = position->target.second_offset;
    }
}

static bool is_early(const struct sight *sight, struct error *err) {
    if (!sight->early)
        return false;
    error_set(err, ERROR_ROLLED_BACK,
              "the target was promoted at %" PRId64 " but the source had written up to %" PRId64,
              sight->early_at, sight->early->at.offset);
    if (*sight->early->name)
        error_wrap(err, "slots %s", sight->early->name);
    error_hint(err, "writes are missing there: abort, the fenced source has everything");
    return true;
}

/* Some shards follow the source still, others were promoted, and the service has finished: no hook
 * may start. */
static bool is_partial(const struct site *site, const struct sight *sight) {
    size_t left_count = sight->counts[PROMOTION_NONE];
    return left_count && left_count < site->shards.count;
}

static bool torn(const struct site *site, const struct sight *sight, struct error *err) {
    error_set(
        err, ERROR_ROLLED_BACK,
        "%zu of %zu shards of the target were not promoted, and the service reports completion",
        sight->counts[PROMOTION_NONE], site->shards.count);
    return error_hint(err, "abort: the fenced source has every write, and replication starts over");
}

/* Looked at once more after the service has reported completion: it may have just finished. */
static bool is_torn(struct site *site, const struct sight *sight, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    AUTO(positions_clear) struct positions seen = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    struct sight again;
    if (!is_partial(site, sight) || !site_describe_target(site, &group, &ignored) ||
        strcmp(group.status, "available") != 0)
        return false;
    look(site, &again, &seen);
    return is_partial(site, &again) && !torn(site, &again, err);
}

/* The newest verdict event after the mark: a failure frees us to send again. */
static void read_events(struct site *site, enum migration_event *kind, char **message) {
    AUTO(error_clear) struct error ignored = { 0 };
    int64_t at_ms = 0;
    *kind = MIGRATION_EVENT_OTHER;
    if (step_event_since(site, site->cutover->event_mark_ms, kind, &at_ms, message, &ignored) &&
        *kind == MIGRATION_EVENT_FAILED)
        site->cutover->event_mark_ms = at_ms;
}

enum outcome { OUTCOME_PROMOTED, OUTCOME_FAILED_EVENT, OUTCOME_QUIET };

/* Watches until promotion is proven, the service says that it failed, or the time is over. */
static bool watch(struct step_run *run, int64_t deadline_mono_ms, enum outcome *outcome,
                  struct error *err) {
    struct site *site = run->site;
    int64_t next_events_mono_ms = clock_mono_ms() + 200;
    *outcome = OUTCOME_QUIET;
    for (int64_t pause_ms = 2;; pause_ms = pause_ms < 500 ? pause_ms + 1 : pause_ms) {
        AUTO(positions_clear) struct positions seen = { 0 };
        AUTO(string_free) char *message = NULL;
        enum migration_event kind = MIGRATION_EVENT_OTHER;
        struct sight sight;
        look(site, &sight, &seen);
        if (sight.counts[PROMOTION_CLEAN] == site->shards.count) {
            *outcome = OUTCOME_PROMOTED;
            return confirm(run, &seen, "second_repl_offset", err);
        }
        if (is_early(&sight, err))
            return false;
        if (clock_mono_ms() >= next_events_mono_ms) {
            read_events(site, &kind, &message);
            next_events_mono_ms = clock_mono_ms() + EVENTS_EVERY_MS;
            if (is_torn(site, &sight, err))
                return false;
        }
        if (kind == MIGRATION_EVENT_FAILED && is_partial(site, &sight))
            return torn(site, &sight, err);
        if (kind == MIGRATION_EVENT_FAILED && sight.counts[PROMOTION_NONE]) {
            events_warn(site->events, run->step->id, "the service reports: %s", message);
            *outcome = OUTCOME_FAILED_EVENT;
            return true;
        }
        bool success =
            kind == MIGRATION_EVENT_COMPLETE_SUCCEEDED || kind == MIGRATION_EVENT_SUCCEEDED;
        /* Force looks the same from here. But an abort takes the lock before it writes its Force
         * down, so that this commit fails; and a run that it gave up is never resumed. */
        if (success && !sight.counts[PROMOTION_NONE]) {
            *outcome = OUTCOME_PROMOTED;
            return confirm(run, &seen, "event", err);
        }
        if (!journal_renew_lock(site->journal, err))
            return false;
        step_progress(run, "waiting for the service to promote the target; writers are refused");
        if (clock_mono_ms() >= deadline_mono_ms)
            return true;
        if (!cutover_wait(site, pause_ms, deadline_mono_ms, err)) {
            if (err->code != ERROR_DEADLINE)
                return false;
            error_clear(err);
            return true;
        }
    }
}

static bool stay_fenced(struct error *err) {
    error_set(err, ERROR_UNCERTAIN, "CompleteMigration was sent and its outcome is not known");
    return error_hint(
        err, "the source stays fenced, so no write can be lost; apply again to check once more");
}

/* Nothing that was sent can still act: the writers may have the source back. */
static bool give_back(struct site *site, struct error *cause, struct error *err) {
    AUTO(error_clear) struct error why = { 0 };
    error_move(&why, cause);
    if (!cutover_lift(site, why.message, err))
        return false;
    error_set(err, ERROR_ROLLED_BACK, "%s", why.message);
    return error_hint(err, "%s",
                      why.hint ? why.hint
                               : "the source is authoritative; apply again to return to the gate");
}

/* Before each send: the final position stands (a source with a new history gets a new one), on
 * record. */
static bool prepare_send(struct site *site, bool again, int64_t *deadline_mono_ms,
                         struct error *err) {
    int64_t mark_ms = 0;
    if (!again && !step_event_mark(site, &mark_ms, err))
        return false;
    if (!again)
        site->cutover->event_mark_ms = mark_ms;
    return (!again || cutover_final(site, err)) && announce(site, err) &&
           about_to_sign(site, deadline_mono_ms, err) && cutover_watch_at_once(site, err);
}

/* Writers are refused meanwhile: the operator must know for how long. */
static void say_until(struct step_run *run, int64_t until_mono_ms) {
    char at[CLOCK_TEXT_BYTES];
    clock_format_seconds(clock_wall_ms() + until_mono_ms - clock_mono_ms(), at);
    events_warn(run->site->events, run->step->id,
                "the request may have arrived: only observing until its signature has expired, at "
                "%s; writers are refused meanwhile",
                at);
}

/* Resends only what is settled: after a refusal that may pass, after its failure event, or when the
 * signature of one whose answer was lost has expired. */
static bool send_until_promoted(struct step_run *run, bool unknown, struct error *err) {
    struct site *site = run->site;
    struct cutover *cutover = site->cutover;
    for (bool again = false;; again = true) {
        int64_t deadline_mono_ms = 0;
        if (!prepare_send(site, again, &deadline_mono_ms, err))
            return unknown ? stay_fenced(err) : give_back(site, err, err);
        if (!cutover->section_deadline_mono_ms)
            cutover->section_deadline_mono_ms = clock_mono_ms() + SECTION_MS;
        cutover->sent = true;
        int64_t expires_mono_ms = 0;
        enum answer answer = send_request(site, deadline_mono_ms, &expires_mono_ms, err);
        enum outcome outcome = OUTCOME_QUIET;
        AUTO(error_clear) struct error refusal = { 0 };
        error_move(&refusal, err);
        unknown = unknown || answer == ANSWER_UNKNOWN;
        bool settled = answer == ANSWER_REFUSED || answer == ANSWER_TRY_AGAIN;
        int64_t until_mono_ms = settled                    ? clock_mono_ms() + RESEND_PAUSE_MS
                                : answer == ANSWER_UNKNOWN ? expires_mono_ms
                                                           : cutover->section_deadline_mono_ms;
        if (until_mono_ms > cutover->section_deadline_mono_ms)
            until_mono_ms = cutover->section_deadline_mono_ms;
        if (answer == ANSWER_UNKNOWN)
            say_until(run, until_mono_ms);
        if (!watch(run, until_mono_ms, &outcome, err))
            return false;
        if (outcome == OUTCOME_PROMOTED)
            return true;
        if (outcome == OUTCOME_FAILED_EVENT)
            unknown = false;
        bool out_of_time = clock_mono_ms() >= cutover->pause_deadline_mono_ms;
        if (settled && !unknown && (answer == ANSWER_REFUSED || out_of_time))
            return give_back(site, &refusal, err);
        if (clock_mono_ms() >= cutover->section_deadline_mono_ms || (settled && unknown))
            return stay_fenced(err);
    }
}

/* How long a request of an earlier process may still be accepted. The look is for the service's
 * clock: this machine's may be wrong, and the other's may have been. */
static int64_t signature_left_ms(struct site *site, const struct journal_mark *sending,
                                 const struct journal_mark *sent) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    const struct journal_mark *last = sent->seq > sending->seq ? sent : sending;
    int64_t ends_at_ms = last->last ? json_find_int(last->last, ENDS_KEY, 0) : 0;
    int64_t by_hand_ms = moment_signature_ms(0); /* of a test */
    int64_t life_ms = by_hand_ms ? by_hand_ms : SIGNATURE_MS;
    if (!ends_at_ms)
        return sending->at_ms + life_ms - clock_wall_ms();
    if (!site_describe_target(site, &group, &ignored))
        error_clear(&ignored); /* then this machine's clock is the best guess */
    return ends_at_ms - SIGNATURE_MS + life_ms - elasticache_clock_ms(site->service);
}

/* An earlier process may have sent it, and its request may still be under way: until its signature
 * has expired there is only looking. Where it is known that nothing was signed, there is no wait.
 */
static bool take_over(struct step_run *run, bool *promoted, bool *unknown, struct error *err) {
    struct site *site = run->site;
    enum outcome outcome = OUTCOME_QUIET;
    const struct journal_mark *sending = &journal_state(site->journal)->marks[JOURNAL_MARK_SENDING];
    const struct journal_mark *sent = &journal_state(site->journal)->marks[JOURNAL_MARK_SENT];
    /* Only of the process that announced it, and only if that is the one we took over from. */
    bool never_signed =
        sending->epoch == journal_took_over_epoch(site->journal) && sent->seq < sending->seq;
    int64_t wait_ms = never_signed ? 0 : signature_left_ms(site, sending, sent);
    if (wait_ms > 0)
        events_warn(site->events, run->step->id,
                    "CompleteMigration may have been sent by an earlier process; observing its "
                    "outcome until its signature has expired");
    if (!watch(run, clock_mono_ms() + (wait_ms > 0 ? wait_ms : 0), &outcome, err))
        return false;
    *promoted = outcome == OUTCOME_PROMOTED;
    *unknown = !never_signed && outcome != OUTCOME_FAILED_EVENT;
    return true;
}

bool cutover_complete(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    bool promoted = journal_state(site->journal)->marks[JOURNAL_MARK_CONFIRMED].count > 0;
    bool unknown = false;
    if (!promoted && site->cutover->sent && !take_over(run, &promoted, &unknown, err))
        return false;
    if (promoted)
        return true;
    if (site->cutover->sent && !cutover_final(site, err))
        return false;
    return send_until_promoted(run, unknown, err);
}
