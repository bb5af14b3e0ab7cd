/* What an operator should see together: faults of a file, results of checks, mismatches. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };
const char *severity_name(enum severity severity); /* "note" "warning" "error" */

struct finding {
    char *id; /* the check's slug, as source-has-auth; NULL for a fault in a file */
    enum severity severity;
    char *subject;       /* what it is about, as 10.0.0.5:6379 or a file's name */
    char *summary;       /* one line, no measured number: it is hashed into the plan */
    char *detail;        /* what was seen and why it matters, numbers welcome; or NULL */
    char *remedy;        /* what to do; or NULL */
    char *waived_by;     /* reason of the waiver in the migration file, or NULL */
    size_t line, column; /* 1-based place in the subject; 0 where there is none */
};

struct findings {
    struct finding *items;
    size_t count;
};

/* The new finding lives in the list until the next call; set its owned strings with string_replace.
 */
struct finding *finding_add(struct findings *list, enum severity severity, const char *id,
                            const char *subject, const char *summary_format, ...) PRINTF_LIKE(5, 6);
size_t findings_count(const struct findings *list,
                      enum severity severity); /* waived ones left out */
void findings_sort(
    struct findings *list); /* errors first, then id, subject, place; stable in meaning */
void findings_clear(struct findings *list);
AUTO_VALUE(struct findings, findings_clear)
