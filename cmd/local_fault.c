/* ecmig local fault: make the endpoint, its nodes and the source misbehave. */
#include <string.h>

#include "cmd/local.h"
#include "providers/local/fault/faults.h"
#include "providers/local/fault/request.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"
#include "schemas/base/suggest.h"

static const struct option_row fault_options[] = {
    LOCAL_DIR_OPTION,
    { .name = "action",
      .kind = OPTION_STRING,
      .value = "NAME",
      .summary = "only calls of this action, for example StartMigration (default: any)" },
    { .name = "count",
      .kind = OPTION_INT,
      .value = "N",
      .maximum = 1000000,
      .summary =
          "affect this many calls; 0: all until it is cleared (default: 1, or 0 with --share)" },
    { .name = "share",
      .kind = OPTION_INT,
      .value = "PERCENT",
      .minimum = 1,
      .maximum = 100,
      .summary = "only this share of the calls, evenly spread" },
    { .name = "for",
      .kind = OPTION_DURATION,
      .value = "DURATION",
      .summary = "how long the fault lasts" },
    { .name = "node",
      .kind = OPTION_STRING,
      .value = "ID",
      .summary = "the node, for example source-001 or orders-001" },
    { .name = "status",
      .kind = OPTION_STRING,
      .value = "STATUS",
      .summary = "the status that groups show, for example snapshotting" },
    { .name = "list", .kind = OPTION_FLAG, .summary = "list the pending faults" },
    { .name = "clear", .kind = OPTION_FLAG, .summary = "clear all faults; paused nodes continue" },
};

static bool find_kind(const char *name, int *kind, struct error *err) {
    for (*kind = 0; *kind < FAULT_COUNT; ++*kind)
        if (strcmp(fault_rows[*kind].name, name) == 0)
            return true;
    AUTO(strings_clear) struct strings names = { 0 };
    for (int i = 0; i < FAULT_COUNT; i++)
        strings_add(&names, fault_rows[i].name);
    AUTO(string_free) char *near = suggest_nearest(name, &names);
    error_set(err, ERROR_USAGE, "there is no fault '%s'", name);
    if (near)
        return error_hint(err, "did you mean '%s'? 'ecmig local fault --help' names them", near);
    return error_hint(err, "'ecmig local fault --help' names them");
}

static bool read_fault(const struct call *call, struct fault *out, struct error *err) {
    bool share = options_given(call->options, "share");
    if (!call->arguments->count) {
        error_set(err, ERROR_USAGE, "no fault is named");
        return error_hint(err, "'ecmig local fault --help' names them");
    }
    /* The strings stay the options'. */
    out->action = (char *)(uintptr_t)options_string(call->options, "action");
    out->node = (char *)(uintptr_t)options_string(call->options, "node");
    out->status = (char *)(uintptr_t)options_string(call->options, "status");
    out->count = options_int(call->options, "count", share ? 0 : 1);
    out->share_percent = options_int(call->options, "share", 0);
    out->for_ms = options_int(call->options, "for", 0);
    return find_kind(call->arguments->items[0], &out->kind, err);
}

static void show_text(struct output *output, const struct json *page) {
    const struct json *faults = json_find(page, "faults");
    if (!json_count(faults))
        output_textf(output, "no faults\n");
    for (size_t i = 0; i < json_count(faults); i++) {
        const struct json *fault = json_at(faults, i);
        static const char *const names[] = { "action", "node", "status" };
        output_textf(output, "%s", json_find_string(fault, "kind"));
        for (size_t k = 0; k < COUNT(names); k++)
            if (json_find_string(fault, names[k]))
                output_textf(output, " %s", json_find_string(fault, names[k]));
        if (json_find_int(fault, "share_percent", 0))
            output_textf(output, ", %d %% of calls", (int)json_find_int(fault, "share_percent", 0));
        if (json_find_int(fault, "count", 0))
            output_textf(output, ", %d times", (int)json_find_int(fault, "count", 0));
        output_textf(output, "%s\n", json_find_int(fault, "until_ms", 0) ? ", begun" : "");
    }
}

static enum exit_class list(const struct call *call, const char *dir, struct error *err) {
    AUTO(json_free) struct json *page = NULL;
    if (!local_faults(dir, &page, err))
        return error_exit_class(err->code);
    if (output_format(call->output) == FORMAT_JSON)
        output_json(call->output, page);
    else
        show_text(call->output, page);
    return EXIT_CLASS_OK;
}

static enum exit_class run_local_fault(const struct call *call, struct error *err) {
    struct fault fault = { 0 };
    const char *dir = NULL;
    if (!local_dir(call, &dir, err))
        return error_exit_class(err->code);
    if (options_flag(call->options, "list"))
        return list(call, dir, err);
    bool done = options_flag(call->options, "clear")
                    ? local_fault_clear(dir, err)
                    : read_fault(call, &fault, err) && local_fault(dir, &fault, err);
    return done ? EXIT_CLASS_OK : error_exit_class(err->code);
}

const struct command command_local_fault = {
    .name = "local fault",
    .workflow = WORKFLOW_LOCAL,
    .examples = "ecmig local fault throttle --dir local --action StartMigration --count 3\n"
                "ecmig local fault --dir local --list\n"
                "ecmig local fault --dir local --clear",
    .arguments = "[FAULT]",
    .argument_maximum = 1,
    .touches = "this machine",
    .summary = "Make the local endpoint, its nodes or the source misbehave",
    .description =
        "Asked for once, a fault happens to the next call or migration that fits, and is kept over "
        "'local down' and 'local up' until then. Faults of nodes and statuses happen at once.\n"
#define FAULT(symbol, name, scope, uses, summary) "\n  " name "\n      " summary
#include "providers/local/fault/faults.def"
#undef FAULT
    ,
    .options = fault_options,
    .option_count = COUNT(fault_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_local_fault,
};
