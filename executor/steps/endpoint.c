#include "executor/steps/endpoint.h"

#include "executor/cutover/cutover.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define RETRY_EVERY_MS 500

static bool in_cutover(const struct step_run *run) {
    return step_kind_section(run->step->kind) == SECTION_CUTOVER && run->site->cutover;
}

static bool wait_for_endpoint(void *context, const char *why, int64_t left_ms, struct error *err) {
    struct step_run *run = context;
    struct site *site = run->site;
    AUTO(string_free) char *left = units_duration(left_ms);
    step_progress(run, "the endpoint is not proven yet: %s; trying again for %s%s", why, left,
                  in_cutover(run) && cutover_fences(site) ? "; writers are refused" : "");
    if (!in_cutover(run))
        return step_wait(run, RETRY_EVERY_MS, err);
    return journal_renew_lock(site->journal, err) &&
           cutover_wait(site, RETRY_EVERY_MS, site->cutover->section_deadline_mono_ms, err);
}

/* Before the first hook the source can still be given back. */
static bool explain(const struct step_run *run, struct error *err) {
    const struct site *site = run->site;
    const char *file = site->config_file ? site->config_file : "FILE";
    bool begun = journal_state(site->journal)->marks[JOURNAL_MARK_SWITCH_STARTED].count > 0;
    error_wrap(err, "the endpoint of the target is not proven");
    if (!in_cutover(run))
        return error_hint(err, "apply proves it again and continues: ecmig apply %s", file);
    const char *writers = cutover_fences(site) ? "the source still refuses writes" : "";
    if (begun)
        return error_hint(err,
                          "%s%sno further hook was run; apply proves the endpoint again and "
                          "continues: ecmig apply %s",
                          writers, *writers ? ", and " : "", file);
    return error_hint(err,
                      "the target is promoted and has every write; %s%sno hook was run. apply "
                      "proves the endpoint again and continues: ecmig apply %s; or give the "
                      "source back to the applications: ecmig abort %s",
                      writers, *writers ? ", and " : "", file, file);
}

bool step_prove_endpoint(struct step_run *run, struct error *err) {
    AUTO(endpoint_proof_clear) struct endpoint_proof proof = { 0 };
    const struct endpoint_patience patience = { .for_ms = ENDPOINT_PATIENCE_MS,
                                                .wait = wait_for_endpoint,
                                                .context = run };
    if (!endpoint_prove(run->site, &patience, &proof, err))
        return err->code == ERROR_FAILED || err->code == ERROR_DEADLINE ? explain(run, err) : false;
    endpoint_proof_say(run->site, run->step->id, &proof);
    json_put(run->evidence, "endpoint", endpoint_proof_json(&proof));
    return true;
}
