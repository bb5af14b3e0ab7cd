/* ecmig schema: the JSON Schema of what ecmig reads and writes. */
#include <string.h>

#include "cmd/frame/command.h"
#include "schemas/base/memory.h"
#include "schemas/base/suggest.h"
#include "schemas/config/config.h"
#include "schemas/config/policy.h"
#include "schemas/event/event.h"
#include "schemas/journal/journal.h"
#include "schemas/plan/plan.h"

static const struct {
    const char *name;
    const struct shape *shape; /* NULL for files that people write, whose rows say more */
    const char *title;
} rows[] = {
    { "config", NULL, "migration file" },
    { "event", &event_shape, "ecmig event" },
    { "journal-entry", &journal_entry_shape, "ecmig journal entry" },
    { "plan", &plan_shape, "ecmig plan" },
    { "policy", NULL, "policy" },
};

static enum exit_class run_schema(const struct call *call, struct error *err) {
    const char *name = call->arguments->items[0];
    AUTO(strings_clear) struct strings known = { 0 };
    for (size_t i = 0; i < COUNT(rows); i++) {
        strings_add(&known, rows[i].name);
        if (strcmp(rows[i].name, name) != 0)
            continue;
        AUTO(json_free)
        struct json *schema = rows[i].shape ? shape_schema(rows[i].shape, rows[i].title)
                              : strcmp(name, "policy") == 0 ? file_policy_schema()
                                                            : config_schema();
        output_json(call->output, schema);
        return EXIT_CLASS_OK;
    }
    AUTO(string_free) char *nearest = suggest_nearest(name, &known);
    AUTO(string_free) char *all = strings_join(&known, ", ");
    error_set(err, ERROR_USAGE, "there is no schema '%s'", name);
    if (nearest)
        error_hint(err, "did you mean '%s'?", nearest);
    else
        error_hint(err, "known: %s", all);
    return EXIT_CLASS_USAGE;
}

const struct command command_schema = {
    .name = "schema",
    .workflow = WORKFLOW_SET_UP,
    .examples = "ecmig schema config >config.schema.json",
    .arguments = "NAME",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "nothing",
    .summary = "Show the JSON Schema of config, event, journal-entry, plan or policy",
    .description =
        "config is for editors of the migration file: with yaml-language-server, name the schema "
        "in the file's first line. The others describe the documents that ecmig writes.",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_schema,
};
