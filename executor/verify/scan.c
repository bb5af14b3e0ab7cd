#include "executor/verify/scan.h"

#include <stdio.h>
#include <string.h>

#include "executor/verify/sample.h"
#include "executor/verify/snapshot.h"

#define FIRST_COUNT ((size_t)100)
#define MOST_COUNT ((size_t)1000)
#define NAMES_BYTES ((size_t)256 << 10) /* of one answer */

void flow_ask(struct redis_flow *flow, const char *command, const char *key, size_t length) {
    redis_flow_begin(flow, 2);
    redis_flow_word(flow, command, strlen(command));
    redis_flow_word(flow, key, length);
}

void scan_ask(struct scan *scan, struct redis_flow *flow) {
    redis_flow_begin(flow, 4);
    FLOW_WORD(flow, "SCAN");
    redis_flow_word(flow, scan->cursor, strlen(scan->cursor));
    FLOW_WORD(flow, "COUNT");
    char count[24];
    if (!scan->count)
        scan->count = FIRST_COUNT;
    redis_flow_word(flow, count, (size_t)snprintf(count, sizeof count, "%zu", scan->count));
    scan->asked = true;
}

/* Names are usually short, and now and then as long as a value. */
static void fit(struct scan *scan, size_t bytes) {
    if (bytes > NAMES_BYTES)
        scan->count = scan->count * NAMES_BYTES / bytes + 1;
    else if (bytes < NAMES_BYTES / 4 && scan->count < MOST_COUNT)
        scan->count = 2 * scan->count < MOST_COUNT ? 2 * scan->count : MOST_COUNT;
}

bool scan_take(struct scan *scan, struct redis_flow *flow, struct names *out, struct error *err) {
    struct redis_token answer = redis_flow_take(flow);
    if (answer.type == REDIS_FAULT) {
        error_set(err, ERROR_REFUSED, "SCAN is refused: %.*s", (int)answer.length, answer.bytes);
        return refusal_hint(err, answer.bytes, answer.length);
    }
    if (answer.type != REDIS_ARRAY || answer.integer != 2)
        return error_set(err, ERROR_FORMAT, "the reply to SCAN is not a cursor and names");
    struct redis_token cursor = redis_flow_take(flow), list = redis_flow_take(flow);
    if (cursor.type != REDIS_STRING || cursor.length >= sizeof scan->cursor ||
        list.type != REDIS_ARRAY)
        return error_set(err, ERROR_FORMAT, "the reply to SCAN is not a cursor and names");
    memcpy(scan->cursor, cursor.bytes, cursor.length);
    scan->cursor[cursor.length] = '\0';
    scan->asked = false;
    scan->ended = strcmp(scan->cursor, "0") == 0;
    size_t bytes = 0;
    for (int64_t i = 0; i < list.integer; i++) {
        struct redis_token name = redis_flow_take(flow);
        if (name.type != REDIS_STRING)
            return error_set(err, ERROR_FORMAT, "the reply to SCAN holds something else");
        bytes += name.length;
        if (!verify_ignores(name.bytes, name.length))
            names_add(out, name.bytes, name.length, 0, 0);
    }
    fit(scan, bytes);
    return true;
}
