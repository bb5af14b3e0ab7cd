/* Keys on both sides, one by one, and under live writes by the offset sandwich. */
#pragma once

#include "executor/verify/key_read.h"
#include "executor/verify/snapshot.h"
#include "executor/verify/throttle.h"

struct comparison {
    const struct verify_options *options;
    struct verify_result *result; /* counts and names are added */
    struct read_rules rules;
    struct throttle *throttle; /* towards the source */
    struct pace pace;
    int64_t total;  /* keys to compare in all, for progress */
    bool clustered; /* a command takes keys of one slot only */
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
    int64_t size_bytes;              /* of the value, the larger one; -1: not known */
    int looks;                       /* without a decision */
    int64_t due_mono_ms;             /* of the next one */
    struct key_state source, target; /* at the last look */
    int alike;                       /* looks in a row that saw these two, which differ */
    bool expiring;
};
#define COMPARE_SMALL_BYTES ((int64_t)64 << 10) /* a value that one answer may hold */
struct suspects {
    struct suspect *items;
    size_t count;
};
void suspects_add(struct suspects *suspects, int64_t database, const char *bytes, size_t length,
                  int64_t size_bytes);
void suspects_clear(struct suspects *suspects);
AUTO_VALUE(struct suspects, suspects_clear)
/* One look at each: both sides are read at once, and but for the first time only after the target
 * has reached an offset that the source had after the look before. What is decided is counted and
 * leaves the list. */
MUST_CHECK bool compare_look(struct comparison *comparison, struct suspects *suspects, bool first,
                             struct error *err);
/* Counts one as hot, or as expiring, and leaves it at that. */
void compare_give_up(struct comparison *comparison, struct suspect *suspect);
#define COMPARE_LOOKS 11 /* with the delays: a little over four seconds */
int64_t compare_delay_ms(int looks);

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
/* What a look makes of it; alike_needed of them in a row, this one among them, make a mismatch. Of
 * looks in a row that are alike, the target's readings are sandwiched by the source's but for the
 * first one (the target had no offset to reach) and the last one. */
enum judgement suspect_judge(struct suspect *suspect, const struct key_state *source,
                             const struct key_state *target, int alike_needed, int64_t tolerance_ms,
                             int64_t now_at_ms);
#define ALIKE_STILL 2 /* nothing was written from the offset on until both were read */
#define ALIKE_DETACHED 3
#define ALIKE_UNDER_WRITES 5 /* three sandwiches */
