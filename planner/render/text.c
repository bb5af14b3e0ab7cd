#include <string.h>

#include "planner/render/render.h"
#include "schemas/base/memory.h"

#define PAGE_LINES                                                                                 \
    ((size_t)60) /* of a plan of three shards: predictions give way, other formats                 \
                    always have them */
#define CLOSING_LINES ((size_t)5)

static void add_findings(struct text *page, const struct plan_context *context) {
    if (!context->findings.count) {
        text_add(page, "Findings: none\n\n");
        return;
    }
    render_findings_head(page, context);
    for (size_t i = 0; i < context->findings.count; i++)
        render_finding(page, &context->findings.items[i]);
    text_add_char(page, '\n');
}

static void add_steps(struct text *page, const struct plan *plan) {
    const struct plan_core *core = &plan->core;
    for (size_t i = 0; i < core->steps.count; i++) {
        const struct plan_step *step = &core->steps.items[i];
        if (!i || core->steps.items[i - 1].phase != step->phase)
            render_phase(page, core, step->phase);
        if (step->action == ACTION_GATE)
            render_gate(page, core, step);
        else
            render_step(page, plan, step);
    }
    if (core->steps.count)
        text_add_char(page, '\n');
}

/* On the line of its words where it fits; else below, broken as a shell reads it. */
static void add_command(struct text *page, const char *words, const char *command,
                        const char *file) {
    text_add(page, words);
    if (command && strlen(words) + 2 + strlen(command) <= RENDER_COLUMNS) {
        text_addf(page, "  %s", command);
    } else if (command) {
        size_t head = strlen(command) - strlen(file) - 1;
        bool fits = 2 + strlen(command) <= RENDER_COLUMNS;
        text_addf(page, "\n  %.*s%s%s", (int)head, command, fits ? " " : " \\\n    ", file);
    }
    text_add_char(page, '\n');
}

static void add_next(struct text *page, const struct plan *plan, const char *file) {
    AUTO(string_free) char *command = NULL, *other = NULL;
    AUTO(string_free) char *words = render_next(plan, file, &command);
    AUTO(string_free) char *instead = render_instead(plan, file, &other);
    add_command(page, words, command, file);
    if (instead)
        add_command(page, instead, other, file);
}

static size_t count_lines(const char *page) {
    size_t count = 0;
    for (const char *at = page; (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static void render_plain(const struct plan *plan, const char *file, struct text *page) {
    const struct plan_context *context = &plan->context;
    render_wrapped(page, "", 0, context->summary ? context->summary : "", NULL);
    text_add_char(page, '\n');
    render_paragraph(page, "source", context->source);
    render_paragraph(page, "target", context->target);
    render_paragraph(page, "method", context->method);
    if (context->record)
        render_paragraph(page, "record", context->record);
    render_signers(page, &plan->core);
    text_add_char(page, '\n');
    add_findings(page, context);
    add_steps(page, plan);
    render_totals(page, plan);
    render_bases(page, context);
    if (count_lines(text_string(page)) + context->predictions.count + CLOSING_LINES <= PAGE_LINES)
        render_predictions(page, context);
    text_addf(page, "Digest sha256:%s\n", plan->digest);
    add_next(page, plan, file);
}

static void render(const struct plan *plan, const struct render_options *options,
                   struct text *page) {
    AUTO(text_clear) struct text plain = { 0 };
    AUTO(string_free) char *words = render_subject(plan, options);
    render_plain(plan, words, &plain);
    render_printable(plain.bytes);
    if (options->colour)
        render_colored(text_string(&plain), page);
    else
        text_add(page, text_string(&plain));
}

const struct render_format render_format_text = { .name = "text", .render = render };
