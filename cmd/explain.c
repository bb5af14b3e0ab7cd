/* ecmig explain: what a finding means, and what to do. */
#include <string.h>

#include "cmd/command.h"
#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "schemas/base/suggest.h"
#include "schemas/base/text.h"

static void add_json(struct json *list, const struct check_help *help) {
    struct json *item = json_new_object();
    json_put_string(item, "id", help->id);
    json_put_string(item, "severity", severity_name(help->severity));
    json_put_string(item, "title", help->title);
    json_put_string(item, "cause", help->cause);
    json_put_string(item, "risk", help->risk);
    json_put_string(item, "remedy", help->remedy);
    json_append(list, item);
}

static void list_all(struct output *output) {
    AUTO(json_free) struct json *all = json_new_array();
    const struct check_help *help;
    bool as_json = output_format(output) == FORMAT_JSON;
    for (size_t i = 0; (help = check_help_at(i)); i++) {
        if (as_json)
            add_json(all, help);
        else
            output_textf(output, "%-28s %-8s %s\n", help->id, severity_name(help->severity),
                         help->title);
    }
    if (as_json)
        output_json(output, all);
}

static void explain(struct output *output, const struct check_help *help) {
    AUTO(json_free) struct json *one = json_new_array();
    if (output_format(output) == FORMAT_JSON) {
        add_json(one, help);
        output_json(output, json_at(one, 0));
        return;
    }
    AUTO(text_clear) struct text page = { 0 };
    text_addf(&page, "%s (%s)\n", help->id, severity_name(help->severity));
    render_paragraph(&page, "checks", help->title);
    render_paragraph(&page, "cause", help->cause);
    render_paragraph(&page, "risk", help->risk);
    render_paragraph(&page, "remedy", help->remedy);
    output_text(output, text_string(&page));
}

static enum exit_class run_explain(const struct call *call, struct error *err) {
    if (!call->arguments->count) {
        list_all(call->output);
        return EXIT_CLASS_OK;
    }
    const char *id = call->arguments->items[0];
    const struct check_help *help = check_help_find(id);
    if (help) {
        explain(call->output, help);
        return EXIT_CLASS_OK;
    }
    AUTO(strings_clear) struct strings known = { 0 };
    for (size_t i = 0; (help = check_help_at(i)); i++)
        strings_add(&known, help->id);
    AUTO(string_free) char *nearest = suggest_nearest(id, &known);
    error_set(err, ERROR_USAGE, "no finding is called '%s'", id);
    if (nearest)
        error_hint(err, "did you mean '%s'?", nearest);
    else
        error_hint(err, "ecmig explain lists them all");
    return EXIT_CLASS_USAGE;
}

const struct command command_explain = {
    .name = "explain",
    .arguments = "[ID]",
    .argument_maximum = 1,
    .touches = "nothing",
    .summary = "Say what a finding means, what it risks and what to do",
    .description = "ID is the identifier that a plan shows with the finding, as source-has-auth. "
                   "Without it all are listed, with the highest severity each can have.",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_explain,
};
