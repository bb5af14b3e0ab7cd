/* Faults on request. They stand in a file of their own beside the state, changed under a lock by
 * the process that asks for them and by the endpoint that lets them happen; so they outlive both.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/json/json.h"

enum fault_use {
    USES_ACTION = 1,
    USES_COUNT = 2,
    USES_SHARE = 4,
    USES_FOR = 8,
    USES_STATUS = 16,
    USES_NODE = 32,
    USES_CALLS = USES_ACTION | USES_COUNT | USES_SHARE
};
enum fault_scope { FAULT_SCOPE_CALL, FAULT_SCOPE_PHASE, FAULT_SCOPE_AT_ONCE };

enum fault_kind {
#define FAULT(symbol, name, scope, uses, summary) FAULT_##symbol,
#include "providers/local/fault/faults.def"
#undef FAULT
    FAULT_COUNT
};

struct fault_row {
    const char *name, *summary;
    enum fault_scope scope;
    unsigned uses; /* enum fault_use */
};
extern const struct fault_row fault_rows[FAULT_COUNT];

struct fault {
    int kind;                              /* enum fault_kind */
    char *action;                          /* of calls; NULL: any */
    int64_t count;                         /* times that are left; 0: until it is cleared */
    int64_t share_percent, charge_percent; /* of calls, evenly spread; share 0: each */
    int64_t for_ms;
    char *status;     /* that a group shows */
    char *node;       /* the node's id */
    int64_t until_ms; /* wall time at which what was begun ends; 0: not begun */
};
struct faults {
    struct fault *items;
    size_t count;
};

/* An absent file is an empty list. */
MUST_CHECK bool faults_load(const char *dir, struct faults *out, struct error *err);
struct json *faults_describe(const struct faults *faults);
void faults_clear(struct faults *faults);
AUTO_VALUE(struct faults, faults_clear)
void fault_clear(struct fault *fault);
AUTO_VALUE(struct fault, fault_clear)

MUST_CHECK bool fault_add(const char *dir, const struct fault *fault, struct error *err);
/* Forgets them all; what was begun is over, and ended by the endpoint. */
MUST_CHECK bool fault_forget(const char *dir, struct error *err);

/* The one that happens to this call, used up by asking; false where there is none. */
bool fault_on_call(const char *dir, const char *action, struct fault *out);
/* Whether one refuses this action at present; uses nothing up. */
bool fault_denies(const char *dir, const char *action);
bool fault_on_phase(const char *dir, enum fault_kind kind, int64_t *for_ms);

/* What became of a fault that was looked at. */
enum fault_fate { FATE_SAME, FATE_CHANGED, FATE_OVER };
typedef enum fault_fate fault_visit(void *context, struct fault *fault);
/* Looks at each under the lock, and keeps what became of them. */
void faults_visit(const char *dir, fault_visit *visit, void *context);
