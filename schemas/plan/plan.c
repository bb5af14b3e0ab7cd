#include "schemas/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/plan/check.h"

const char *const step_kind_names[] = {
#define STEP_KIND(symbol, name, key, section, field, effects) [STEP_##symbol] = #name,
#include "schemas/plan/step_kinds.def"
    NULL
};
#define STEP_KIND(symbol, name, key, section, field, effects) const char step_key_##name[] = key;
#define STEP_AGAIN(symbol, name, key) const char step_key_##name[] = key;
#include "schemas/plan/step_kinds.def"
const char *const plan_mode_names[] = { "migrate", "abort", NULL };
const char *const step_phase_names[] = {
    "prepare", "replicate", "cut over", "abort", "finish", NULL
};
const char *const step_action_names[] = { "create", "change", "remove", "move",
                                          "check",  "gate",   NULL };
const char *const client_impact_names[] = { "none", "latency", "write_pause", "disconnect", NULL };
static const char *const severity_names[] = { "note", "warning", "error", NULL };

enum step_section step_kind_section(enum step_kind kind) {
    static const enum step_section sections[] = {
#define STEP_KIND(symbol, name, key, section, field, effects) [STEP_##symbol] = SECTION_##section,
#include "schemas/plan/step_kinds.def"
    };
    return sections[kind];
}

struct step_effect_rule step_kind_effects(enum step_kind kind) {
    static const struct step_effect_rule rules[] = {
#define STEP_KIND(symbol, name, key, section, field, effects)                                      \
    [STEP_##symbol] = { field, EFFECTS_##effects },
#include "schemas/plan/step_kinds.def"
    };
    return rules[kind];
}

bool step_key_begins(const char *whole, const char *key) {
    size_t length = strlen(key);
    return strncmp(whole, key, length) == 0 && whole[length] == '/';
}

#define REQUIRED .flags = SHAPE_REQUIRED

static const struct shape_field effect_fields[] = {
    FIELD(struct plan_effect, field, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_effect, before, SHAPE_STRING),
    FIELD(struct plan_effect, after, SHAPE_STRING),
};
static const struct shape effect_shape = SHAPE("effect", struct plan_effect, effect_fields);

static const struct shape_field undo_fields[] = {
    FIELD(struct plan_undo, kind, SHAPE_STRING),
    FIELD(struct plan_undo, until, SHAPE_STRING),
    FIELD(struct plan_undo, loses, SHAPE_STRING),
};
static const struct shape undo_shape = SHAPE("undo", struct plan_undo, undo_fields);

static const struct shape_field retry_fields[] = {
    FIELD(struct plan_retry, attempts, SHAPE_INT),
    FIELD(struct plan_retry, backoff_ms, SHAPE_INT),
};
static const struct shape retry_shape = SHAPE("retry", struct plan_retry, retry_fields);

static const struct shape_field step_fields[] = {
    FIELD(struct plan_step, id, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_step, key, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_step, kind, SHAPE_CHOICE, .choices = step_kind_names, REQUIRED),
    FIELD(struct plan_step, phase, SHAPE_CHOICE, .choices = step_phase_names, REQUIRED),
    FIELD(struct plan_step, action, SHAPE_CHOICE, .choices = step_action_names, REQUIRED),
    FIELD(struct plan_step, object, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_step, reason, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_step, needs, SHAPE_STRINGS),
    FIELD(struct plan_step, preconditions, SHAPE_STRINGS),
    FIELD(struct plan_step, effects, SHAPE_LIST, .shape = &effect_shape),
    FIELD(struct plan_step, client_impact, SHAPE_CHOICE, .choices = client_impact_names),
    FIELD(struct plan_step, done_when, SHAPE_STRING),
    FIELD(struct plan_step, undo, SHAPE_STRUCT, .shape = &undo_shape),
    FIELD(struct plan_step, retry, SHAPE_STRUCT, .shape = &retry_shape),
    FIELD(struct plan_step, timeout_s, SHAPE_INT, REQUIRED),
    FIELD(struct plan_step, digest, SHAPE_STRING),
};
const struct shape plan_step_shape = SHAPE("plan step", struct plan_step, step_fields);

static const struct shape_field gate_fields[] = {
    FIELD(struct plan_gate, name, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_gate, step, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_gate, needs, SHAPE_STRINGS),
};
static const struct shape gate_shape = SHAPE("gate", struct plan_gate, gate_fields);

static const struct shape_field finding_fields[] = {
    FIELD(struct plan_finding, id, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_finding, severity, SHAPE_CHOICE, .choices = severity_names, REQUIRED),
    FIELD(struct plan_finding, subject, SHAPE_STRING),
    FIELD(struct plan_finding, waived_by, SHAPE_STRING),
};
static const struct shape finding_shape = SHAPE("finding", struct plan_finding, finding_fields);

static const struct shape_field observed_fields[] = {
    FIELD(struct plan_observed, facts, SHAPE_JSON, REQUIRED),
    FIELD(struct plan_observed, fingerprint, SHAPE_STRING),
};
static const struct shape observed_part_shape =
    SHAPE("observed", struct plan_observed, observed_fields);

static const struct shape_field core_fields[] = {
    FIELD(struct plan_core, migration, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_core, mode, SHAPE_CHOICE, .choices = plan_mode_names, REQUIRED),
    FIELD(struct plan_core, planner_revision, SHAPE_INT, REQUIRED),
    FIELD(struct plan_core, config, SHAPE_JSON, REQUIRED),
    FIELD(struct plan_core, base, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_core, observed, SHAPE_STRUCT, .shape = &observed_part_shape, REQUIRED),
    FIELD(struct plan_core, findings, SHAPE_LIST, .shape = &finding_shape, REQUIRED),
    FIELD(struct plan_core, steps, SHAPE_LIST, .shape = &plan_step_shape, REQUIRED),
    FIELD(struct plan_core, gates, SHAPE_LIST, .shape = &gate_shape, REQUIRED),
    FIELD(struct plan_core, point_of_no_return, SHAPE_STRING),
};
const struct shape plan_core_shape = SHAPE("plan core", struct plan_core, core_fields);

static const struct shape_field note_fields[] = {
    FIELD(struct plan_note, id, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_note, severity, SHAPE_CHOICE, .choices = severity_names, REQUIRED),
    FIELD(struct plan_note, subject, SHAPE_STRING),
    FIELD(struct plan_note, summary, SHAPE_STRING),
    FIELD(struct plan_note, detail, SHAPE_STRING),
    FIELD(struct plan_note, remedy, SHAPE_STRING),
    FIELD(struct plan_note, waived_by, SHAPE_STRING),
};
static const struct shape note_shape = SHAPE("finding text", struct plan_note, note_fields);

static const struct shape_field estimate_fields[] = {
    FIELD(struct plan_estimate, step, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_estimate, range, SHAPE_STRING, REQUIRED),
    FIELD(struct plan_estimate, basis, SHAPE_STRING),
};
static const struct shape estimate_shape = SHAPE("estimate", struct plan_estimate, estimate_fields);

static const struct shape_field context_fields[] = {
    FIELD(struct plan_context, created_at, SHAPE_STRING),
    FIELD(struct plan_context, tool_version, SHAPE_STRING),
    FIELD(struct plan_context, config_file, SHAPE_STRING),
    FIELD(struct plan_context, config_folder, SHAPE_STRING),
    FIELD(struct plan_context, config_commit, SHAPE_STRING),
    FIELD(struct plan_context, applyable, SHAPE_BOOL),
    FIELD(struct plan_context, complete, SHAPE_BOOL),
    FIELD(struct plan_context, summary, SHAPE_STRING),
    FIELD(struct plan_context, source, SHAPE_STRING),
    FIELD(struct plan_context, target, SHAPE_STRING),
    FIELD(struct plan_context, method, SHAPE_STRING),
    FIELD(struct plan_context, record, SHAPE_STRING),
    FIELD(struct plan_context, findings, SHAPE_LIST, .shape = &note_shape),
    FIELD(struct plan_context, estimates, SHAPE_LIST, .shape = &estimate_shape),
    FIELD(struct plan_context, predictions, SHAPE_STRINGS),
    FIELD(struct plan_context, measurements, SHAPE_JSON),
};
static const struct shape context_shape =
    SHAPE("plan context", struct plan_context, context_fields);

static const struct shape_field plan_fields[] = {
    FIELD(struct plan, format_version, SHAPE_STRING, REQUIRED),
    FIELD(struct plan, digest, SHAPE_STRING, REQUIRED),
    FIELD(struct plan, core, SHAPE_STRUCT, .shape = &plan_core_shape, REQUIRED),
    FIELD(struct plan, context, SHAPE_STRUCT, .shape = &context_shape),
};
const struct shape plan_shape = SHAPE("plan", struct plan, plan_fields);

static char *digest_of(const struct json *value) {
    char hex[DIGEST_HEX_BYTES];
    json_digest(value, hex);
    return xstrdup(hex);
}

/* The values of one document, which is nobody else's yet. */
static struct json *own(const struct json *value) {
    return (struct json *)(uintptr_t)value;
}

static void seal_step(struct plan_step *step, struct json *value) {
    json_remove(value, "digest");
    free(step->digest);
    step->digest = digest_of(value);
    json_put_string(value, "digest", step->digest);
}

/* The document is made once, and each seal is put into it. */
void plan_seal(struct plan *plan) {
    string_replace(&plan->format_version, PLAN_FORMAT_VERSION);
    free(plan->core.observed.fingerprint);
    plan->core.observed.fingerprint = digest_of(plan->core.observed.facts);
    AUTO(json_free) struct json *core = shape_write(&plan_core_shape, &plan->core);
    const struct json *steps = json_find(core, "steps");
    for (size_t i = 0; i < plan->core.steps.count; i++)
        seal_step(&plan->core.steps.items[i], own(json_at(steps, i)));
    free(plan->digest);
    plan->digest = digest_of(core);
}

char *plan_write(const struct plan *plan, enum json_style style) {
    AUTO(json_free) struct json *value = shape_write(&plan_shape, plan);
    return json_write(value, style);
}

static bool check_version(const struct json *value, struct error *err) {
    const char *version = json_find_string(value, "format_version");
    if (!version) {
        error_set(err, ERROR_FORMAT, "this is not a plan document");
        return error_hint(err, "to write a plan: ecmig plan --out PLAN FILE");
    }
    if (strtol(version, NULL, 10) == PLAN_FORMAT_MAJOR)
        return true;
    error_set(err, ERROR_FORMAT, "the plan has format version '%s', this ecmig reads %s", version,
              PLAN_FORMAT_VERSION);
    return error_hint(err, "plan again with this version: ecmig plan --out PLAN FILE");
}

/* What was hashed is the core as it stands in the document, keys of a newer minor included. */
static bool check_digest(const struct json *value, struct error *err) {
    const char *stated = json_find_string(value, "digest");
    const struct json *core = json_find(value, "core");
    if (!stated || !core)
        return error_set(err, ERROR_FORMAT, "the plan lacks its digest or its core");
    char actual[DIGEST_HEX_BYTES];
    json_digest(core, actual);
    if (strcmp(stated, actual) == 0)
        return true;
    error_set(err, ERROR_STALE,
              "the plan was changed after it was made: its digest is sha256:%.12s…, but its "
              "content has sha256:%.12s…",
              stated, actual);
    return error_hint(err, "change the migration file and plan again: ecmig plan --out PLAN FILE");
}

bool plan_parse(const void *bytes, size_t length, struct plan *out, struct error *err) {
    AUTO(json_free) struct json *value = NULL;
    if (!json_parse(bytes, length, "the plan", &value, err))
        return error_hint(err, "make it again: ecmig plan --out PLAN FILE");
    if (json_kind_of(value) != JSON_KIND_OBJECT)
        return error_set(err, ERROR_FORMAT, "the plan is not a JSON object");
    struct plan plan = { 0 };
    if (!check_version(value, err) || !check_digest(value, err) ||
        !shape_read(&plan_shape, value, &plan, err))
        return false;
    if (plan_check(&plan, value, err)) {
        *out = plan;
        return true;
    }
    plan_clear(&plan);
    return false;
}

const struct plan_step *plan_find(const struct plan *plan, const char *key) {
    for (size_t i = 0; i < plan->core.steps.count; i++)
        if (strcmp(plan->core.steps.items[i].key, key) == 0)
            return &plan->core.steps.items[i];
    return NULL;
}

static const char setting_marker[] = ".settings.";

const char *plan_effect_setting(const struct plan_effect *effect) {
    const char *marker = strstr(effect->field, setting_marker);
    return marker ? marker + sizeof setting_marker - 1 : NULL;
}

const char *plan_effect_node(const struct plan_core *core, const struct plan_effect *effect) {
    const char *marker = strstr(effect->field, setting_marker);
    if (!marker)
        return NULL;
    AUTO(string_free)
    char *fact = xasprintf("%.*s.address", (int)(marker - effect->field), effect->field);
    return json_find_string(core->observed.facts, fact);
}

const char *plan_step_setting(const struct plan_step *step) {
    return step->effects.count ? plan_effect_setting(&step->effects.items[0]) : NULL;
}

bool plan_waives(const struct plan *plan, const char *id, const char *run) {
    static const char prefix[] = "run ";
    for (size_t i = 0; run && i < plan->core.findings.count; i++) {
        const struct plan_finding *finding = &plan->core.findings.items[i];
        if (strcmp(finding->id, id) == 0 && finding->waived_by && finding->subject &&
            strncmp(finding->subject, prefix, sizeof prefix - 1) == 0 &&
            strcmp(finding->subject + sizeof prefix - 1, run) == 0)
            return true;
    }
    return false;
}

bool plan_is_blocked(const struct plan *plan) {
    for (size_t i = 0; i < plan->core.findings.count; i++)
        if (plan->core.findings.items[i].severity == SEVERITY_ERROR &&
            !plan->core.findings.items[i].waived_by)
            return true;
    return false;
}

bool plan_adopts(const struct plan *plan, const char *run) {
    return plan_waives(plan, "other-run", run);
}

bool plan_config(const struct plan *plan, struct config *out, struct error *err) {
    return config_from_json(plan->core.config, out, err);
}

void plan_clear(struct plan *plan) {
    if (plan)
        shape_clear(&plan_shape, plan);
}
