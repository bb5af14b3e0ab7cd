#include "executor/cutover/audit.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "executor/cutover/fence.h"
#include "schemas/base/memory.h"

#define DELETED_NAMED ((size_t)100000)

#define ROW(member, ...) FIELD(struct audit_counters, member, __VA_ARGS__)
static const struct shape_field counter_fields[] = {
    ROW(run_id, SHAPE_STRING),      ROW(expired_keys, SHAPE_INT), ROW(evicted_keys, SHAPE_INT),
    ROW(expired_fields, SHAPE_INT), ROW(del_calls, SHAPE_INT),    ROW(unlink_calls, SHAPE_INT),
    ROW(hdel_calls, SHAPE_INT),     ROW(script_calls, SHAPE_INT),
};
const struct shape audit_counters_shape = SHAPE("counters", struct audit_counters, counter_fields);

void audit_counters_read(const struct server_info *server, struct audit_counters *out) {
    *out = (struct audit_counters){
        .run_id = xstrdup(server->run_id),
        .expired_keys = server->expired_keys,
        .evicted_keys = server->evicted_keys,
        .expired_fields = server->expired_fields,
        .del_calls = server_calls(server, "del"),
        .unlink_calls = server_calls(server, "unlink"),
        .hdel_calls = server_calls(server, "hdel"),
        .script_calls = server_calls(server, "eval") + server_calls(server, "evalsha"),
    };
}

void audit_counters_clear(struct audit_counters *counters) {
    if (counters)
        shape_clear(&audit_counters_shape, counters);
}

static size_t digits(size_t number) {
    size_t count = 1;
    for (; number >= 10; number /= 10)
        count++;
    return count;
}

int64_t audit_command_bytes(const struct redis_reply *command) {
    size_t bytes = 1 + digits(command->count) + 2;
    for (size_t i = 0; i < command->count; i++) {
        size_t length = command->elements[i]->length;
        bytes += 1 + digits(length) + 2 + length + 2;
    }
    return (int64_t)bytes;
}

static bool is_word(const char *word, const char *const *words) {
    for (; *words; words++)
        if (strcasecmp(word, *words) == 0)
            return true;
    return false;
}

void audit_tail_add(struct audit_tail *tail, const struct redis_reply *command) {
    /* Seen under the fence on the engines tried. MULTI and EXEC only frame what is judged itself.
     */
    static const char *const harmless[] = { "PING",    "SELECT", "REPLCONF", "PUBLISH", "SPUBLISH",
                                            "PFCOUNT", "SCRIPT", "MULTI",    "EXEC",    NULL };
    static const char *const scripts[] = { "EVAL", "EVALSHA", NULL };
    tail->commands++;
    tail->bytes += audit_command_bytes(command);
    const char *word = command->count ? redis_text(command->elements[0]) : "";
    if (is_word(word, harmless))
        return;
    bool deletes = strcasecmp(word, "DEL") == 0 || strcasecmp(word, "UNLINK") == 0;
    for (size_t i = 1; deletes && i < command->count; i++)
        if (tail->deleted.count < DELETED_NAMED)
            strings_addf(&tail->deleted, "%s %s", word, redis_text(command->elements[i]));
    if (deletes)
        tail->keys_deleted += (int64_t)command->count - 1;
    else if (strcasecmp(word, "HDEL") == 0)
        tail->fields_deleted += (int64_t)command->count - 2;
    else if (is_word(word, scripts))
        tail->script_seen = true;
    else
        strings_addf(&tail->escaped, "%s %s", word,
                     command->count > 1 ? redis_text(command->elements[1]) : "");
}

void audit_tail_pass(struct audit_tail *tail, const struct redis_reply *command) {
    const char *word = command->count ? redis_text(command->elements[0]) : "";
    if (strcasecmp(word, "DEL") == 0 || strcasecmp(word, "UNLINK") == 0)
        tail->keys_before += (int64_t)command->count - 1;
}

void audit_tail_clear(struct audit_tail *tail) {
    if (tail) {
        strings_clear(&tail->escaped);
        strings_clear(&tail->deleted);
    }
}

const char *audit_verdict_name(enum audit_verdict verdict) {
    static const char *const names[] = { "clean", "escaped", "inconclusive" };
    return names[verdict];
}

static bool fell(const struct audit_counters *then, const struct audit_counters *now) {
    return now->expired_keys < then->expired_keys || now->evicted_keys < then->evicted_keys ||
           now->expired_fields < then->expired_fields || now->del_calls < then->del_calls ||
           now->unlink_calls < then->unlink_calls || now->hdel_calls < then->hdel_calls ||
           now->script_calls < then->script_calls;
}

enum audit_verdict audit_judge(const struct audit_tail *tail, const struct audit_counters *then,
                               const struct audit_counters *now, int64_t version, char **why) {
    if (tail->escaped.count) {
        *why = xasprintf("%zu writes were accepted by the source after the fence",
                         tail->escaped.count);
        return AUDIT_ESCAPED;
    }
    if (fell(then, now)) {
        *why =
            xstrdup("a counter of the source fell: it was restarted or its statistics were reset");
        return AUDIT_INCONCLUSIVE;
    }
    bool client_deleted = now->del_calls > then->del_calls ||
                          now->unlink_calls > then->unlink_calls ||
                          now->hdel_calls > then->hdel_calls;
    int64_t expired =
        now->expired_keys - then->expired_keys + now->evicted_keys - then->evicted_keys;
    int64_t expired_fields = now->expired_fields - then->expired_fields;
    /* The last fields of a hash go with its key: a DEL, which no HDEL and no counter of keys tells
     * of (Valkey 9.1). */
    int64_t explained = expired + expired_fields;
    /* The end of a key is counted and written at once; that of a field is counted before, so that
     * what was written before the span may have been counted before it was read. */
    if (!expired_fields)
        explained -= tail->keys_before;
    if (tail->fields_deleted > expired_fields ||
        (tail->keys_deleted + tail->fields_deleted > 0 &&
         tail->keys_deleted + tail->fields_deleted > explained) ||
        (client_deleted && tail->keys_deleted + tail->fields_deleted > 0)) {
        *why = xasprintf("%" PRId64 " keys and %" PRId64
                         " fields were deleted, expiry explains %" PRId64 " and %" PRId64,
                         tail->keys_deleted, tail->fields_deleted, expired, expired_fields);
        return AUDIT_ESCAPED;
    }
    if (tail->script_seen ||
        (version < FENCE_SCRIPTS_VERSION && now->script_calls > then->script_calls)) {
        *why =
            xstrdup("a script ran after the fence, and scripts may write under it on this engine");
        return AUDIT_INCONCLUSIVE;
    }
    return AUDIT_CLEAN;
}
