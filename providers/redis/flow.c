#include "providers/redis/flow.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "providers/redis/connection.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define READ_BYTES ((size_t)64 << 10)
#define LINE_CEILING_BYTES ((size_t)64 << 10) /* a fault's text; numbers are shorter */
#define NUMBER_CEILING_DIGITS 19
#define FLOW_COUNT 2
#define HEAD_BYTES ((size_t)24)
#define SHORT_WORD_BYTES ((size_t)128) /* written in one piece */

struct redis_flow {
    struct redis_connection *connection;
    char *bytes;
    size_t from, checked, to, capacity; /* [from, checked): whole tokens */
    size_t whole_count;                 /* replies in it */
    size_t asked_count;                 /* commands whose reply was not taken */
    uint64_t check_left, take_left;     /* tokens until the reply at hand ends */
};

/* The number that a line is, behind its first byte; *head is what the line takes. Most of what
 * comes are such lines: one pass over each. */
static enum redis_token_outcome number(const char *bytes, size_t length, int64_t *out,
                                       size_t *head) {
    bool minus = length > 1 && bytes[1] == '-';
    size_t first = 1 + (size_t)minus, at = first;
    uint64_t value = 0;
    for (; at < length && bytes[at] >= '0' && bytes[at] <= '9'; at++)
        value = value * 10 + (uint64_t)(bytes[at] - '0');
    if (at - first > NUMBER_CEILING_DIGITS || value > INT64_MAX)
        return TOKEN_WRONG;
    if (at == length)
        return TOKEN_PART;
    if (at == first || bytes[at] != '\r')
        return TOKEN_WRONG;
    if (at + 1 == length)
        return TOKEN_PART;
    if (bytes[at + 1] != '\n')
        return TOKEN_WRONG;
    *out = minus ? -(int64_t)value : (int64_t)value;
    *head = at + 2;
    return TOKEN_WHOLE;
}

/* A line of text, of a status or a fault. */
static enum redis_token_outcome line(const char *bytes, size_t length, struct redis_token *out,
                                     size_t *used) {
    const char *end = memchr(bytes, '\r', length);
    if (!end || end + 1 == bytes + length)
        return !end && length > LINE_CEILING_BYTES ? TOKEN_WRONG : TOKEN_PART;
    if (end[1] != '\n')
        return TOKEN_WRONG;
    *out = (struct redis_token){ .type = bytes[0] == '+' ? REDIS_STATUS : REDIS_FAULT,
                                 .bytes = bytes + 1,
                                 .length = (size_t)(end - bytes) - 1 };
    *used = (size_t)(end - bytes) + 2;
    return TOKEN_WHOLE;
}

static enum redis_token_outcome string(const char *bytes, size_t length, size_t head,
                                       struct redis_token *token, size_t *used) {
    if (token->integer > (int64_t)REDIS_STRING_CEILING_BYTES)
        return TOKEN_WRONG;
    size_t size = (size_t)token->integer;
    if (length - head < size + 2)
        return TOKEN_PART;
    token->bytes = bytes + head;
    token->length = size;
    *used = head + size + 2;
    return memcmp(bytes + head + size, "\r\n", 2) == 0 ? TOKEN_WHOLE : TOKEN_WRONG;
}

enum redis_token_outcome redis_token_read(const char *bytes, size_t length, struct redis_token *out,
                                          size_t *used) {
    struct redis_token token = { 0 };
    if (length == 0)
        return TOKEN_PART;
    switch (bytes[0]) {
    case '+':
    case '-':
        return line(bytes, length, out, used);
    case ':':
        token.type = REDIS_INTEGER;
        break;
    case '$':
        token.type = REDIS_STRING;
        break;
    case '*':
        token.type = REDIS_ARRAY;
        break;
    default:
        return TOKEN_WRONG;
    }
    enum redis_token_outcome outcome = number(bytes, length, &token.integer, used);
    if (outcome == TOKEN_WHOLE && token.type != REDIS_INTEGER && token.integer < 0) {
        outcome = token.integer == -1 ? TOKEN_WHOLE : TOKEN_WRONG;
        token.type = REDIS_NIL;
    }
    if (outcome == TOKEN_WHOLE && token.type == REDIS_STRING)
        outcome = string(bytes, length, *used, &token, used);
    if (outcome == TOKEN_WHOLE)
        *out = token;
    return outcome;
}

struct redis_flow *redis_flow_open(struct redis_connection *connection) {
    struct redis_flow *flow = xcalloc(1, sizeof *flow);
    flow->connection = connection;
    return flow;
}

void redis_flow_close(struct redis_flow *flow) {
    if (!flow)
        return;
    if (flow->asked_count > 0 && !connection_failed(flow->connection)) {
        AUTO(error_clear) struct error err = { 0 };
        error_set(&err, ERROR_INTERRUPTED, "replies were left unread");
        connection_fail(flow->connection, &err);
    }
    free(flow->bytes);
    free(flow);
}

/* "$12\r\n" so that it ends at `end`; where it begins. */
static char *put_head(char *end, char kind, size_t value) {
    *--end = '\n';
    *--end = '\r';
    do
        *--end = (char)('0' + value % 10);
    while (value /= 10);
    *--end = kind;
    return end;
}

static void add_head(struct text *out, char kind, size_t value) {
    char head[HEAD_BYTES], *from = put_head(head + sizeof head, kind, value);
    text_add_bytes(out, from, (size_t)(head + sizeof head - from));
}

void redis_flow_begin(struct redis_flow *flow, size_t count) {
    add_head(&flow->connection->outgoing, '*', count);
    flow->asked_count++;
}

void redis_flow_word(struct redis_flow *flow, const char *bytes, size_t length) {
    struct text *out = &flow->connection->outgoing;
    char whole[HEAD_BYTES + SHORT_WORD_BYTES + 2], *word = whole + HEAD_BYTES;
    if (length > SHORT_WORD_BYTES) {
        add_head(out, '$', length);
        text_add_bytes(out, bytes, length);
        text_add_bytes(out, "\r\n", 2);
        return;
    }
    char *from = put_head(word, '$', length);
    if (length > 0)
        memcpy(word, bytes, length);
    memcpy(word + length, "\r\n", 2);
    text_add_bytes(out, from, (size_t)(word + length + 2 - from));
}

size_t redis_flow_asked(const struct redis_flow *flow) {
    return flow->asked_count;
}

static void fail(struct redis_flow *flow, enum error_code code, const char *message,
                 const char *hint) {
    AUTO(error_clear) struct error err = { 0 };
    error_set(&err, code, "%s", message);
    error_hint(&err, "%s", hint);
    connection_fail(flow->connection, &err);
}

/* Counts the tokens of a reply down; *left is 0 between replies. */
static bool reply_ends(uint64_t *left, const struct redis_token *token) {
    *left = (*left ? *left : 1) - 1;
    *left += token->type == REDIS_ARRAY ? (uint64_t)token->integer : 0;
    return *left == 0;
}

static void check(struct redis_flow *flow) {
    struct redis_token token;
    size_t used;
    while (flow->checked < flow->to) {
        enum redis_token_outcome outcome =
            redis_token_read(flow->bytes + flow->checked, flow->to - flow->checked, &token, &used);
        if (outcome == TOKEN_PART)
            return;
        if (outcome == TOKEN_WRONG || flow->whole_count == flow->asked_count ||
            (token.type == REDIS_ARRAY && token.integer > (1 << 23))) {
            fail(flow, ERROR_FORMAT, "the answer does not follow the redis protocol",
                 "check whether another program listens there");
            return;
        }
        flow->checked += used;
        flow->whole_count += reply_ends(&flow->check_left, &token);
    }
}

/* Nothing that is asked for in a flow comes near it: a server that sends without an end does. */
static void check_size(struct redis_flow *flow) {
    AUTO(error_clear) struct error err = { 0 };
    size_t ceiling_bytes = flow->connection->ceiling_bytes;
    if (flow->to - flow->from <= ceiling_bytes || connection_failed(flow->connection))
        return;
    error_set(&err, ERROR_LIMIT, "the replies are larger than %zu bytes", ceiling_bytes);
    connection_fail(flow->connection, &err);
}

static void make_room(struct redis_flow *flow) {
    if (flow->from > 0 && flow->from == flow->to)
        flow->from = flow->checked = flow->to = 0;
    if (flow->capacity - flow->to >= READ_BYTES)
        return;
    if (flow->from >= flow->capacity / 2 && flow->from > 0) {
        memmove(flow->bytes, flow->bytes + flow->from, flow->to - flow->from);
        flow->checked -= flow->from;
        flow->to -= flow->from;
        flow->from = 0;
    }
    if (flow->capacity - flow->to < READ_BYTES) {
        flow->capacity = flow->capacity ? 2 * flow->capacity : 4 * READ_BYTES;
        flow->bytes = xrealloc(flow->bytes, flow->capacity, 1);
    }
}

static void receive(struct redis_flow *flow) {
    struct redis_connection *connection = flow->connection;
    for (int round = 0; round < 16 && !connection_failed(connection); round++) {
        AUTO(error_clear) struct error err = { 0 };
        size_t moved = 0;
        make_room(flow);
        switch (connection->transport.kind->read(&connection->transport, flow->bytes + flow->to,
                                                 flow->capacity - flow->to, &moved, &err)) {
        case TRANSPORT_DONE:
            flow->to += moved;
            check(flow);
            check_size(flow);
            break;
        case TRANSPORT_AGAIN:
            return;
        case TRANSPORT_CLOSED:
            fail(flow, ERROR_UNREACHABLE, "the server closed the connection",
                 "check the server's log for the reason");
            return;
        case TRANSPORT_FAILED:
            connection_fail(connection, &err);
            return;
        }
    }
}

static int64_t now_us(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static size_t fill(struct pollfd *items, struct redis_flow *const *flows, const size_t *wanted,
                   size_t count) {
    size_t short_of = 0;
    for (size_t i = 0; i < count; i++) {
        const struct redis_connection *connection = flows[i]->connection;
        items[i] = (struct pollfd){ .fd = connection->transport.fd };
        items[i].events = connection->transport.kind->wants(&connection->transport,
                                                            connection_has_output(connection));
        short_of += flows[i]->whole_count < wanted[i];
    }
    return short_of;
}

static bool any_failure(struct redis_flow *const *flows, size_t count, struct error *err) {
    for (size_t i = 0; i < count; i++)
        if (connection_failed(flows[i]->connection)) {
            (void)connection_repeat_failure(flows[i]->connection, err);
            return true;
        }
    return false;
}

bool redis_flow_await(struct redis_flow *const *flows, const size_t *wanted, size_t count,
                      int64_t deadline_mono_ms, int64_t *arrived_mono_us, struct error *err) {
    struct pollfd items[FLOW_COUNT];
    bool first = true;
    if (count > FLOW_COUNT)
        abort();
    for (;;) {
        for (size_t i = 0; i < count; i++)
            redis_flow_push(flows[i]);
        if (first && arrived_mono_us && flows[0]->whole_count >= wanted[0]) {
            *arrived_mono_us = now_us();
            first = false;
        }
        if (any_failure(flows, count, err))
            return false;
        if (fill(items, flows, wanted, count) == 0)
            return true;
        int ready = poll(items, (nfds_t)count, clock_slice_ms(deadline_mono_ms));
        if (ready < 0 && errno != EINTR)
            abort(); /* only a mistake of ours gets here */
        for (size_t i = 0; ready > 0 && i < count; i++)
            if (items[i].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL))
                receive(flows[i]);
        if (ready <= 0 && clock_left_ms(deadline_mono_ms) == 0)
            for (size_t i = 0; i < count; i++)
                if (flows[i]->whole_count < wanted[i])
                    fail(flows[i], ERROR_DEADLINE, "the server did not answer in time",
                         "check the load of the server and the network, or raise the timeout");
    }
}

void redis_flow_push(struct redis_flow *flow) {
    AUTO(error_clear) struct error err = { 0 };
    struct redis_connection *connection = flow->connection;
    if (connection_failed(connection))
        return;
    if (!text_ok(&connection->outgoing, "the input queued for the server", &err))
        connection_fail(connection, &err);
    connection_write(connection);
}

struct redis_token redis_flow_take(struct redis_flow *flow) {
    struct redis_token token = { .type = REDIS_NIL };
    size_t used = 0;
    if (flow->whole_count == 0 ||
        redis_token_read(flow->bytes + flow->from, flow->checked - flow->from, &token, &used) !=
            TOKEN_WHOLE)
        abort();
    flow->from += used;
    if (reply_ends(&flow->take_left, &token)) {
        flow->whole_count--;
        flow->asked_count--;
    }
    return token;
}

const char *redis_flow_take_whole(struct redis_flow *flow, size_t *length) {
    size_t from = flow->from;
    do
        (void)redis_flow_take(flow);
    while (flow->take_left > 0);
    *length = flow->from - from;
    return flow->bytes + from;
}
