#include "cmd/migration/report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "executor/cutover/aftermath.h"
#include "executor/cutover/fence.h"
#include "planner/planner.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/sheet.h"
#include "schemas/base/units.h"

#define REPORT_COLUMNS 9 /* of the labels of the closing block */

struct report {
    struct output *output;
    bool json;
    int descriptor; /* of the events file, or -1 */
    struct events events;
    const struct plan *plan;
};

static void write_line(int descriptor, const struct json *value) {
    AUTO(string_free) char *line = json_write(value, JSON_CANONICAL);
    AUTO(string_free) char *with_newline = xasprintf("%s\n", line);
    ssize_t ignored = write(descriptor, with_newline, strlen(with_newline));
    (void)ignored; /* a reader that went away must not stop a migration */
}

/* "[S05 5/14]" */
static char *position(const struct report *report, const char *step) {
    size_t count = report->plan ? report->plan->core.steps.count : 0;
    for (size_t i = 0; step && i < count; i++)
        if (strcmp(report->plan->core.steps.items[i].id, step) == 0)
            return xasprintf("[%s %zu/%zu] ", step, i + 1, count);
    return xstrdup("");
}

static void talk(struct report *report, const struct event *event) {
    AUTO(string_free) char *where = position(report, event->step);
    switch (event->type) {
    case EVENT_STEP_STARTED:
        output_progress(report->output, PROGRESS_STATE, "%s%s", where, event->msg);
        break;
    case EVENT_STEP_PROGRESS:
        output_progress(report->output, PROGRESS_MEASURE, "%s%s", where, event->msg);
        break;
    case EVENT_STEP_FINISHED:
    case EVENT_CHECKPOINT:
    case EVENT_STREAM_START:
    case EVENT_STREAM_END:
        output_detail(report->output, "%s%s", where, event->msg);
        break;
    default:
        if (event->level == SEVERITY_NOTE)
            output_say(report->output, "%s%s", where, event->msg);
        else
            output_warn(report->output, "%s%s", where, event->msg);
    }
}

static void sink(void *context, const struct event *event) {
    struct report *report = context;
    AUTO(json_free) struct json *value = shape_write(&event_shape, event);
    if (report->descriptor >= 0)
        write_line(report->descriptor, value);
    if (!report->json) {
        talk(report, event);
        return;
    }
    AUTO(string_free) char *line = json_write(value, JSON_CANONICAL);
    output_line(report->output, line);
}

bool report_open(struct output *output, const char *command, bool json, const char *events_path,
                 struct report **out, struct error *err) {
    int descriptor = -1;
    if (events_path && !file_append(events_path, 0600, &descriptor, err))
        return false;
    struct report *report = xcalloc(1, sizeof *report);
    *report = (struct report){ .output = output, .json = json, .descriptor = descriptor };
    report->events = (struct events){ .sink = sink, .context = report };
    events_emit(&report->events, &(struct event_fact){ .kind = EVENT_STREAM_START },
                "ecmig " ECMIG_VERSION " %s", command);
    *out = report;
    return true;
}

void report_close(struct report *report) {
    if (!report)
        return;
    if (report->descriptor >= 0)
        (void)close(report->descriptor);
    free(report);
}

struct events *report_events(struct report *report) {
    return &report->events;
}

void report_begin(struct report *report, const struct plan *plan, const char *run,
                  const char *record) {
    report->plan = plan;
    struct json *data = json_new_object();
    json_put_string(data, "digest", plan->digest);
    json_put_int(data, "steps", (int64_t)plan->core.steps.count);
    json_put_string(data, "record", record);
    events_emit(&report->events,
                &(struct event_fact){ .kind = EVENT_RUN, .state = "started", .data = data },
                "run %s of plan sha256:%.12s…, record %s", run, plan->digest, record);
}

void report_plan(struct report *report, const struct plan *plan, const char *words) {
    AUTO(text_clear) struct text page = TEXT_PAGE;
    const struct render_options options = { .colour = output_is_colored(report->output),
                                            .words = words };
    if (report->json)
        return;
    render_format_find("text")->render(plan, &options, &page);
    output_rendered(report->output, text_string(&page));
}

void report_findings(struct report *report, const struct plan *plan) {
    for (size_t i = 0; i < plan->context.findings.count; i++) {
        const struct plan_note *note = &plan->context.findings.items[i];
        if (note->severity != SEVERITY_ERROR || note->waived_by)
            continue;
        events_emit(&report->events,
                    &(struct event_fact){ .kind = EVENT_DIAGNOSTIC, .level = SEVERITY_ERROR },
                    "%s %s: %s%s%s", note->id, note->subject ? note->subject : "", note->summary,
                    note->detail ? ": " : "", note->detail ? note->detail : "");
        if (note->remedy)
            events_emit(&report->events,
                        &(struct event_fact){ .kind = EVENT_DIAGNOSTIC, .level = SEVERITY_ERROR },
                        "  -> %s", note->remedy);
    }
}

struct difference {
    struct report *report;
    const struct json *other;
    const char *sign;
};

static void show_fact(void *context, const char *path, const struct json *value) {
    const struct difference *difference = context;
    const struct json *other = json_find(difference->other, path);
    if (other && json_same(value, other))
        return;
    AUTO(string_free) char *text = json_write(value, JSON_CANONICAL);
    output_warn(difference->report->output, "%s %s: %s", difference->sign, path, text);
}

static void show_effect(struct report *report, const struct plan_effect *effect, const char *sign) {
    output_warn(report->output, "%s     %s: %s -> %s", sign, effect->field,
                effect->before ? effect->before : "", effect->after ? effect->after : "");
}

static void show_steps(struct report *report, const struct plan *plan, const struct plan *other,
                       const char *sign) {
    for (size_t i = 0; i < plan->core.steps.count; i++) {
        const struct plan_step *step = &plan->core.steps.items[i],
                               *twin = plan_find(other, step->key);
        if (twin && strcmp(twin->digest, step->digest) == 0)
            continue;
        output_warn(report->output, "%s %s %s", sign, step->id, step->reason);
        for (size_t k = 0; k < step->effects.count; k++)
            show_effect(report, &step->effects.items[k], sign);
    }
}

void report_difference(struct report *report, const struct plan *was, const struct plan *is) {
    json_each(was->core.observed.facts, show_fact,
              &(struct difference){ report, is->core.observed.facts, "-" });
    json_each(is->core.observed.facts, show_fact,
              &(struct difference){ report, was->core.observed.facts, "+" });
    show_steps(report, was, is, "-");
    show_steps(report, is, was, "+");
}

struct config_difference {
    struct report *report;
    const char *prefix; /* "cutover." */
    const struct json *other;
    const char *sign;
};

static void show_setting(void *context, const char *key, const struct json *value) {
    const struct config_difference *difference = context;
    const struct json *other = json_find(difference->other, key);
    if (other && json_same(value, other))
        return;
    AUTO(string_free) char *path = xasprintf("%s%s", difference->prefix, key);
    if (json_kind_of(value) == JSON_KIND_OBJECT && json_kind_of(other) == JSON_KIND_OBJECT) {
        AUTO(string_free) char *prefix = xasprintf("%s.", path);
        json_each(
            value, show_setting,
            &(struct config_difference){ difference->report, prefix, other, difference->sign });
        return;
    }
    AUTO(string_free) char *text = json_write(value, JSON_CANONICAL);
    output_warn(difference->report->output, "%s %s: %s", difference->sign, path, text);
}

void report_config_difference(struct report *report, const struct json *was,
                              const struct json *is) {
    json_each(was, show_setting, &(struct config_difference){ report, "", is, "-" });
    json_each(is, show_setting, &(struct config_difference){ report, "", was, "+" });
}

void report_nothing(struct report *report, const struct observed_history *history) {
    events_emit(&report->events, &(struct event_fact){ .kind = EVENT_RUN, .state = "nothing" },
                history->last_run ? "nothing to do: run %s finished"
                                  : "nothing to do: no run was started%s",
                history->last_run ? history->last_run : "");
}

static bool has_step(const struct plan *plan, enum step_kind kind) {
    for (size_t i = 0; i < plan->core.steps.count; i++)
        if (plan->core.steps.items[i].kind == kind)
            return true;
    return false;
}

/* Whether any hook moves the applications. */
static bool has_hooks(const struct plan *plan) {
    return json_count(json_find(json_find(plan->core.config, "cutover"), "switch")) > 0;
}

static void add_times(struct sheet *page, const struct plan *plan,
                      const struct executor_outcome *outcome) {
    if (outcome->waited_ms < 0 && outcome->refused_ms < 0)
        return;
    struct text *line = sheet_label(page, "writers");
    const char *writes = json_find_string(json_find(plan->core.config, "cutover"), "writes");
    if (writes && strcmp(writes, config_writes_names[WRITES_HOOK]) == 0) {
        int64_t stopped_ms = outcome->waited_ms < 0 ? 0 : outcome->waited_ms;
        text_add(line, "were stopped by the hold hook for ");
        units_add_duration(line, stopped_ms + (outcome->refused_ms < 0 ? 0 : outcome->refused_ms));
        text_add(line, has_hooks(plan) ? ", until the switch" : "; no hook moves them");
        return;
    }
    text_add(line, "waited ");
    units_add_duration(line, outcome->waited_ms < 0 ? 0 : outcome->waited_ms);
    if (has_hooks(plan)) {
        text_add(line, ", were refused ");
        units_add_duration(line, outcome->refused_ms < 0 ? 0 : outcome->refused_ms);
    } else if (has_step(plan, STEP_KEEP_FENCE)) {
        text_add(line, ", are refused on the source until they are moved");
    }
}

static void add_headline(struct sheet *page, const struct plan *plan,
                         const struct executor_outcome *outcome) {
    const char *target = outcome->target_address ? outcome->target_address : "the target";
    bool proven = outcome->class != EXIT_CLASS_UNPROVEN;
    struct text *line = sheet_headline(page);
    text_addf(line, "ecmig apply %s: DONE%s. ", plan->core.migration,
              proven ? "" : ", and NOT PROVEN");
    if (has_hooks(plan))
        text_addf(line, "The applications use %s.", target);
    else
        text_addf(line, "MOVE THE APPLICATIONS to %s now: no hook does it.", target);
}

static void add_password(struct sheet *page, const struct plan *plan,
                         const struct executor_outcome *outcome) {
    const struct json *source = json_find(plan->core.config, "source");
    AUTO(string_free) char *username = xstrdup(json_find_string(source, "username"));
    const struct config_source config = { .username = username };
    aftermath_say_password(&config, &outcome->open_nodes, page);
}

static void add_handover(struct sheet *page, const struct executor_outcome *outcome) {
    if (outcome->endpoint)
        text_addf(sheet_label(page, "endpoint"), "%s", outcome->endpoint);
    if (outcome->ready)
        text_addf(sheet_label(page, "ready"), "%s", outcome->ready);
}

static void add_done(struct sheet *page, const struct plan *plan, const struct run_result *result,
                     const struct executor_outcome *outcome, const char *file) {
    add_headline(page, plan, outcome);
    add_times(page, plan, outcome);
    add_handover(page, outcome);
    if (outcome->audit)
        text_addf(sheet_label(page, "audit"), "%s%s%s", outcome->audit,
                  outcome->audit_why ? ": " : "", outcome->audit_why ? outcome->audit_why : "");
    for (size_t i = 0; i < outcome->evicted.count; i++)
        text_addf(sheet_label(page, "evicted"),
                  "by the source while the migration used part of its memory: %s",
                  outcome->evicted.items[i]);
    for (size_t i = 0; i < outcome->fence_now.count; i++)
        text_addf(sheet_label(page, "fence"), "%s", outcome->fence_now.items[i]);
    if (has_step(plan, STEP_KEEP_FENCE)) {
        text_addf(sheet_command(page, "watch"), "ecmig watch-fence --keep %s", file);
        text_add(sheet_more(page),
                 "until the source is shut down: something else may lift the fence");
        text_add(sheet_label(page, "lift"), "when the source may accept writes again:");
    }
    for (size_t i = 0; has_step(plan, STEP_KEEP_FENCE) && i < outcome->fence_lifts.count; i++)
        text_addf(sheet_more(page), "%s", outcome->fence_lifts.items[i]);
    aftermath_say_restart(outcome->kept_fence, page);
    add_password(page, plan, outcome);
    text_addf(sheet_label(page, "record"), "run %s, head %s", result->run,
              result->head ? result->head : "");
    if (outcome->error.hint)
        text_addf(sheet_label(page, "next"), "%s", outcome->error.hint);
}

static const char *command_of(const struct plan *plan) {
    return plan->core.mode == PLAN_ABORT ? "abort" : "apply";
}

static void add_aborted(struct sheet *page, const struct plan *plan,
                        const struct run_result *result, const struct executor_outcome *outcome,
                        const char *file) {
    const char *group =
        json_find_string(json_find(plan->core.config, "target"), "replication_group");
    bool exists = json_find_bool(plan->core.observed.facts, "target.exists", false);
    text_addf(sheet_headline(page),
              "ecmig abort %s: ABORTED. The source stays authoritative and no write is lost.",
              plan->core.migration);
    text_add(sheet_label(page, "clients"), "use the source as before");
    if (outcome->group_removed)
        text_addf(sheet_label(page, "removed"), "replication group %s, which was empty", group);
    else if (exists)
        text_addf(
            sheet_label(page, "stays"),
            "replication group %s, with the copied data: delete it yourself if you do not need it",
            group);
    text_addf(sheet_label(page, "again"), "a new migration copies everything again: ecmig plan %s",
              file);
    text_add(sheet_more(page), "(a target that holds keys needs target.replace_data: true)");
    text_addf(sheet_label(page, "record"), "run %s, head %s", result->run,
              result->head ? result->head : "");
    add_password(page, plan, outcome);
}

static void add_stopped(struct sheet *page, const struct plan *plan,
                        const struct executor_outcome *outcome, const char *file) {
    bool gate = outcome->class == EXIT_CLASS_GATE;
    text_addf(sheet_headline(page), "ecmig %s %s: %s at %s (%s)", command_of(plan),
              plan->core.migration, gate ? "WAITS" : "STOPPED",
              outcome->step_id ? outcome->step_id : "the start",
              outcome->step_key ? outcome->step_key : "");
    text_addf(sheet_label(page, "what"), "%s",
              outcome->error.message ? outcome->error.message : "");
    text_addf(sheet_label(page, "clients"), "%s",
              outcome->switched && has_hooks(plan)
                  ? "use the target, as far as the hooks have moved them"
              : outcome->switched ? "MOVE THEM to the target: no hook does it"
              : outcome->writers_refused
                  ? "WRITES ARE REFUSED on the source, reads continue; no write is lost"
                  : "use the source as before");
    if (outcome->writers_refused || outcome->switched)
        add_handover(page, outcome);
    for (size_t i = 0; !gate && i < outcome->left_over.count; i++)
        text_addf(sheet_label(page, "left over"), "%s", outcome->left_over.items[i]);
    if (outcome->error.hint)
        text_addf(sheet_label(page, "next"), "%s", outcome->error.hint);
    if (!gate || !outcome->error.hint)
        text_addf(sheet_command(page, "resume"), "ecmig %s %s", command_of(plan), file);
}

void report_end(struct report *report, const struct plan *plan, const struct run_result *result,
                const struct executor_outcome *outcome, const char *file) {
    AUTO(sheet_clear) struct sheet sheet = { .label_columns = REPORT_COLUMNS };
    AUTO(text_clear) struct text page = TEXT_PAGE;
    if (outcome->class == EXIT_CLASS_OK && plan->core.mode == PLAN_ABORT)
        add_aborted(&sheet, plan, result, outcome, file);
    else if (outcome->class == EXIT_CLASS_OK || outcome->class == EXIT_CLASS_UNPROVEN)
        add_done(&sheet, plan, result, outcome, file);
    else
        add_stopped(&sheet, plan, outcome, file);
    sheet_add_text(&sheet, &page);
    output_progress_end(report->output);
    if (!report->json)
        output_text(report->output, text_string(&page));
}

void report_close_stream(struct report *report, const struct run_result *result) {
    struct json *data = shape_write(&run_result_shape, result);
    events_emit(
        &report->events,
        &(struct event_fact){ .kind = EVENT_STREAM_END, .state = result->class, .data = data },
        "exit %" PRId64 " %s", result->exit_code, result->class);
}

void report_result(struct output *output, const char *path, const struct run_result *result) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *value = shape_write(&run_result_shape, result);
    AUTO(string_free) char *document = json_write(value, JSON_PRETTY);
    AUTO(string_free) char *with_newline = xasprintf("%s\n", document);
    if (path && !file_write(path, with_newline, strlen(with_newline), 0600, &err))
        output_warn(output, "%s", err.message);
}
