#include "executor/steps/clients.h"

#include "executor/cutover/hook.h"
#include "executor/site/endpoint.h"
#include "executor/steps/endpoint.h"
#include "executor/steps/target_values.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define PATIENCE_MS (2 * 60 * 1000) /* DNS of a fresh name may take a while */
#define AGAIN_MS 500

static bool is_after_cutover(const struct step_run *run) {
    return run->step->phase == PHASE_FINISH;
}

static bool have_hooks(const struct step_run *run) {
    return is_after_cutover(run) && run->site->config->target.after_cutover.hooks.count;
}

bool clients_probe(struct step_run *run, bool *done, struct error *err) {
    if (!target_probe(run, done, err))
        return false;
    *done = *done && !have_hooks(run);
    return true;
}

static bool find_endpoint(struct step_run *run, struct error *err) {
    int64_t deadline_mono_ms = clock_mono_ms() + PATIENCE_MS;
    for (;;) {
        site_forget_target(run->site);
        if (endpoint_answers(run->site, err))
            return true;
        if (clock_mono_ms() >= deadline_mono_ms)
            return error_wrap(err, "the target's endpoint does not answer after the change");
        step_progress(run, "the endpoint does not answer yet: %s", err->message);
        error_clear(err);
        if (!step_wait(run, AGAIN_MS, err))
            return false;
    }
}

static bool run_hooks(struct step_run *run, struct json *said, struct error *err) {
    const struct config_hooks *hooks = &run->site->config->target.after_cutover.hooks;
    for (size_t i = 0; i < hooks->count; i++) {
        const struct config_hook *hook = &hooks->items[i];
        if (!step_keep_lock(run, err) || !step_may_act(run, err))
            return false;
        if (!hook_is_done(run->site, run->step->id, hook) &&
            !hook_run(run->site, run->step->id, hook, &hook->run, said, err))
            return err->hint
                       ? false
                       : error_hint(err, "the group has changed already; fix the hook, and apply "
                                         "again: it runs the hook of this step once more");
    }
    return true;
}

/* A group whose login the file does not give is proven no further than that it asks for it. An
 * abort has no use for the target. */
static bool look_afresh(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    site_forget_target(site);
    if (run->step->phase == PHASE_ABORT)
        return true;
    if (!site_describe_target(site, &group, err))
        return false;
    bool logs_in =
        !site->target_asks_login || (site->target_access && site->target_access->password);
    return is_after_cutover(run) && logs_in ? step_prove_endpoint(run, err)
                                            : find_endpoint(run, err);
}

bool clients_follow(struct step_run *run, struct error *err) {
    AUTO(json_free) struct json *said = json_new_array();
    if (!look_afresh(run, err))
        return false;
    json_put_string(run->evidence, "target", run->site->target_address);
    json_put_string(run->evidence, "tls", run->site->target_tls);
    json_put_string(run->evidence, "auth", run->site->target_auth);
    bool ran = !have_hooks(run) || run_hooks(run, said, err);
    if (json_count(said))
        json_put(run->evidence, "hooks", json_share(said));
    return ran;
}
