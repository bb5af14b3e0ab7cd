/* Did anything escape? The judgement over the source's replication log after the fence. Pure.
 *
 * Under the fence a log still carries pings, subscriptions' messages, script loads and the
 * deletions of keys that expired. Deletions are allowed up to the growth of the expiry and eviction
 * counters over exactly that span, as long as no client's deletion was counted. Everything else
 * escaped. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/redis/redis.h"
#include "providers/redis/server.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/json/shape.h"

struct audit_counters { /* all of one INFO all reply */
    char *run_id;
    int64_t expired_keys, evicted_keys, expired_fields;
    int64_t del_calls, unlink_calls, hdel_calls, script_calls; /* script_calls: EVAL and EVALSHA */
};
extern const struct shape audit_counters_shape;
void audit_counters_read(const struct server_info *server, struct audit_counters *out);
void audit_counters_clear(struct audit_counters *counters);
AUTO_VALUE(struct audit_counters, audit_counters_clear)

struct audit_tail {
    int64_t commands, bytes; /* read of the log */
    int64_t keys_deleted, fields_deleted;
    int64_t keys_before; /* deleted since the counters were read and before the span */
    bool script_seen;
    struct strings escaped; /* "SET key": never leaves this machine */
    struct strings deleted; /* "DEL key", likewise: by expiry, unless the counters say otherwise */
};
void audit_tail_add(struct audit_tail *tail, const struct redis_reply *command);
/* A command that is on the target: what expired then explains no deletion of the span. */
void audit_tail_pass(struct audit_tail *tail, const struct redis_reply *command);
int64_t audit_command_bytes(const struct redis_reply *command); /* as it stands in the log */
void audit_tail_clear(struct audit_tail *tail);
AUTO_VALUE(struct audit_tail, audit_tail_clear)

enum audit_verdict { AUDIT_CLEAN, AUDIT_ESCAPED, AUDIT_INCONCLUSIVE };
const char *audit_verdict_name(enum audit_verdict verdict);
/* `why` is set for every verdict but clean; the caller frees. version: 100 * major + minor. */
enum audit_verdict audit_judge(const struct audit_tail *tail, const struct audit_counters *at_fence,
                               const struct audit_counters *now, int64_t version, char **why);
