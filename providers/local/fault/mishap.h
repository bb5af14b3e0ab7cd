/* Faults on request. They stand in a file of their own beside the state, changed under a lock by
 * whoever asks for them and by the endpoint that lets them happen; so they outlive both. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/json/json.h"

enum mishap_use {
    USES_ACTION = 1,
    USES_COUNT = 2,
    USES_SHARE = 4,
    USES_FOR = 8,
    USES_STATUS = 16,
    USES_NODE = 32,
    USES_CALLS = USES_ACTION | USES_COUNT | USES_SHARE
};
enum mishap_scope { MISHAP_SCOPE_CALL, MISHAP_SCOPE_PHASE, MISHAP_SCOPE_AT_ONCE };

enum mishap_kind {
#define MISHAP(symbol, name, scope, uses, summary) MISHAP_##symbol,
#include "providers/local/fault/mishaps.def"
#undef MISHAP
    MISHAP_COUNT
};

struct mishap_row {
    const char *name, *summary;
    enum mishap_scope scope;
    unsigned uses; /* enum mishap_use */
};
extern const struct mishap_row mishap_rows[MISHAP_COUNT];

struct mishap {
    int kind;                              /* enum mishap_kind */
    char *action;                          /* of calls; NULL: any */
    int64_t count;                         /* times that are left; 0: until it is cleared */
    int64_t share_percent, charge_percent; /* of calls, evenly spread; share 0: each */
    int64_t for_ms;
    char *status;     /* that a group shows */
    char *node;       /* the node's id */
    int64_t until_ms; /* wall time at which what was begun ends; 0: not begun */
};
struct mishaps {
    struct mishap *items;
    size_t count;
};

/* An absent file is an empty list. */
MUST_CHECK bool mishaps_load(const char *dir, struct mishaps *out, struct error *err);
struct json *mishaps_describe(const struct mishaps *mishaps);
void mishaps_clear(struct mishaps *mishaps);
AUTO_VALUE(struct mishaps, mishaps_clear)
void mishap_clear(struct mishap *mishap);
AUTO_VALUE(struct mishap, mishap_clear)

MUST_CHECK bool mishap_add(const char *dir, const struct mishap *mishap, struct error *err);
/* Forgets them all; what was begun is over, and ended by the endpoint. */
MUST_CHECK bool mishap_forget(const char *dir, struct error *err);

/* The one that befalls this call, used up by asking; false where there is none. */
bool mishap_on_call(const char *dir, const char *action, struct mishap *out);
/* Whether one refuses this action at present; uses nothing up. */
bool mishap_denies(const char *dir, const char *action);
bool mishap_on_phase(const char *dir, enum mishap_kind kind, int64_t *for_ms);

struct endpoint;
/* Begins and ends those that happen at once. */
void mishaps_advance(struct endpoint *endpoint);
/* One of them; false: it is over. */
bool mishap_happen(struct endpoint *endpoint, struct mishap *mishap);
