/* What observation can and cannot tell of the steps that were begun and have no outcome, and the
 * operator's word where it cannot. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor/site/site.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/json/json.h"

enum recover_verdict {
    RECOVER_DONE,      /* the step has taken effect: apply records that */
    RECOVER_NOT_DONE,  /* it is not: apply takes the step */
    RECOVER_AGAIN,     /* taking it again does no harm in any case: apply does */
    RECOVER_UNDER_WAY, /* it is being carried out, `why`: apply waits for its end */
    RECOVER_UNKNOWN,   /* observation cannot tell: `why` */
};

struct recover_item {
    const struct plan_step *step; /* of site->plan */
    int64_t started_at_ms;        /* the last intent */
    const struct json *intent;    /* of the journal, with the values before */
    bool waits; /* of an abort: never begun, or failed, because the source did not answer */
    enum recover_verdict verdict;
    char *why; /* what kept observation from telling, or NULL */
};
struct recover_items {
    struct recover_item *items;
    size_t count;
};
void recover_items_clear(struct recover_items *items);
AUTO_VALUE(struct recover_items, recover_items_clear)

/* The open intents outside the critical section, which apply settles by its own rules. Needs no
 * journal; the verdict of each is UNKNOWN until recover_look. */
void recover_find(const struct plan *plan, const struct journal_state *state,
                  struct recover_items *out);
/* Asks each step's probe. site->journal continues the run. */
void recover_look(struct site *site, struct recover_items *items);
/* Records the operator's word, with what was observed. ERROR_BLOCKED unless it is UNKNOWN. */
MUST_CHECK bool recover_decide(struct site *site, const struct recover_item *item, bool done,
                               const char *reason, struct error *err);
