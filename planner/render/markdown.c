/* The plan as a comment on a code host: folded by phase, in fences so that nothing quoted is
 * markup, and short enough for one comment.
 *
 * When bytes are short, the page is made again with less, until it fits: first what explains, then
 * checks and warnings, then the steps. The verdict, the keys that may approve, the digest, every
 * error, the gates and the point of no return are on every page, also on one that stays longer than
 * was asked for. */
#include <string.h>

#include "planner/group.h"
#include "planner/render/render.h"
#include "planner/sequence.h"
#include "schemas/base/markdown.h"
#include "schemas/base/memory.h"

#define MARKDOWN_CEILING_BYTES 60000 /* hosts cut or refuse a comment of 64 KiB */
#define BRIEF_BYTES 160              /* of a subject or a sentence on the shortest page */

enum detail {
    DETAIL_ALL,
    DETAIL_NO_EXPLANATIONS, /* findings are a line each; no notes, no bases of the estimates */
    DETAIL_CHANGES,         /* steps that change something; warnings are counted */
    DETAIL_BARE,            /* an error is a line for all its subjects; steps are counted */
    DETAIL_COUNT
};

static const char *const left_out[DETAIL_COUNT] = {
    [DETAIL_NO_EXPLANATIONS] = "notes, details of findings",
    [DETAIL_CHANGES] = "notes, warnings, details of findings, steps that only check",
    [DETAIL_BARE] = "notes, warnings, details and subjects of findings, steps",
};

/* A plan out of a file may hold any name; nothing in it may end the comment that hides it. */
static void add_marker(struct text *page, const char *migration) {
    text_add(page, "<!-- ecmig:plan:");
    for (; *migration; migration++) {
        bool plain = strchr("abcdefghijklmnopqrstuvwxyz0123456789", *migration) ||
                     (*migration == '-' && migration[1] != '-');
        text_add_char(page, plain ? *migration : '_');
    }
    text_add(page, " -->\n");
}

static void add_brief(struct text *page, const char *words) {
    size_t length = words ? strnlen(words, BRIEF_BYTES) : 0;
    while (words && words[length] && length && ((unsigned char)words[length] & 0xC0) == 0x80)
        length--;
    AUTO(string_free) char *own = xstrndup(words ? words : "", length);
    render_wrapped(page, "", 0, own, NULL);
    page->bytes[--page->length] = '\0';
    if (words && words[length])
        text_add(page, "...");
}

static bool is_shown(const struct plan_note *note, enum detail detail) {
    if (detail == DETAIL_ALL)
        return true;
    if (note->waived_by || note->severity == SEVERITY_NOTE)
        return false;
    return note->severity == SEVERITY_ERROR || detail == DETAIL_NO_EXPLANATIONS;
}

/* One line for all the subjects of an error, at the first of them. */
static void add_error_group(struct text *lines, const struct plan_context *context, size_t index) {
    const struct plan_note *note = &context->findings.items[index];
    size_t others = 0;
    for (size_t i = 0; i < context->findings.count; i++) {
        const struct plan_note *other = &context->findings.items[i];
        bool same = strcmp(other->id, note->id) == 0 && other->severity == SEVERITY_ERROR &&
                    !other->waived_by;
        if (same && i < index)
            return;
        others += same && i > index;
    }
    text_add(lines, "- ERROR ");
    add_brief(lines, note->id);
    text_add(lines, "  ");
    AUTO(string_free) char *subject = group_shortened(note->subject ? note->subject : "");
    add_brief(lines, subject);
    if (others)
        text_addf(lines, " and %zu more", others);
    text_add(lines, ": ");
    add_brief(lines, note->summary);
    text_add_char(lines, '\n');
}

static void add_findings(struct text *page, const struct plan_context *context,
                         enum detail detail) {
    AUTO(text_clear) struct text lines = { 0 };
    if (!context->findings.count) {
        text_add(page, "Findings: none\n\n");
        return;
    }
    render_findings_head(&lines, context);
    for (size_t i = 0; i < context->findings.count; i++) {
        struct plan_note note = context->findings.items[i];
        if (!is_shown(&note, detail))
            continue;
        if (detail == DETAIL_BARE) {
            add_error_group(&lines, context, i);
            continue;
        }
        if (detail != DETAIL_ALL) {
            note.detail = NULL;
            note.remedy = note.severity == SEVERITY_ERROR ? note.remedy : NULL;
        }
        render_finding(&lines, &note);
    }
    render_printable(lines.bytes);
    markdown_add_fence(page, "diff", text_string(&lines));
}

static void open_fold(struct text *page, const struct plan_core *core, enum step_phase phase,
                      size_t count) {
    AUTO(text_clear) struct text head = { 0 };
    render_phase(&head, core, phase);
    char *words = head.bytes + strspn(head.bytes, "@ ");
    size_t length = strlen(words);
    while (length && strchr("@ \n", words[length - 1]))
        length--;
    words[length] = '\0';
    text_addf(page, "<details%s><summary>", phase == PHASE_CUT_OVER ? " open" : "");
    markdown_add(page, words);
    text_addf(page, " (%zu step%s)</summary>\n\n", count, count == 1 ? "" : "s");
}

/* The steps from `first` up to a gate or another phase; gives where it ended. */
static size_t add_fold(struct text *page, const struct plan *plan, size_t first,
                       enum detail detail) {
    const struct plan_core *core = &plan->core;
    AUTO(text_clear) struct text lines = { 0 };
    size_t end = first, hidden = 0;
    for (; end < core->steps.count; end++) {
        const struct plan_step *step = &core->steps.items[end];
        if (step->phase != core->steps.items[first].phase || step->action == ACTION_GATE)
            break;
        bool is_leap = core->point_of_no_return && strcmp(core->point_of_no_return, step->id) == 0;
        if (is_leap || detail < DETAIL_CHANGES ||
            (detail == DETAIL_CHANGES && step->action != ACTION_CHECK))
            render_step(&lines, plan, step);
        else
            hidden++;
    }
    if (hidden)
        text_addf(&lines, "  (%zu steps not shown)\n", hidden);
    render_printable(lines.bytes);
    open_fold(page, core, core->steps.items[first].phase, end - first);
    markdown_add_fence(page, "diff", text_string(&lines));
    text_add(page, "</details>\n\n");
    return end;
}

static void add_steps(struct text *page, const struct plan *plan, enum detail detail) {
    const struct plan_core *core = &plan->core;
    for (size_t i = 0; i < core->steps.count;) {
        if (core->steps.items[i].action != ACTION_GATE) {
            i = add_fold(page, plan, i, detail);
            continue;
        }
        AUTO(text_clear) struct text lines = { 0 };
        render_gate(&lines, core, &core->steps.items[i++]);
        if (lines.length) {
            render_printable(lines.bytes);
            markdown_add_fence(page, "diff", text_string(&lines));
        }
    }
}

static void add_point_of_no_return(struct text *page, const struct plan_core *core) {
    for (size_t i = 0; core->point_of_no_return && i < core->steps.count; i++) {
        const struct plan_step *step = &core->steps.items[i];
        if (strcmp(step->id, core->point_of_no_return) != 0)
            continue;
        text_add(page, "**Point of no return: ");
        markdown_add(page, step->id);
        text_add(page, ".** Going back after it loses ");
        markdown_add(page, step->undo.loses ? step->undo.loses : "writes");
        text_add(page, ".\n\n");
    }
}

static void add_command(struct text *page, const char *words, const char *command) {
    AUTO(text_clear) struct text line = { 0 };
    markdown_add(page, words);
    text_add(page, "\n");
    if (!command)
        return;
    text_add_char(page, '\n');
    text_addf(&line, "%s\n", command);
    render_printable(line.bytes);
    markdown_add_fence(page, "sh", text_string(&line));
}

static void add_end(struct text *page, const struct plan *plan, const char *file,
                    enum detail detail) {
    AUTO(text_clear) struct text lines = { 0 };
    AUTO(string_free) char *command = NULL, *other = NULL;
    AUTO(string_free) char *words = render_next(plan, file, &command);
    AUTO(string_free) char *instead = render_instead(plan, file, &other);
    render_totals(&lines, plan);
    if (detail == DETAIL_ALL)
        render_bases(&lines, &plan->context);
    render_predictions(&lines, &plan->context);
    if (lines.length) {
        render_printable(lines.bytes);
        markdown_add_fence(page, "text", text_string(&lines));
    }
    text_addf(page, "Digest `sha256:%s`\n\n", plan->digest);
    if (left_out[detail])
        text_addf(page,
                  "Shortened to fit; left out: %s. `ecmig plan` shows everything as text.\n\n",
                  left_out[detail]);
    add_command(page, words, command);
    if (instead)
        add_command(page, instead, other);
    if (command)
        page->bytes[--page->length] = '\0';
}

static void add_subjects(struct text *lines, const struct plan_context *context) {
    render_paragraph(lines, "source", context->source);
    render_paragraph(lines, "target", context->target);
    render_paragraph(lines, "method", context->method);
    if (context->record)
        render_paragraph(lines, "record", context->record);
}

static void add_page(struct text *page, const struct plan *plan, const char *file,
                     enum detail detail) {
    const struct plan_context *context = &plan->context;
    AUTO(text_clear) struct text lines = { 0 };
    add_marker(page, plan->core.migration ? plan->core.migration : "");
    text_add(page, "### ");
    markdown_add(page, context->summary ? context->summary : "");
    text_add(page, "\n\n");
    if (detail < DETAIL_BARE)
        add_subjects(&lines, context);
    render_signers(&lines, &plan->core);
    if (lines.length) {
        render_printable(lines.bytes);
        markdown_add_fence(page, "text", text_string(&lines));
    }
    add_findings(page, context, detail);
    add_steps(page, plan, detail);
    add_point_of_no_return(page, &plan->core);
    add_end(page, plan, file, detail);
    render_printable(page->bytes);
}

static void render(const struct plan *plan, const struct render_options *options,
                   struct text *page) {
    AUTO(string_free) char *words = render_subject(plan, options);
    int64_t max_bytes = options->max_bytes ? options->max_bytes : MARKDOWN_CEILING_BYTES;
    AUTO(text_clear) struct text own = { 0 };
    for (enum detail detail = DETAIL_ALL; detail < DETAIL_COUNT; detail++) {
        text_reset(&own);
        add_page(&own, plan, words, detail);
        if ((int64_t)own.length < max_bytes)
            break;
    }
    text_add(page, text_string(&own));
}

const struct render_format render_format_markdown = { .name = "markdown", .render = render };
