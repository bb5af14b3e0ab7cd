/* The plan document: what passes from planner to executor, and what people approve.
 *
 * `core` is hashed (sha256 of its canonical JSON is the digest) and holds no secret and no measured
 * number; `context` is for readers. The digest is recomputed on every load. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/findings.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/config/config.h"
#include "schemas/json/shape.h"

#define PLAN_FORMAT_MAJOR 1
#define PLAN_FORMAT_VERSION "1.0"
#define PLANNER_REVISION 6 /* raised when the same input gives another core */

enum step_kind {
#define STEP_KIND(symbol, name, key, section, field, effects) STEP_##symbol,
#include "schemas/plan/step_kinds.def"
};
extern const char *const step_kind_names[];
enum step_section { SECTION_PLAIN, SECTION_CUTOVER };
enum step_section step_kind_section(enum step_kind kind);

/* Their keys, as step_key_complete: what a record knows a step by. */
#define STEP_KIND(symbol, name, key, section, field, effects) extern const char step_key_##name[];
#define STEP_AGAIN(symbol, name, key) extern const char step_key_##name[];
#include "schemas/plan/step_kinds.def"
/* Is this the key of a step on a setting, "prepare/set/NAME", that begins with `key`? */
bool step_key_begins(const char *whole, const char *key);

enum step_effects { EFFECTS_ANY, EFFECTS_FIELD, EFFECTS_SOME, EFFECTS_VALUED };
/* What a step of the kind may change, and what its runner takes for granted of it. */
struct step_effect_rule {
    const char *field; /* what the path of each begins with */
    enum step_effects effects;
};
struct step_effect_rule step_kind_effects(enum step_kind kind);

enum plan_mode { PLAN_MIGRATE, PLAN_ABORT };
enum step_phase { PHASE_PREPARE, PHASE_REPLICATE, PHASE_CUT_OVER, PHASE_ABORT, PHASE_FINISH };
enum step_action {
    ACTION_CREATE,
    ACTION_CHANGE,
    ACTION_REMOVE,
    ACTION_MOVE,
    ACTION_CHECK,
    ACTION_GATE
};
enum client_impact { IMPACT_NONE, IMPACT_LATENCY, IMPACT_WRITE_PAUSE, IMPACT_DISCONNECT };
extern const char *const plan_mode_names[],
    *const step_phase_names[], *const step_action_names[], *const client_impact_names[];

struct plan_effect {
    char *field;          /* a path of observed_facts, as source.nodes[0].settings.repl-timeout */
    char *before, *after; /* NULL: absent */
};

struct plan_undo {
    char *kind;  /* NULL: there is nothing to undo */
    char *until; /* step id up to which it is possible */
    char *loses; /* what undoing loses, or NULL */
};

struct plan_retry {
    int64_t attempts, backoff_ms;
};

struct plan_step {
    char *id;  /* S05; gates G1 */
    char *key; /* stable over plans: replicate/start, prepare/set/NAME */
    enum step_kind kind;
    enum step_phase phase;
    enum step_action action;
    char *object; /* what it works on, for people: a group, HOST:PORT, "3 of 6 nodes (A, B, C)" */
    char *reason; /* one line for people: what it does, and why */
    struct strings needs, preconditions; /* step ids; sentences checked again at apply */
    struct {
        struct plan_effect *items;
        size_t count;
    } effects;
    enum client_impact client_impact;
    char *done_when;
    struct plan_undo undo;
    struct plan_retry retry;
    int64_t timeout_s;
    char *digest; /* sha256 of the step without this field */
};

struct plan_gate {
    char *name, *step;    /* cutover, G1 */
    struct strings needs; /* approval, in_sync, verified */
};

struct plan_finding { /* what is hashed of a finding */
    char *id;
    enum severity severity;
    char *subject, *waived_by;
};

struct plan_observed {
    struct json *facts;
    char *fingerprint; /* sha256 of the canonical facts */
};

struct plan_core {
    char *migration;
    enum plan_mode mode;
    int64_t planner_revision;
    struct json *config; /* config_shape */
    char *base;
    struct plan_observed observed;
    struct {
        struct plan_finding *items;
        size_t count;
    } findings;
    struct {
        struct plan_step *items;
        size_t count;
    } steps;
    struct {
        struct plan_gate *items;
        size_t count;
    } gates;
    char *point_of_no_return; /* step id, or NULL */
};

struct plan_note { /* a finding as people read it */
    char *id;
    enum severity severity;
    char *subject, *summary, *detail, *remedy, *waived_by;
};

struct plan_estimate {
    char *step, *range, *basis; /* "9-14 min", "41.2 GiB at 50-75 MiB/s" */
};

struct plan_context {
    char *created_at, *tool_version, *config_file, *config_folder, *config_commit;
    bool applyable;                 /* no finding of severity error is left unwaived */
    bool complete;                  /* everything could be observed */
    char *summary;                  /* the verdict line */
    char *source, *target, *method; /* who, what, where: may hold newlines */
    char *record;                   /* the state repository that was read; NULL: not told */
    struct {
        struct plan_note *items;
        size_t count;
    } findings;
    struct {
        struct plan_estimate *items;
        size_t count;
    } estimates;
    struct strings predictions; /* sentences with their arithmetic */
    struct json *measurements;  /* the observation with its measures */
};

struct plan {
    char *format_version;
    char *digest; /* 64 hex digits; shown as sha256:… */
    struct plan_core core;
    struct plan_context context;
};

extern const struct shape plan_shape, plan_core_shape, plan_step_shape;

void plan_seal(struct plan *plan); /* computes step digests, fingerprint and digest */
char *plan_write(const struct plan *plan, enum json_style style); /* the caller frees */
/* Pure and bounded. ERROR_FORMAT: not a plan, edited by hand (its digest does not match) or another
 * major version, or not one that the planner could have made: configuration, steps, gates, facts
 * and findings are checked (check.h), and the owner of a plan may rely on it. */
MUST_CHECK bool plan_parse(const void *bytes, size_t length, struct plan *out, struct error *err);
const struct plan_step *plan_find(const struct plan *plan, const char *key);
/* Of an effect on a setting of a source node: the setting's name, and the node's HOST:PORT, which
 * the facts have. NULL for any other. */
const char *plan_effect_setting(const struct plan_effect *effect);
const char *plan_effect_node(const struct plan_core *core, const struct plan_effect *effect);
/* The setting that the step changes, on as many nodes as it has effects; NULL for other steps. */
const char *plan_step_setting(const struct plan_step *step);
/* A waiver of the file takes this finding about this run out of the way. */
bool plan_waives(const struct plan *plan, const char *id, const char *run);
/* A finding of severity error is left that no waiver takes out of the way; of those that are
 * hashed. */
bool plan_is_blocked(const struct plan *plan);
/* So that it may be taken over, which another record has. */
bool plan_adopts(const struct plan *plan, const char *run);
/* The config the plan was made from. */
MUST_CHECK bool plan_config(const struct plan *plan, struct config *out, struct error *err);
void plan_clear(struct plan *plan);
AUTO_VALUE(struct plan, plan_clear)
