/* ecmig drill: how long would writers wait? */
#include <inttypes.h>
#include <stdlib.h>

#include "cmd/frame/command.h"
#include "cmd/migration/open_run.h"
#include "executor/cutover/drill.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/base/units.h"

static const struct option_row drill_options[] = {
    { "reconcile", OPTION_DURATION, .value = "TIME", .minimum = 1000, .maximum = 3600000,
      .summary = "first watch for this long whether something else resets the source's settings" },
    SIGNING_OPTIONS,
};

struct rehearsal {
    const char *file, *migration;
    struct markers markers;
    struct drill drill; /* waited_ms -1: no writer was held */
};

static void put_marker(const struct marker *marker, struct json *list) {
    struct json *one = json_new_object();
    json_put_string(one, "node", marker->address);
    json_put_string(one, "setting", marker->other ? marker->other : marker->setting);
    json_put_bool(one, "stays", !marker->found);
    if (marker->found) {
        char at[CLOCK_TEXT_BYTES];
        clock_format_seconds(marker->found_at_ms, at);
        json_put_string(one, "found", marker->found);
        json_put_string(one, "found_at", at);
        json_put_int(one, "back_after_ms", marker->back_after_ms);
    }
    json_append(list, one);
}

static void show_json(const struct call *call, const struct rehearsal *rehearsal) {
    const struct markers *markers = &rehearsal->markers;
    AUTO(json_free) struct json *document = json_new_object();
    json_put_string(document, "migration", rehearsal->migration);
    if (markers->count) {
        struct json *list = json_new_array();
        for (size_t i = 0; i < markers->count; i++)
            put_marker(&markers->items[i], list);
        json_put_int(document, "watched_ms", markers->waited_ms);
        json_put(document, "settings", list);
    }
    if (rehearsal->drill.waited_ms >= 0) {
        json_put_int(document, "waited_ms", rehearsal->drill.waited_ms);
        json_put_int(document, "caught_up_ms", rehearsal->drill.caught_up_ms);
        json_put_int(document, "lag_bytes", rehearsal->drill.lag_bytes);
    }
    output_json(call->output, document);
}

static void say_marker(const struct marker *marker, struct text *page) {
    char at[CLOCK_TEXT_BYTES];
    text_addf(page, "  %s  ", marker->address);
    if (!marker->found) {
        text_addf(page, "%s stayed at %s, and is %s again\n", marker->setting, marker->set,
                  marker->before);
        return;
    }
    clock_format_seconds(marker->found_at_ms, at);
    text_addf(page, "RESET: %s was %s after ", marker->other, marker->found);
    units_add_duration(page, marker->back_after_ms);
    text_addf(page, ", at %s\n", at);
}

static void say_settings(const struct markers *markers, struct text *page) {
    if (!markers->count)
        return;
    text_add(page, markers->set_back ? "something else manages the source's settings; watched "
                                     : "the source's settings stay; watched ");
    units_add_duration(page, markers->waited_ms);
    text_add(page, "\n");
    for (size_t i = 0; i < markers->count; i++)
        say_marker(&markers->items[i], page);
}

static void show(const struct call *call, const struct rehearsal *rehearsal) {
    AUTO(text_clear) struct text page = TEXT_PAGE;
    if (output_format(call->output) == FORMAT_JSON) {
        show_json(call, rehearsal);
        return;
    }
    say_settings(&rehearsal->markers, &page);
    if (rehearsal->drill.waited_ms >= 0) {
        text_addf(&page, "ecmig drill %s: writers waited ", rehearsal->migration);
        units_add_duration(&page, rehearsal->drill.waited_ms);
        text_add(&page, "\n\n  caught up after ");
        units_add_duration(&page, rehearsal->drill.caught_up_ms);
        text_add(&page, ", the target was ");
        units_add_bytes(&page, rehearsal->drill.lag_bytes);
        text_addf(&page,
                  " behind when they were held\n  nothing was fenced or sent, and the writers "
                  "continue\n  next  ecmig apply %s\n",
                  rehearsal->file);
    }
    output_text(call->output, text_string(&page));
}

static bool rehearse(struct open_run *run, struct rehearsal *rehearsal, struct error *err) {
    AUTO(error_clear) struct error unrecorded = { 0 };
    int64_t reconcile_ms = options_int(run->call->options, "reconcile", 0);
    if (!open_run_take(run, err))
        return false;
    bool fine =
        cutover_drill(&run->site, reconcile_ms, &rehearsal->markers, &rehearsal->drill, err);
    if (!fine && err->code == ERROR_LOCK_LOST)
        return false;
    if (open_run_leave(run, &unrecorded))
        return fine;
    if (fine)
        error_move(err, &unrecorded);
    return false;
}

static enum exit_class run_drill(const struct call *call, struct error *err) {
    AUTO(open_run_close) struct open_run run = { 0 };
    struct rehearsal rehearsal = { .drill = { -1, -1, -1 } };
    if (!open_run_find(call, &run, err))
        return error_exit_class(err->code);
    const char *file = run.session.words, *migration = run.session.config.migration;
    if (!run.files.record.run)
        (void)(error_set(err, ERROR_BLOCKED,
                         "the target does not replicate: no run of '%s' is in progress",
                         migration) ||
               error_hint(err, "bring it to its gate first: ecmig apply %s", file));
    else if (run.files.state.cutover != JOURNAL_MARK_COUNT)
        (void)(error_set(err, ERROR_BLOCKED,
                         "the cutover has begun: it can no longer be rehearsed") ||
               error_hint(err, "resume it first: ecmig apply %s", file));
    else {
        rehearsal.file = file;
        rehearsal.migration = migration;
        if (rehearse(&run, &rehearsal, err) || rehearsal.markers.set_back)
            show(call, &rehearsal);
    }
    markers_clear(&rehearsal.markers);
    return error_exit_class(err->code);
}

const struct command command_drill = {
    .name = "drill",
    .workflow = WORKFLOW_RUN,
    .examples = "ecmig drill orders.yaml\n"
                "ecmig drill orders.yaml --reconcile 3m",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "source",
    .summary = "Hold the writers briefly, to measure how long they will wait at the cutover",
    .description =
        "With the target in sync, as at the gate: writers wait, the target catches up with the "
        "source, and writers continue. They wait at most cutover.max_write_pause; if ecmig dies "
        "meanwhile, they continue by themselves within 10 s (writers that cutover.hold has stopped "
        "continue with the next apply). Nothing is fenced, nothing is sent to the service, and the "
        "open run does not change.\n\nWith --reconcile TIME (3m suits most Kubernetes operators) "
        "it first sets a harmless marker on every source node: it raises min-replicas-max-lag by "
        "one, which has no effect while min-replicas-to-write is 0. It reads the marker back about "
        "once a second, restores the old value at the end, and exits with 3 if something else "
        "reset it: the same program would also remove the fence.\n\nIt takes the migration's lock "
        "and adds two entries to the record of the open run. Refused with exit 3 if the target "
        "does not replicate, if cutover.writes is neither pause nor hook, if it is pause and the "
        "source is older than 6.2, and with --reconcile if min-replicas-to-write is above 0.",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .options = drill_options,
    .option_count = COUNT(drill_options),
    .run = run_drill,
};
