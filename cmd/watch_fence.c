/* ecmig watch-fence: the fence of a finished run, which is all that protects the old source. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/session.h"
#include "executor/cutover/guard.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

static const struct option_row watch_fence_options[] = {
    { "keep", OPTION_FLAG, .summary = "set the fence again when it is missing" },
    { "once", OPTION_FLAG, .summary = "check once" },
    { "every", OPTION_DURATION, .value = "TIME", .standard = "1s", .minimum = 100, .maximum = 60000,
      .summary = "time between two checks" },
    { "deadline", OPTION_DURATION, .value = "TIME", .minimum = 1000,
      .maximum = (int64_t)365 * 24 * 3600 * 1000,
      .summary = "end after this time (default: run until stopped)" },
};

struct watch {
    const struct call *call;
    struct session session;
    struct stop *stop;
    char *run;
    struct plan plan;
    struct events events;
    struct fence_source source;
    struct fence_guard guard;
};

static void watch_close(struct watch *watch) {
    fence_guard_clear(&watch->guard);
    session_close(&watch->session);
    stop_close(watch->stop);
    plan_clear(&watch->plan);
    free(watch->run);
}
AUTO_VALUE(struct watch, watch_close)

static void sink(void *context, const struct event *event) {
    struct output *output = context;
    if (output_format(output) == FORMAT_JSON) {
        AUTO(json_free) struct json *value = shape_write(&event_shape, event);
        AUTO(string_free) char *line = json_write(value, JSON_CANONICAL);
        output_line(output, line);
    } else if (event->type == EVENT_STREAM_START || event->type == EVENT_STREAM_END) {
        return;
    } else if (event->type == EVENT_OBSERVED) {
        output_progress(output, PROGRESS_MEASURE, "%s, %s", event->msg, event->ts);
    } else if (event->level == SEVERITY_NOTE) {
        output_say(output, "%s %s", event->ts, event->msg);
    } else {
        output_warn(output, "%s %s", event->ts, event->msg);
    }
}

/* The newest run has ended, and relies on its fence. */
static bool find_run(struct watch *watch, struct error *err) {
    struct session *session = &watch->session;
    const char *migration = session->config.migration;
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(text_clear) struct text document = { 0 };
    if (!journal_history(session->store, migration, &runs, err))
        return false;
    if (!runs.count) {
        error_set(err, ERROR_BLOCKED, "no run of '%s' is recorded", migration);
        return error_hint(err, "name the record of the run that set the fence: --state DIR");
    }
    const struct run_summary *run = &runs.items[0];
    watch->run = xstrdup(run->run);
    const struct journal_reading reading = session_reading(session);
    if (!journal_trust(&reading, run->run, err) ||
        !journal_read_run(session->store, migration, run->run, &files, err) ||
        !journal_read_plan(session->store, migration, run->plan, &document, err) ||
        !plan_parse(document.bytes, document.length, &watch->plan, err))
        return error_wrap(err, "run %s", run->run);
    if (run->open) {
        error_set(err, ERROR_BLOCKED, "run %s is open: 'ecmig apply' watches its fence", run->run);
        return error_hint(err, "see where it stands: ecmig status %s", session->words);
    }
    if (fence_must_stand(run->mode, false, &watch->plan, &files.state))
        return true;
    error_set(err, ERROR_BLOCKED, "run %s did not move applications: no fence is needed", run->run);
    return error_hint(err, "see where it stands: ecmig status %s", session->words);
}

/* One that may not stand for the migration takes the fence from nobody. */
static bool is_forged(const struct session *session, const char *run) {
    AUTO(error_clear) struct error untrusted = { 0 };
    const struct journal_reading reading = session_reading(session);
    return run && !journal_trust(&reading, run, &untrusted) && untrusted.code == ERROR_BLOCKED;
}

/* A later run, such as another migration from this source, watches it by itself. */
static bool is_current(void *context, struct error *err) {
    const struct watch *watch = context;
    const struct session *session = &watch->session;
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    if (!gitstore_refresh(session->store, err) ||
        !journal_history(session->store, session->config.migration, &runs, err))
        return false;
    if ((runs.count && strcmp(runs.items[0].run, watch->run) == 0) ||
        is_forged(session, runs.count ? runs.items[0].run : NULL))
        return true;
    error_set(err, ERROR_STALE, "run %s is no longer the newest: the fence is left as it is",
              watch->run);
    return error_hint(err, "see where the migration stands: ecmig status %s", session->words);
}

static void show(const struct watch *watch) {
    const struct fence_guard *guard = &watch->guard;
    AUTO(text_clear) struct text page = TEXT_PAGE;
    text_addf(&page, "ecmig watch-fence %s: run %s, %" PRId64 " looks\n",
              watch->session.config.migration, watch->run, guard->looks);
    for (size_t i = 0; i < guard->nodes.count; i++) {
        const struct fence_guard_node *node = &guard->nodes.items[i];
        const struct fence_standing_node *seen = &guard->standing.nodes.items[i];
        text_addf(&page, "  %s  %s", seen->address,
                  seen->stands                           ? "refuses writes"
                  : fence_standing_node_is_missing(seen) ? "ACCEPTS WRITES"
                                                         : "unknown: ");
        if (!seen->stands && !fence_standing_node_is_missing(seen))
            text_add(&page, node->problem ? node->problem : "it did not answer");
        if (node->times) {
            AUTO(string_free) char *missing = units_duration(node->missing_ms);
            text_addf(&page, "; was missing %" PRId64 " times, for up to %s", node->times, missing);
            text_addf(&page, "; accepted %s%" PRId64 " changes meanwhile",
                      node->uncounted || node->missing_since_ms ? "at least " : "", node->changes);
        }
        text_add(&page, "\n");
    }
    output_progress_end(watch->call->output);
    output_text(watch->call->output, text_string(&page));
}

static void say_end(struct watch *watch, const struct error *err, enum exit_class class) {
    struct json *data = json_new_object();
    json_put_string(data, "class", exit_class_name(class));
    json_put_int(data, "exit_code", exit_class_status(class));
    json_put_string(data, "message", err->message);
    json_put_string(data, "next", err->hint);
    json_put_int(data, "looks", watch->guard.looks);
    json_put(data, "nodes", fence_guard_json(&watch->guard));
    events_emit(&watch->events,
                &(struct event_fact){
                    .kind = EVENT_STREAM_END, .state = exit_class_name(class), .data = data },
                "exit %d %s", exit_class_status(class), exit_class_name(class));
    if (output_format(watch->call->output) != FORMAT_JSON)
        show(watch);
}

static enum exit_class run_watch_fence(const struct call *call, struct error *err) {
    AUTO(watch_close) struct watch watch = { .call = call };
    const struct options *options = call->options;
    if (!session_open(call, false, &watch.session, err) || !stop_open(0, &watch.stop, err) ||
        !find_run(&watch, err))
        return error_exit_class(err->code);
    const struct session *session = &watch.session;
    int64_t span_ms = options_int(options, "deadline", 0);
    watch.source =
        (struct fence_source){ &session->config.source, session->password, session->tls };
    watch.events = (struct events){ .sink = sink,
                                    .context = call->output,
                                    .migration = session->config.migration,
                                    .run = watch.run };
    watch.guard = (struct fence_guard){ .source = &watch.source,
                                        .events = &watch.events,
                                        .stop = watch.stop,
                                        .words = session->words,
                                        .keep = options_flag(options, "keep"),
                                        .once = options_flag(options, "once"),
                                        .every_ms = options_int(options, "every", 0),
                                        .end_mono_ms = span_ms ? clock_mono_ms() + span_ms : 0,
                                        .is_current = is_current,
                                        .context = &watch };
    fence_standing_init(&watch.plan, watch.run, &watch.guard.standing);
    events_emit(&watch.events, &(struct event_fact){ .kind = EVENT_STREAM_START },
                "ecmig " ECMIG_VERSION " watch-fence");
    enum exit_class class = EXIT_CLASS_OK;
    if (!fence_guard_watch(&watch.guard, err))
        class = error_exit_class(err->code);
    say_end(&watch, err, class);
    return class;
}

const struct command command_watch_fence = {
    .name = "watch-fence",
    .workflow = WORKFLOW_RUN,
    .examples = "ecmig watch-fence --keep orders.yaml\n"
                "ecmig watch-fence --once orders.yaml    # for a check that runs now and then",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "reads, source",
    .summary = "Watch the fence on the old source after the run, and keep it set",
    .description =
        "After a run, only the fence prevents a client that was not moved from writing to the old "
        "source, where the target does not get the write. This command checks every source node "
        "of the run repeatedly until it is stopped. If a fence is missing, it says since when, "
        "how many changes the source accepted meanwhile, and the likely cause.\n\n"
        "Without --keep, nothing is changed. With --keep, the fence is set again at once, even if "
        "it was lifted on purpose: stop this command before you lift the fence or use the source "
        "for something else. The fence of another run is left alone, and so is everything once a "
        "newer run of the migration is recorded (exit 4). The record is read and not written.\n\n"
        "Exits with 0 if its time (--once, --deadline) is over and the fence was set throughout; "
        "8 on INT, TERM or HUP if it was set; 3 if --once finds it missing; 9 if the source "
        "accepted changes while it was missing; 13 if it was missing and the changes could not be "
        "counted; 1 if a node does not answer at the end. --format json prints one line per "
        "event, as described by 'ecmig schema event'.",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .options = watch_fence_options,
    .option_count = COUNT(watch_fence_options),
    .run = run_watch_fence,
};
