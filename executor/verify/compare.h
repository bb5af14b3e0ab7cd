/* Keys on both sides, one by one, and under live writes by the offset sandwich. */
#pragma once

#include "executor/verify/key_read.h"
#include "executor/verify/look.h"
#include "executor/verify/manners.h"

struct comparison {
    const struct verify_options *options;
    struct verify_result *result; /* counts and names are added */
    struct read_rules rules;
    struct manners *manners; /* towards the source */
    int64_t total;           /* keys to compare in all, for progress */
    bool clustered;          /* a command takes keys of one slot only */
};

/* What was read of one key at one moment. */
struct key_state {
    enum key_kind kind;
    int64_t expire_at_ms;
    struct key_digest digest;
    bool torn;
};
struct suspect {
    struct verify_key *owned; /* the key, when the suspect holds it; else NULL */
    const struct verify_key *key;
    int looks;                       /* without a decision */
    int64_t due_mono_ms;             /* of the next one */
    int strikes;                     /* times in a row that it was seen to differ, alike */
    struct key_state source, target; /* at the last strike */
    bool expiring;
};
struct suspects {
    struct suspect *items;
    size_t count;
};
void suspects_add(struct suspects *suspects, int64_t database, const char *bytes, size_t length);
void suspects_clear(struct suspects *suspects);
AUTO_VALUE(struct suspects, suspects_clear)
/* One look at each, the first with both sides read at once. What is decided is counted and leaves
 * the list. */
MUST_CHECK bool compare_look(struct comparison *comparison, struct suspects *suspects, bool first,
                             struct error *err);
/* Counts one as hot, or as expiring, and leaves it at that. */
void compare_give_up(struct comparison *comparison, struct suspect *suspect);
#define COMPARE_LOOKS 11 /* with the delays: a little over four seconds */
int64_t compare_delay_ms(int looks);

/* The keys are of one database; both connections are moved to it. */
MUST_CHECK bool compare_keys_of(struct comparison *comparison, const struct verify_key *keys,
                                size_t count, struct error *err);
MUST_CHECK bool compare_select(const struct verify_options *options, int64_t database,
                               struct error *err);
/* NULL when there are too many to be kept. */
struct verify_mismatch *compare_add_mismatch(struct verify_result *result, const char *kind,
                                             int64_t *tally, const struct verify_key *key);
/* Counts a compared key in the row of its database, if there is one. */
void compare_count(struct verify_result *result, int64_t database, bool equal);

/* Pure from here on. */
enum judgement { JUDGED_EQUAL, JUDGED_OPEN, JUDGED_UNVERIFIABLE, JUDGED_MISMATCH };

struct key_state key_state_of(const struct key_read *read);
bool key_state_same(const struct key_state *one, const struct key_state *two, int64_t tolerance_ms);
/* before, after: the source around the target; strikes_needed of them in a row make a mismatch. */
enum judgement suspect_judge(struct suspect *suspect, const struct key_state *before,
                             const struct key_state *target, const struct key_state *after,
                             int strikes_needed, int64_t tolerance_ms, int64_t now_at_ms);
