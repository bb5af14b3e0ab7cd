/* ecmig verify: are source and target equal now? Reads only. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/session.h"
#include "cmd/views/verification.h"
#include "cmd/views/view.h"
#include "executor/site/positions.h"
#include "executor/stop.h"
#include "executor/verify/checkpoint.h"
#include "executor/verify/pairs.h"
#include "executor/verify/replicas.h"
#include "providers/observe/observe.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define SERVICE_MS 60000 /* for what is asked of the service before */
#define PROGRESS_MS 200

static const char *const mode_choices[] = { "full", "sample", "count", NULL };

static const char *const reading_choices[] = { "primary", "replica", NULL };

static const struct option_row verify_options[] = {
    { "mode", OPTION_CHOICE, .choices = mode_choices, .standard = "full",
      .summary =
          "every key in both directions, a random sample in both directions, or the counts" },
    { "keys", OPTION_INT, .value = "N", .standard = "10000", .minimum = 1, .maximum = 1000000,
      .summary = "sample size in each shard" },
    { "max-source-share", OPTION_INT, .value = "N", .standard = "20", .minimum = 1, .maximum = 100,
      .summary = "percent of the source's time that a full comparison may use" },
    { "read-from", OPTION_CHOICE, .choices = reading_choices, .standard = "primary",
      .summary = "read the source's primaries, or replicas of them that are caught up" },
    { "resume", OPTION_STRING, .value = "PATH",
      .summary = "save a checkpoint of a full comparison there, and resume from it" },
    { "show-keys", OPTION_FLAG, .summary = "name the keys that differ instead of their hashes" },
    { "deadline", OPTION_DURATION, .value = "TIME", .standard = "24h", .minimum = 1000,
      .maximum = INT64_C(7) * 24 * 3600 * 1000, .summary = "stop after this time" },
};

struct verification {
    const struct call *call;
    struct session session;
    struct stop *stop;
    struct site site; /* that only looks */
    struct verify_pairs pairs;
    bool detached;
    int64_t start_mono_ms, shown_mono_ms;
    struct verify_result result;
};

static void verification_close(struct verification *verification) {
    verify_pairs_clear(&verification->pairs);
    site_close(&verification->site);
    session_close(&verification->session);
    stop_close(verification->stop);
    verify_result_clear(&verification->result);
}
AUTO_VALUE(struct verification, verification_close)

/* Nothing of the target that could be compared, in the words of the server or service that was
 * asked. */
static bool target_answers(struct verification *verification, struct error *err) {
    struct session *session = &verification->session;
    AUTO(observed_clear) struct observed seen = { 0 };
    observe_target(&session->config, session->service, &session->service_problem, &session->target,
                   clock_mono_ms() + SERVICE_MS, &seen.target);
    const struct observed_target *target = &seen.target;
    if (!target->reachable)
        return error_set(err, ERROR_UNREACHABLE, "the service did not answer about the target: %s",
                         target->problem);
    if (!target->exists || (!target->primary && !target->configuration)) {
        error_set(err, ERROR_NOT_FOUND, "there is no target '%s' to compare with",
                  config_target_name(&session->config.target));
        return error_hint(err, "'ecmig apply' creates it and starts the migration");
    }
    return target->node_reachable ||
           error_set(err, ERROR_UNREACHABLE, "the target did not answer: %s", target->node_problem);
}

/* The target's shards are replicas of the source's for as long as the migration lasts. */
static bool open_both(struct verification *verification, struct error *err) {
    struct session *session = &verification->session;
    struct site *site = &verification->site;
    AUTO(positions_clear) struct positions seen = { 0 };
    if (!target_answers(verification, err))
        return false;
    site->config = &session->config;
    site->service = session->service;
    site->source_password = session->password;
    site->source_tls = session->tls;
    site->target_access = &session->target;
    if (!site_source(site, SITE_PRIMARIES, err) || !site_targets(site, err) ||
        !positions_look(site, NULL, &seen, err))
        return false;
    verification->detached = true;
    for (size_t s = 0; s < seen.count; s++)
        verification->detached &= seen.items[s].target.is_primary;
    verify_pairs_of(site, &seen, &verification->pairs);
    if (options_choice(verification->call->options, "read-from") == 0)
        return true;
    return verify_read_replicas(site, &verification->pairs, err);
}

static bool progress(void *context, int64_t done, int64_t total) {
    struct verification *verification = context;
    int64_t now_mono_ms = clock_mono_ms();
    if (stop_wanted(verification->stop))
        return false;
    if (total == 0 || now_mono_ms - verification->shown_mono_ms < PROGRESS_MS)
        return true;
    verification->shown_mono_ms = now_mono_ms;
    AUTO(string_free)
    char *line = verify_progress_line(now_mono_ms - verification->start_mono_ms, done, total);
    output_progress(verification->call->output, PROGRESS_MEASURE, "%s", line);
    return true;
}

static enum exit_class class_of(const struct verify_result *result) {
    static const enum exit_class classes[] = { [VERDICT_EQUAL] = EXIT_CLASS_OK,
                                               [VERDICT_MISMATCH] = EXIT_CLASS_STEP_FAILED,
                                               [VERDICT_OPEN] = EXIT_CLASS_UNCERTAIN };
    return classes[result->verdict];
}

/* A server that could not be asked leaves the question open. */
static enum exit_class class_of_failure(struct error *err) {
    switch (err->code) {
    case ERROR_UNREACHABLE:
    case ERROR_DEADLINE:
    case ERROR_REFUSED:
    case ERROR_CONFLICT:
    case ERROR_NOT_FOUND:
        return EXIT_CLASS_UNCERTAIN;
    default:
        return error_exit_class(err->code);
    }
}

/* Before anything is asked: the file at that path is written to, and removed in the end. */
static bool may_resume(const struct options *options, struct error *err) {
    const char *path = options_string(options, "resume");
    enum config_verify_mode mode = (enum config_verify_mode)options_choice(options, "mode");
    AUTO(error_clear) struct error fault = { 0 };
    if (!path)
        return true;
    if (mode != VERIFY_FULL) {
        error_set(err, ERROR_USAGE, "--resume requires --mode full, not --mode %s",
                  mode_choices[mode]);
        return error_hint(err, "a comparison by sample or count always starts from the beginning");
    }
    if (checkpoint_check(path, &fault))
        return true;
    error_set(err, ERROR_USAGE, "--resume: %s", fault.message);
    return error_hint(err, "%s", fault.hint ? fault.hint : "name another file");
}

static enum exit_class run_verify(const struct call *call, struct error *err) {
    AUTO(verification_close) struct verification verification = { .call = call };
    if (!may_resume(call->options, err) || !session_open(call, false, &verification.session, err) ||
        !stop_open(0, &verification.stop, err))
        return error_exit_class(err->code);
    verification.start_mono_ms = clock_mono_ms();
    if (!open_both(&verification, err))
        return class_of_failure(err);
    const struct verify_options options = {
        .mode = (enum config_verify_mode)options_choice(call->options, "mode"),
        .keys = options_int(call->options, "keys", 0),
        .detached = verification.detached,
        .max_source_share = (int)options_int(call->options, "max-source-share", 0),
        .checkpoint_path = options_string(call->options, "resume"),
        .deadline_mono_ms = clock_mono_ms() + options_int(call->options, "deadline", 0),
        .progress = progress,
        .context = &verification
    };
    if (!verify_run_pairs(&options, &verification.pairs, &verification.result, err)) {
        output_progress_end(call->output);
        return class_of_failure(err);
    }
    output_progress_end(call->output);
    view_show(call->output,
              &(struct view){ DOCUMENT_VERIFICATION,
                              .verification = &(struct verification_page){
                                  .migration = verification.session.config.migration,
                                  .pairs = &verification.pairs,
                                  .target = verification.site.target_address,
                                  .result = &verification.result,
                                  .reads_replicas = options_choice(call->options, "read-from") != 0,
                                  .shows_keys = options_flag(call->options, "show-keys") } });
    return class_of(&verification.result);
}

const struct command command_verify = {
    .name = "verify",
    .workflow = WORKFLOW_LOOK,
    .examples = "ecmig verify orders.yaml\n"
                "ecmig verify orders.yaml --read-from replica --resume checkpoint\n"
                "ecmig verify orders.yaml --mode sample --keys 100000 --format json",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "reads",
    .summary = "Compare the keys of source and target now, without changing anything",
    .description =
        "While the target replicates, a key that looks different is read again around an offset "
        "that the target has reached, so that a write in progress is not reported as a difference. "
        "After the cutover both sides are read as they are, and the result is marked as "
        "detached.\n\nExits with 0 if everything is equal, 9 if something differs, and 10 if the "
        "result is open: keys changed at every look, a type cannot be read, or a server did not "
        "answer. With --read-from replica, a key that differs between a replica and the target is "
        "checked against the primary; a replica that differs from its primary is named and does "
        "not count as a difference. Key names are shown as hashes unless --show-keys is given.",
    .options = verify_options,
    .option_count = COUNT(verify_options),
    .formats = FORMATS_ALL,
    .run = run_verify,
};
