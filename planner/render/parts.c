#include <stdlib.h>
#include <string.h>

#include "planner/group.h"
#include "planner/render/render.h"
#include "planner/sequence.h"
#include "planner/settings.h"
#include "planner/signers.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"
#include "schemas/base/utf8.h"
#include "schemas/observed/room.h"

#define STEP_INDENT 7
#define REMEDY_INDENT 15

static const char action_symbols[] = {
    [ACTION_CREATE] = '+', [ACTION_CHANGE] = '!', [ACTION_REMOVE] = '-',
    [ACTION_MOVE] = '>',   [ACTION_CHECK] = ' ',  [ACTION_GATE] = ' '
};

/* "1mb"; "1mb" or "2mb"; "1mb" or 5 others. */
static char *values_text(const struct plan_step *step, const char *name, bool after) {
    AUTO(text_clear) struct text text = { 0 };
    AUTO(strings_clear) struct strings values = { 0 };
    for (size_t i = 0; i < step->effects.count; i++) {
        const struct plan_effect *effect = &step->effects.items[i];
        const char *value = after ? effect->after : effect->before;
        AUTO(string_free) char *shown = setting_shown(name, value ? value : "");
        if (!strings_has(&values, shown))
            strings_add(&values, shown);
    }
    text_addf(&text, "\"%s\"", values.items[0]);
    if (values.count == 2)
        text_addf(&text, " or \"%s\"", values.items[1]);
    else if (values.count > 2)
        text_addf(&text, " or %zu others", values.count - 1);
    return text_take(&text);
}

void render_step_line(const struct plan_step *step, struct text *page) {
    bool sets = step->kind == STEP_SOURCE_SETTING, restores = step->kind == STEP_RESTORE_SETTING;
    const char *name = plan_step_setting(step);
    if ((!sets && !restores) || !name) {
        text_add(page, step->reason);
        return;
    }
    AUTO(string_free) char *before = values_text(step, name, false);
    AUTO(string_free) char *after = values_text(step, name, true);
    if (sets)
        text_addf(page, "%s on %s: %s -> %s", name, step->object, before, after);
    else
        text_addf(page, "restore %s on %s to %s", name, step->object, after);
}

static void add_count(struct text *text, size_t count, const char *noun) {
    text_addf(text, "%s%zu %s%s", text->length ? ", " : "", count, noun, count == 1 ? "" : "s");
}

void render_signers(struct text *page, const struct plan_core *core) {
    AUTO(string_free) char *words = signers_words(core);
    if (words)
        render_paragraph(page, "keys", words);
}

void render_findings_head(struct text *page, const struct plan_context *context) {
    size_t counts[SEVERITY_ERROR + 1] = { 0 }, waived = 0;
    for (size_t i = 0; i < context->findings.count; i++) {
        const struct plan_note *note = &context->findings.items[i];
        if (note->waived_by)
            waived++;
        else
            counts[note->severity]++;
    }
    AUTO(text_clear) struct text line = { 0 };
    add_count(&line, counts[SEVERITY_ERROR], "error");
    add_count(&line, counts[SEVERITY_WARNING], "warning");
    if (counts[SEVERITY_NOTE])
        add_count(&line, counts[SEVERITY_NOTE], "note");
    if (waived)
        text_addf(&line, ", %zu waived", waived);
    AUTO(string_free) char *head = xasprintf("Findings: %s", text_string(&line));
    text_addf(page, "%-71s(ecmig explain ID)\n", head);
}

void render_finding(struct text *page, const struct plan_note *note) {
    static const char symbols[] = {
        [SEVERITY_NOTE] = ' ', [SEVERITY_WARNING] = '!', [SEVERITY_ERROR] = '-'
    };
    AUTO(string_free)
    char *head = xasprintf("%c %s%s  ", note->waived_by ? ' ' : symbols[note->severity],
                           note->severity == SEVERITY_ERROR ? "ERROR " : "", note->id);
    AUTO(string_free) char *subject = group_shortened(note->subject ? note->subject : "");
    AUTO(string_free) char *body = xasprintf("%s: %s", subject, note->summary);
    render_wrapped(page, head, REMEDY_INDENT - 3, body, NULL);
    if (note->detail)
        render_wrapped(page, "", REMEDY_INDENT - 3, note->detail, NULL);
    AUTO(string_free) char *remedy = xasprintf("%*s-> ", REMEDY_INDENT - 3, "");
    AUTO(string_free) char *waived = NULL;
    if (note->waived_by)
        waived = xasprintf("waived: %s", note->waived_by);
    if (waived || note->remedy)
        render_wrapped(page, remedy, REMEDY_INDENT, waived ? waived : note->remedy, NULL);
}

static bool is_cluster(const struct plan_core *core) {
    const char *topology = json_find_string(json_find(core->config, "source"), "topology");
    return topology && strcmp(topology, config_topology_names[TOPOLOGY_CLUSTER]) == 0;
}

/* Raised only where the source's memory has room for it. */
static void add_prepare(struct text *line, const struct plan_core *core) {
    int64_t largest = 0;
    for (size_t i = 0; i < core->steps.count; i++) {
        const struct plan_step *step = &core->steps.items[i];
        if (step->kind != STEP_SOURCE_SETTING || strcmp(plan_step_setting(step), ROOM_BACKLOG) != 0)
            continue;
        for (size_t k = 0; k < step->effects.count; k++) {
            int64_t size = strtoll(step->effects.items[k].after, NULL, 10);
            largest = size > largest ? size : largest;
        }
    }
    text_add(line, ": clients unaffected");
    if (!largest)
        return;
    text_add(line, "; the source uses up to ");
    units_add_bytes(line, largest);
    text_add(line, " more memory");
}

void render_phase(struct text *page, const struct plan_core *core, enum step_phase phase) {
    const struct plan_step *complete = sequence_step(core, STEP_COMPLETE);
    const struct plan_step *leap = sequence_step(core, STEP_SWITCH);
    AUTO(text_clear) struct text line = { 0 };
    text_addf(&line, "@@ %s", step_phase_names[phase]);
    if (phase == PHASE_PREPARE)
        add_prepare(&line, core);
    else if (phase == PHASE_REPLICATE)
        text_add(&line, sequence_step(core, STEP_START_MIGRATION)
                            ? is_cluster(core) ? ": each primary of the source forks once"
                                               : ": the source forks once"
                            : ": the target follows the source");
    else if (phase == PHASE_ABORT)
        text_add(&line, ": clients stay on the source");
    else if (phase == PHASE_CUT_OVER && complete && leap)
        text_addf(
            &line,
            ": if a step before %s fails, writers get the source back; nothing is lost until %s",
            complete->id, leap->id);
    else if (phase == PHASE_CUT_OVER && leap)
        text_addf(&line, ": the source is fenced, and nothing is lost until %s", leap->id);
    text_add(&line, " @@");
    render_wrapped(page, "", 0, text_string(&line), NULL);
}

static void add_need(struct text *page, const struct plan_core *core, const char *need) {
    const struct json *window = json_find(json_find(core->config, "cutover"), "window");
    const struct json *ready = json_find(json_find(core->config, "cutover"), "ready");
    const char *from = json_find_string(window, "not_before");
    const char *until = json_find_string(window, "not_after");
    const char *zone = json_find_string(window, "zone");
    if (strcmp(need, "in_sync") == 0)
        text_add(page, "in sync");
    else if (strcmp(need, "window") == 0 && from && until && zone)
        text_addf(page, "time between %s and %s %s", from, until, zone);
    else if (strcmp(need, "ready") == 0)
        text_addf(page, "a yes of %zu ready hook%s", json_count(ready),
                  json_count(ready) == 1 ? "" : "s");
    else
        text_add(page, need);
}

void render_gate(struct text *page, const struct plan_core *core, const struct plan_step *step) {
    for (size_t i = 0; i < core->gates.count; i++) {
        const struct plan_gate *gate = &core->gates.items[i];
        if (strcmp(gate->step, step->id) != 0)
            continue;
        text_addf(page, "@@ gate \"%s\": needs ", gate->name);
        for (size_t k = 0; k < gate->needs.count; k++) {
            text_add(page, k ? ", " : "");
            add_need(page, core, gate->needs.items[k]);
        }
        text_add(page, " @@\n");
    }
}

static const char *estimate_of(const struct plan *plan, const struct plan_step *step) {
    for (size_t i = 0; i < plan->context.estimates.count; i++)
        if (strcmp(plan->context.estimates.items[i].step, step->id) == 0)
            return plan->context.estimates.items[i].range;
    return NULL;
}

void render_step(struct text *page, const struct plan *plan, const struct plan_step *step) {
    AUTO(text_clear) struct text line = { 0 };
    AUTO(string_free) char *head = xasprintf("%c %-3s  ", action_symbols[step->action], step->id);
    render_step_line(step, &line);
    render_wrapped(page, head, STEP_INDENT, text_string(&line), estimate_of(plan, step));
    const char *leap = plan->core.point_of_no_return;
    if (leap && strcmp(leap, step->id) == 0)
        text_addf(page, "       POINT OF NO RETURN: going back loses %s\n",
                  step->undo.loses ? step->undo.loses : "writes");
}

void render_totals(struct text *page, const struct plan *plan) {
    static const char *const words[] = { [ACTION_CREATE] = "to create",
                                         [ACTION_CHANGE] = "to change",
                                         [ACTION_REMOVE] = "to remove",
                                         [ACTION_MOVE] = "to move" };
    size_t counts[ACTION_GATE + 1] = { 0 };
    AUTO(text_clear) struct text line = { 0 };
    for (size_t i = 0; i < plan->core.steps.count; i++)
        counts[plan->core.steps.items[i].action]++;
    if (!plan->core.steps.count)
        return;
    for (size_t i = 0; i < COUNT(words); i++)
        if (counts[i])
            text_addf(&line, "%s%zu %s", line.length ? ", " : "", counts[i], words[i]);
    add_count(&line, counts[ACTION_CHECK], "check");
    add_count(&line, counts[ACTION_GATE], "gate");
    text_addf(page, "%s\n", text_string(&line));
}

void render_bases(struct text *page, const struct plan_context *context) {
    AUTO(text_clear) struct text line = { 0 };
    for (size_t i = 0; i < context->estimates.count; i++) {
        const struct plan_estimate *estimate = &context->estimates.items[i];
        if (estimate->basis)
            text_addf(&line, "%s%s %s", line.length ? ", " : "", estimate->step, estimate->basis);
    }
    if (line.length)
        render_wrapped(page, "Estimates: ", 11, text_string(&line), NULL);
}

void render_predictions(struct text *page, const struct plan_context *context) {
    for (size_t i = 0; i < context->predictions.count; i++)
        render_wrapped(page, i ? "           " : "Predicted: ", 13, context->predictions.items[i],
                       NULL);
}

static bool is_open_abort(const struct json *facts) {
    const char *mode = json_find_string(facts, "history.last_mode");
    return json_find_bool(facts, "history.open", false) && mode &&
           strcmp(mode, plan_mode_names[PLAN_ABORT]) == 0;
}

/* An open run continues with its own plan, no matter what this one says; unless it is the one
 * approved instead (render_instead). The digest whole, so that the command can be copied. */
char *render_next(const struct plan *plan, const char *file, char **command) {
    const struct json *facts = plan->core.observed.facts;
    const char *run = json_find_string(facts, "history.last_run");
    bool open = json_find_bool(facts, "history.open", false);
    bool aborts = plan->core.mode == PLAN_ABORT;
    *command = NULL;
    if (is_open_abort(facts)) {
        *command = xasprintf("ecmig abort %s", file);
        return xasprintf("An abort is in progress. To resume run %s:", run ? run : "");
    }
    if (!plan->context.applyable) {
        *command = xasprintf("ecmig plan %s%s", aborts ? "--mode abort " : "", file);
        return xstrdup("Blocked: resolve the errors, then");
    }
    if (open && !aborts) {
        *command = xasprintf("ecmig apply %s", file);
        return xasprintf("Run %s is open. To resume it:", run ? run : "");
    }
    if (!plan->core.steps.count && !open)
        return xstrdup("Nothing to do.");
    *command = xasprintf("ecmig %s --approve sha256:%s %s", aborts ? "abort" : "apply",
                         plan->digest, file);
    return xstrdup("To run exactly this plan:");
}

char *render_instead(const struct plan *plan, const char *file, char **command) {
    const struct json *facts = plan->core.observed.facts;
    *command = NULL;
    if (!json_find_bool(facts, "history.open", false) || is_open_abort(facts) ||
        plan->core.mode == PLAN_ABORT || json_find_string(facts, "history.fence") ||
        !plan->context.applyable || !plan->core.steps.count)
        return NULL;
    *command = xasprintf("ecmig apply --approve sha256:%s %s", plan->digest, file);
    return xstrdup(
        "To run this plan instead, for example because the file or the environment changed:");
}

/* Servers and files are quoted on the page; what they say must not steer a terminal. */
void render_printable(char *page) {
    unsigned char *at = (unsigned char *)page;
    for (size_t left = strlen(page), size; left; at += size, left -= size) {
        uint32_t character = 0;
        size = utf8_decode(at, left, &character);
        bool kept = character == '\n' || character == 0x200B; /* markdown breaks mentions with it */
        if (!size || (character_is_hidden(character) && !kept))
            memset(at, '?', size ? size : 1);
        size = size ? size : 1;
    }
}

char *render_quoted(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./-=:@%+,";
    AUTO(text_clear) struct text text = { 0 };
    if (*word && *word != '-' && strspn(word, plain) == strlen(word))
        return xstrdup(word);
    text_add_char(&text, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            text_add(&text, "'\\''");
        else
            text_add_char(&text, *word);
    }
    text_add_char(&text, '\'');
    return text_take(&text);
}

char *render_subject(const struct plan *plan, const struct render_options *options) {
    const char *file = plan->context.config_file;
    return options->words ? xstrdup(options->words) : file ? render_quoted(file) : xstrdup("FILE");
}
