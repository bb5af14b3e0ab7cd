/* What the judges of a trace share. Internal. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/elasticache/xml.h"
#include "providers/trace/check.h"
#include "schemas/json/json.h"

struct judged_group {
    char *id, *status;                                   /* as last described */
    int64_t creating_since_ms, started_ms, completed_ms; /* wall; 0: not seen */
    bool migrated, reached;                              /* a start was seen; and 'migrating' */
};

struct judge {
    struct trace_report *report;
    size_t line;
    int64_t at_ms; /* of the line, wall */
    bool has_header;
    struct {
        struct judged_group *items;
        size_t count;
    } groups;
};

enum timing {
#define TIMING(symbol, longest_ms, what, meaning) TIMING_##symbol,
#include "providers/trace/beliefs/timings.def"
#undef TIMING
};

/* Adds a difference of the line; one that was seen before is counted only. */
void judge_differs(struct judge *judge, const char *id, const char *meaning, const char *format,
                   ...) PRINTF_LIKE(4, 5);
void judge_took(struct judge *judge, enum timing timing, int64_t took_ms, const char *subject);
/* Whether the words, separated by the byte, hold this one. */
bool judge_has_word(const char *words, char separator, const char *word);

void judge_exchange(struct judge *judge, const struct json *line);
/* A 2xx answer that was parsed: its members, statuses and messages. */
void judge_members(struct judge *judge, const char *action, const struct xml *root);
/* The order of calls and statuses. `root` may be NULL. */
void judge_order(struct judge *judge, const char *action, const char *group,
                 const struct xml *root);
/* The answer to an action is unknown: it may have been carried out. */
void judge_lost(struct judge *judge, const char *action, const char *group);
void judge_reply(struct judge *judge, const struct json *line);
