/* Row 11: from here on there is no way back. The hooks move the applications, in order; they are
 * idempotent, and a hook whose check passes is done. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/moment.h"
#include "providers/process/process.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define HOOK_ATTEMPTS 3
#define HOOK_PAUSE_MS 1000
#define HOOK_OUTPUT_BYTES ((size_t)64 << 10)

static void environment(const struct step_run *run, struct strings *out) {
    const struct site *site = run->site;
    strings_addf(out, "ECMIG_MIGRATION=%s", site->config->migration);
    strings_addf(out, "ECMIG_RUN=%s", journal_run(site->journal));
    strings_addf(out, "ECMIG_STEP=%s", run->step->id);
    const char *address = site->target_address ? site->target_address : "";
    strings_addf(out, "ECMIG_TARGET_PRIMARY=%s", site->target_is_cluster ? "" : address);
    strings_addf(out, "ECMIG_TARGET_CONFIGURATION=%s", site->target_is_cluster ? address : "");
    strings_addf(out, "ECMIG_TARGET_READER=%s", site->target_reader ? site->target_reader : "");
    AUTO(strings_clear) struct strings nodes = { 0 };
    for (size_t i = 0; i < site->nodes.count; i++)
        strings_add(&nodes, site->nodes.items[i].address);
    AUTO(string_free) char *joined = strings_join(&nodes, " ");
    strings_addf(out, "ECMIG_SOURCE_NODES=%s", joined);
}

static bool insisted(void *stop) {
    return stop_insisted(stop);
}

static bool run_program(struct step_run *run, const struct config_hook *hook,
                        const struct strings *command, struct process_result *result,
                        struct error *err) {
    AUTO(strings_clear) struct strings variables = { 0 };
    environment(run, &variables);
    const struct process_options options = { .command = command,
                                             .environment = &variables,
                                             .folder = run->site->config_folder,
                                             .output_ceiling_bytes = HOOK_OUTPUT_BYTES,
                                             .deadline_mono_ms = clock_mono_ms() + hook->timeout_ms,
                                             .abandon = insisted,
                                             .abandon_context = run->site->stop };
    return process_run(&options, result, err);
}

static bool is_done(struct step_run *run, const struct config_hook *hook) {
    AUTO(process_result_clear) struct process_result result = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    return hook->check.count && run_program(run, hook, &hook->check, &result, &ignored) &&
           result.status == 0;
}

static void note(struct json *hooks, const struct config_hook *hook,
                 const struct process_result *result) {
    struct json *entry = json_new_object();
    json_put_string(entry, "command", hook->run.items[0]);
    json_put_int(entry, "status", result->status);
    json_put_string(entry, "output", text_string(&result->output));
    json_append(hooks, entry);
}

static bool run_hook(struct step_run *run, const struct config_hook *hook, struct json *hooks,
                     struct error *err) {
    for (int attempt = 1;; attempt++) {
        AUTO(process_result_clear) struct process_result result = { 0 };
        bool ran = run_program(run, hook, &hook->run, &result, err);
        moment("after a hook");
        if (ran)
            note(hooks, hook, &result);
        if (ran && result.status == 0 && (!hook->check.count || is_done(run, hook)))
            return true;
        if (!ran && err->code == ERROR_ABORTED)
            return error_hint(err, "the same apply command settles it: run it as soon as you can");
        if (ran)
            (void)error_set(err, ERROR_FAILED, "the hook '%s' ended with status %d%s",
                            hook->run.items[0], result.status,
                            result.status ? "" : ", but its check does not pass");
        if (attempt == HOOK_ATTEMPTS)
            return error_hint(err,
                              "nobody can write meanwhile: mend it and apply again, or move the "
                              "applications to '%s' by hand",
                              run->site->target_address ? run->site->target_address : "the target");
        clock_sleep_ms(HOOK_PAUSE_MS);
    }
}

static bool announce(struct step_run *run, struct error *err) {
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "switch_started");
    json_put_string(data, "target", run->site->target_address);
    /* The promotion happened; as long as this cannot be written down, no hook may start. */
    return journal_record_outcome(run->site->journal, "the applications are being switched",
                                  JOURNAL_CUTOVER, NULL, 0, data, err);
}

/* A process that took the place of the one that was fenced began without the fence: what it was
 * told by writers meanwhile is on the source alone. One that is gone takes no writes. */
static bool stood_fenced(struct site *site, size_t shard, struct error *err) {
    struct redis_connection *primary;
    AUTO(replication_clear) struct replication now = { 0 };
    const char *known = site->cutover->shards.items[shard].at_final.run_id;
    const char *address = site_primary(site, shard)->address;
    if (!site_node(site, address, &primary, err) ||
        !replication_ask(primary, NULL, REDIS_NOW, &now, err)) {
        if (err->code == ERROR_FENCED)
            return false;
        error_clear(err);
        return true;
    }
    return !known || !now.run_id || strcmp(known, now.run_id) == 0 ||
           error_set(err, ERROR_FAILED,
                     "the source '%s' was restarted after it was fenced, and may have taken writes "
                     "that the target does not have",
                     address) ||
           error_hint(err,
                      "give the applications the source back, which has them all: ecmig abort %s",
                      site->config_file ? site->config_file : "FILE");
}

static bool source_stood_fenced(struct site *site, struct error *err) {
    const struct journal_mark *begun =
        &journal_state(site->journal)->marks[JOURNAL_MARK_SWITCH_STARTED];
    if (begun->count || site->config->cutover.writes == WRITES_NONE)
        return true;
    for (size_t i = 0; i < site->shards.count && i < site->cutover->shards.count; i++)
        if (!stood_fenced(site, i, err))
            return false;
    return true;
}

static bool switch_over(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    if (!site_targets(site, err) || !source_stood_fenced(site, err) || !announce(run, err))
        return false;
    gitstore_hurry(site->store, false);
    struct json *hooks = json_new_array();
    json_put(run->evidence, "hooks", hooks);
    const struct config_hooks *planned = &site->config->cutover.switch_hooks;
    for (size_t i = 0; i < planned->count; i++)
        if (!is_done(run, &planned->items[i]) && !run_hook(run, &planned->items[i], hooks, err))
            return false;
    int64_t refused_ms =
        site->cutover->refused_at_ms ? clock_wall_ms() - site->cutover->refused_at_ms : 0;
    json_put_int(run->evidence, "waited_ms", site->cutover->waited_ms);
    json_put_int(run->evidence, "refused_ms", refused_ms);
    events_emit(site->events, EVENT_WRITES, SEVERITY_NOTE, run->step->id, "switched", NULL,
                "the applications write to %s", site->target_address);
    return true;
}

const struct step_runner step_switch = { .run = switch_over };
