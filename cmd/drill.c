/* ecmig drill: how long would writers wait? */
#include <inttypes.h>
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/open_run.h"
#include "executor/cutover/drill.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/base/units.h"

static void show(const struct call *call, const char *file, const char *migration,
                 const struct drill *drill) {
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *document = json_new_object();
        json_put_string(document, "migration", migration);
        json_put_int(document, "waited_ms", drill->waited_ms);
        json_put_int(document, "caught_up_ms", drill->caught_up_ms);
        json_put_int(document, "lag_bytes", drill->lag_bytes);
        output_json(call->output, document);
        return;
    }
    AUTO(text_clear) struct text page = TEXT_PAGE;
    text_addf(&page, "ecmig drill %s: writers waited ", migration);
    units_add_duration(&page, drill->waited_ms);
    text_add(&page, "\n\n  caught up after ");
    units_add_duration(&page, drill->caught_up_ms);
    text_add(&page, ", the target was ");
    units_add_bytes(&page, drill->lag_bytes);
    text_addf(&page,
              " behind when they were held\n  nothing was fenced, nothing was sent, every writer "
              "goes on\n  next  ecmig apply %s\n",
              file);
    output_text(call->output, text_string(&page));
}

static bool rehearse(struct open_run *run, struct drill *drill, struct error *err) {
    AUTO(error_clear) struct error unrecorded = { 0 };
    if (!open_run_take(run, err))
        return false;
    bool fine = cutover_drill(&run->site, drill, err);
    if (!fine && err->code == ERROR_FENCED)
        return false;
    if (open_run_leave(run, &unrecorded))
        return fine;
    if (fine)
        error_move(err, &unrecorded);
    return false;
}

static enum exit_class run_drill(const struct call *call, struct error *err) {
    AUTO(open_run_close) struct open_run run = { 0 };
    struct drill drill;
    if (!open_run_find(call, &run, err))
        return error_exit_class(err->code);
    const char *file = run.session.words, *migration = run.session.config.migration;
    if (!run.files.record.run)
        (void)(error_set(err, ERROR_BLOCKED, "nothing replicates: no run of '%s' is under way",
                         migration) ||
               error_hint(err, "bring it to its gate first: ecmig apply %s", file));
    else if (run.files.state.cutover != JOURNAL_MARK_COUNT)
        (void)(error_set(err, ERROR_BLOCKED,
                         "the cutover has begun: there is nothing to rehearse") ||
               error_hint(err, "settle it first: ecmig apply %s", file));
    else if (rehearse(&run, &drill, err))
        show(call, file, migration, &drill);
    return error_exit_class(err->code);
}

static const struct option_row drill_options[] = { SIGNING_OPTIONS };

const struct command command_drill = {
    .name = "drill",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "source",
    .summary = "Hold the writers for a moment, to see how long they will wait at the cutover",
    .description =
        "With the target in sync, as the gate asks: writers wait, the target catches up with the "
        "source, writers go on. The longest they can wait is cutover.max_write_pause; should "
        "ecmig die meanwhile, they go on by themselves within 10 s (writers that cutover.hold has "
        "stopped: with the next apply). Nothing is fenced, nothing is "
        "sent to the service, and the run that is under way stands where it stood.\n\n"
        "It takes the migration's lock and adds two entries to the record of that run. Refused "
        "with exit 3 where nothing replicates, where cutover.writes is neither pause nor hook, and "
        "where it is pause and the source is older than 6.2.",
    .options = drill_options,
    .option_count = COUNT(drill_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_drill,
};
