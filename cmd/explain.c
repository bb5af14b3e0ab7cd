/* ecmig explain: what a finding means, and what to do. */
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/frame/faults.h"
#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "schemas/base/suggest.h"
#include "schemas/base/text.h"

static void add_json(struct json *list, const struct check_help *help) {
    struct json *item = json_new_object();
    json_put_string(item, "id", help->id);
    json_put_string(item, "severity", severity_name(help->severity));
    json_put_string(item, "title", help->title);
    json_put_string(item, "reads", help->reads);
    json_put_string(item, "cause", help->cause);
    json_put_string(item, "risk", help->risk);
    json_put_string(item, "remedy", help->remedy);
    json_append(list, item);
}

/* The table in planner/checks/README.md; no row of text has what markdown would take for markup. */
static void list_as_table(struct output *output) {
    const struct check_help *help;
    AUTO(text_clear) struct text page = TEXT_PAGE;
    text_add(&page, "# What is checked\n\nMade from the rows by `ecmig explain --format markdown`; "
                    "`ecmig explain ID` says more. The severity is the\nhighest that a check "
                    "gives.\n\n| check | severity | what must hold | what it reads | what to do "
                    "|\n|---|---|---|---|---|\n");
    for (size_t i = 0; (help = check_help_at(i)); i++)
        text_addf(&page, "| `%s` | %s | %s | %s | %s |\n", help->id, severity_name(help->severity),
                  help->title, help->reads, help->remedy);
    output_text(output, text_string(&page));
}

static void list_all(struct output *output) {
    if (output_format(output) == FORMAT_MARKDOWN) {
        list_as_table(output);
        return;
    }
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
    AUTO(text_clear) struct text page = TEXT_PAGE;
    text_addf(&page, "%s (%s)\n", help->id, severity_name(help->severity));
    render_paragraph(&page, "checks", help->title);
    render_paragraph(&page, "reads", help->reads);
    render_paragraph(&page, "cause", help->cause);
    render_paragraph(&page, "risk", help->risk);
    render_paragraph(&page, "remedy", help->remedy);
    output_text(output, text_string(&page));
}

/* Without a file: of a migration that creates its target, with parameters of its own. */
static void most_demanding(struct config *out) {
    out->target.replication_group = xstrdup("*");
    out->target.create = out->replication.test = true;
    *LIST_ADD(&out->target.parameters) = (struct pair){ 0 };
}

static enum exit_class explain_iam(const struct call *call, struct error *err) {
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    if (call->arguments->count < 2) {
        most_demanding(&config);
    } else if (!config_load(call->arguments->items[1], &config, &faults, err)) {
        AUTO(text_clear) struct text text = { 0 };
        faults_add(&text, &faults);
        output_text(call->output, text_string(&text));
        return error_exit_class(err->code);
    }
    AUTO(json_free) struct json *policy = iam_policy(&config);
    output_json(call->output, policy);
    return EXIT_CLASS_OK;
}

static enum exit_class run_explain(const struct call *call, struct error *err) {
    if (!call->arguments->count) {
        list_all(call->output);
        return EXIT_CLASS_OK;
    }
    const char *id = call->arguments->items[0];
    if (strcmp(id, "iam") == 0)
        return explain_iam(call, err);
    if (call->arguments->count > 1) {
        (void)error_set(err, ERROR_USAGE, "'%s' is of no file", id);
        return EXIT_CLASS_USAGE;
    }
    const struct check_help *help = check_help_find(id);
    if (help) {
        explain(call->output, help);
        return EXIT_CLASS_OK;
    }
    AUTO(strings_clear) struct strings known = { 0 };
    for (size_t i = 0; (help = check_help_at(i)); i++)
        strings_add(&known, help->id);
    strings_add(&known, "iam");
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
    .workflow = WORKFLOW_PLAN,
    .examples = "ecmig explain source-has-auth\n"
                "ecmig explain iam orders.yaml",
    .arguments = "[ID|iam [FILE]]",
    .argument_maximum = 2,
    .touches = "nothing",
    .summary = "Say what a finding means, what it risks and what to do",
    .description =
        "ID is the identifier that a plan shows with the finding, as source-has-auth. "
        "Without it all are listed, with the highest severity each can have.\n\n"
        "'iam' is the smallest IAM policy, as JSON, with which the migration of FILE can "
        "be planned and applied; without FILE, any.",
    .formats = FORMAT_BIT(FORMAT_JSON) | FORMAT_BIT(FORMAT_MARKDOWN),
    .run = run_explain,
};
