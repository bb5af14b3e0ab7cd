#include "executor/site/skipped.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/site/baseline.h"
#include "executor/site/skipped_names.h"
#include "schemas/base/memory.h"

#define RECORD "target_errors"

static struct skipped_node *find(struct skipped *skipped, const char *address) {
    for (size_t i = 0; i < skipped->count; i++)
        if (strcmp(skipped->items[i].address, address) == 0)
            return &skipped->items[i];
    return NULL;
}

static void keep(struct skipped *skipped, const struct skipped_node *seen) {
    struct skipped_node *known = find(skipped, seen->address);
    if (!known) {
        known = LIST_ADD(skipped);
        known->address = xstrdup(seen->address);
    }
    string_replace(&known->run_id, seen->run_id);
    known->count = seen->count;
    known->full_syncs = seen->full_syncs;
}

/* How many full copies the source of each shard has sent; a target without a partner yet: -1. */
static bool ask_source(struct site *site, int64_t *full_syncs, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    if (!replication_ask_many(&primaries, NULL, site_deadline(site), &seen, err))
        return false;
    for (size_t s = 0; s < seen.count; s++)
        full_syncs[s] = seen.items[s].full_syncs;
    return true;
}

static bool ask(struct site *site, struct skipped *out, bool *primaries, struct error *err) {
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    int64_t *full_syncs = xcalloc(site->shards.count + 1, sizeof *full_syncs);
    site_list(site, SITE_TARGETS, &targets);
    bool fine = ask_source(site, full_syncs, err) &&
                many_call(&targets, site_deadline(site), &replies, err, "INFO", NULL);
    for (size_t i = 0; fine && i < replies.count; i++) {
        AUTO(server_info_clear) struct server_info server = { 0 };
        server_info_read(replies.items[i], &server);
        size_t shard = site_shard_of(site, &site->targets.items[i]);
        primaries[i] = server.is_primary;
        *LIST_ADD(out) = (struct skipped_node){
            .address = xstrdup(site->targets.items[i].address),
            .run_id = xstrdup(server.run_id ? server.run_id : ""),
            .count = server.unexpected_errors,
            .full_syncs = shard < site->shards.count ? full_syncs[shard] : -1,
        };
    }
    free(full_syncs);
    return fine;
}

static struct json *write(const struct skipped *skipped) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < skipped->count; i++) {
        struct json *entry = json_new_object();
        json_put_string(entry, "node", skipped->items[i].address);
        json_put_string(entry, "run_id", skipped->items[i].run_id);
        json_put_int(entry, "unexpected_error_replies", skipped->items[i].count);
        json_put_int(entry, "full_syncs", skipped->items[i].full_syncs);
        json_append(list, entry);
    }
    return list;
}

static void read(const struct json *record, struct skipped *out) {
    const struct json *list = record ? json_find(record, RECORD) : NULL;
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *entry = json_at(list, i);
        const char *address = json_find_string(entry, "node");
        const char *run_id = json_find_string(entry, "run_id");
        const struct skipped_node node = {
            .address = (char *)(uintptr_t)(address ? address : ""),
            .run_id = (char *)(uintptr_t)(run_id ? run_id : ""),
            .count = json_find_int(entry, "unexpected_error_replies", -1),
            .full_syncs = json_find_int(entry, "full_syncs", -1),
        };
        keep(out, &node);
    }
}

/* What an earlier process of this run has recorded: before the start, and once more in sync. */
static struct skipped *recall(const struct site *site) {
    struct skipped *known = xcalloc(1, sizeof *known);
    for (size_t i = 0; site->journal && i < site->plan->core.steps.count; i++) {
        const struct plan_step *step = &site->plan->core.steps.items[i];
        const struct journal_step *done =
            journal_step_find(journal_state(site->journal), step->key);
        if (done && step->kind == STEP_START_MIGRATION)
            read(done->intent, known);
        if (done && step->kind == STEP_SYNC)
            read(done->outcome, known);
    }
    return known;
}

/* What was skipped since the last judgement is not recorded as where to count from. */
static void keep_judged(struct skipped *judged, struct skipped *seen) {
    for (size_t i = 0; judged && i < seen->count; i++) {
        struct skipped_node *now = &seen->items[i];
        const struct skipped_node *known = find(judged, now->address);
        if (known && known->count >= 0 && strcmp(known->run_id, now->run_id) == 0)
            now->count = known->count;
    }
}

void skipped_record(struct site *site, struct json *record) {
    AUTO(error_clear) struct error ignored = { 0 };
    struct skipped *seen = xcalloc(1, sizeof *seen);
    bool *primaries = NULL;
    if (site_source(site, SITE_PRIMARIES, &ignored) && site_targets(site, &ignored)) {
        primaries = xcalloc(site->targets.count + 1, sizeof *primaries);
        if (ask(site, seen, primaries, &ignored)) {
            keep_judged(site->skipped, seen);
            json_put(record, RECORD, write(seen));
        }
    }
    free(primaries);
    skipped_free(seen);
}

static bool has_skipped(struct site *site, size_t index, int64_t before,
                        const struct skipped_node *seen, struct error *err) {
    AUTO(string_free) char *names = skipped_names(site, index);
    error_set(err, ERROR_FAILED,
              "the target's node '%s' skipped commands of the source: "
              "unexpected_error_replies went from %" PRId64 " to %" PRId64 "; %s",
              seen->address, before, seen->count, names);
    return error_hint(err,
                      "its data differs, and this cannot be repaired: abort this run (ecmig abort "
                      "%s), then choose a target that supports these commands and has as many "
                      "databases, or stop using them, and plan again",
                      site->config_file ? site->config_file : "FILE");
}

static bool is_old_data(const struct site *site, const struct skipped_node *seen,
                        struct error *err) {
    error_set(err, ERROR_FAILED,
              "the target's node '%s' was restarted and did not copy the source again: the "
              "commands it skipped before are not known",
              seen->address);
    return error_hint(err, "abort this run and plan again: ecmig abort %s",
                      site->config_file ? site->config_file : "FILE");
}

static bool judge(struct site *site, const char *step, size_t index, bool is_primary,
                  const struct skipped_node *seen, struct error *err) {
    struct skipped *all = site->skipped;
    const struct skipped_node *known = find(all, seen->address);
    if (seen->count < 0) {
        if (!all->said)
            events_emit(site->events,
                        &(struct event_fact){ .kind = EVENT_DIAGNOSTIC, .step = step },
                        "'%s' does not report unexpected_error_replies: only the comparison shows "
                        "commands that the target skips",
                        seen->address);
        all->said = true;
        return true;
    }
    if (!known || known->count < 0) {
        if (seen->count > 0)
            events_warn(site->events, step,
                        "'%s' counts %" PRId64 " unexpected_error_replies from before this run "
                        "first checked: compare in mode full",
                        seen->address, seen->count);
        keep(all, seen);
        return true;
    }
    bool restarted = strcmp(known->run_id, seen->run_id) != 0;
    if (restarted && is_primary)
        return true; /* promoted already: confirm has judged it */
    if (restarted && known->full_syncs >= 0 && seen->full_syncs <= known->full_syncs)
        return is_old_data(site, seen, err);
    int64_t before = restarted ? 0 : known->count;
    if (seen->count > before)
        return has_skipped(site, index, before, seen, err);
    if (restarted)
        keep(all, seen);
    return true;
}

bool skipped_nothing(struct site *site, const char *step, struct error *err) {
    struct skipped *seen = xcalloc(1, sizeof *seen);
    bool *primaries = xcalloc(site->targets.count + 1, sizeof *primaries);
    if (!site->skipped)
        site->skipped = recall(site);
    bool fine = ask(site, seen, primaries, err);
    for (size_t i = 0; fine && i < seen->count; i++)
        fine = judge(site, step, i, primaries[i], &seen->items[i], err);
    free(primaries);
    skipped_free(seen);
    return fine;
}
