/* Reading millions of keys: commands and replies of one connection with nothing allocated for a
 * reply, and with more on the wire than is being read. A reply is a run of tokens in the bytes as
 * they came.
 *
 * While a flow is open its connection is used through it only. Closing it with replies left fails
 * the connection, for nobody could tell whose they are. */
#pragma once

#include "providers/redis/redis.h"

struct redis_token {
    enum redis_type type;
    int64_t integer;   /* of an array: how many elements follow it */
    const char *bytes; /* string, status, fault; not ended by NUL */
    size_t length;
};

/* Pure: the token that the bytes begin with. */
enum redis_token_outcome { TOKEN_WHOLE, TOKEN_PART, TOKEN_WRONG };
enum redis_token_outcome redis_token_read(const char *bytes, size_t length, struct redis_token *out,
                                          size_t *used);

struct redis_flow;
struct redis_flow *redis_flow_open(struct redis_connection *connection);
void redis_flow_close(struct redis_flow *flow);
AUTO_POINTER(struct redis_flow, redis_flow_close)

/* A command of `count` words, begun, then given word by word. */
void redis_flow_begin(struct redis_flow *flow, size_t count);
void redis_flow_word(struct redis_flow *flow, const char *bytes, size_t length);
size_t redis_flow_asked(const struct redis_flow *flow); /* replies not taken yet */

/* Sends on all and reads until the first `wanted[i]` replies of each are whole. arrived_mono_us, if
 * not NULL, is when that was true of the first flow. */
MUST_CHECK bool redis_flow_await(struct redis_flow *const *flows, const size_t *wanted,
                                 size_t count, int64_t deadline_mono_ms, int64_t *arrived_mono_us,
                                 struct error *err);
/* The next token of what was awaited; its bytes are good until the next await. Taking more than was
 * awaited is a fault of the program and aborts. */
struct redis_token redis_flow_take(struct redis_flow *flow);
/* The next reply as it came, with all its tokens. */
const char *redis_flow_take_whole(struct redis_flow *flow, size_t *length);
/* Sends what is queued as far as it goes without waiting. */
void redis_flow_push(struct redis_flow *flow);
