#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/values.h"

#define NODES 256

static uint64_t seed = 29;

uint64_t value_random(uint64_t below) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return (seed >> 33) % below;
}

/* Answers live in one place and are thrown away together. */
static struct redis_reply nodes[NODES], *pointers[NODES * 2];
static char words[NODES][40];
static size_t node_count, pointer_count;

static struct redis_reply *new_node(enum redis_type type) {
    assert_true(node_count < NODES);
    struct redis_reply *node = &nodes[node_count++];
    *node = (struct redis_reply){ .type = type };
    return node;
}

static struct redis_reply *number(int64_t value) {
    struct redis_reply *node = new_node(REDIS_INTEGER);
    node->integer = value;
    return node;
}

static struct redis_reply *string(const char *bytes, size_t length) {
    struct redis_reply *node = new_node(REDIS_STRING);
    node->bytes = (char *)(uintptr_t)bytes; /* only read */
    node->length = length;
    return node;
}

static struct redis_reply *word(const char *text) {
    return string(text, strlen(text));
}

static struct redis_reply *list(size_t room) {
    struct redis_reply *node = new_node(REDIS_ARRAY);
    node->elements = pointers + pointer_count;
    pointer_count += room;
    assert_true(pointer_count <= COUNT(pointers));
    return node;
}

static void put(struct redis_reply *to, struct redis_reply *element) {
    to->elements[to->count++] = element;
}

static void put_pair(struct redis_reply *to, const char *name, struct redis_reply *value) {
    put(to, word(name));
    put(to, value);
}

size_t value_length(uint64_t part) {
    return 1 + part % 8;
}

static struct redis_reply *part_of(const uint64_t *part) {
    return string((const char *)part, value_length(*part));
}

static struct redis_reply *id_of(uint64_t id) {
    char *text = words[node_count];
    (void)snprintf(text, sizeof words[0], "%d-%d", (int)(id / 100), (int)(id % 100));
    return word(text);
}

static double score_of(uint64_t bits) {
    double score;
    bits &= ~(UINT64_C(0x7ff) << 52);
    bits |= (UINT64_C(1023) + (bits >> 3) % 32 - 16) << 52; /* no infinity and no NaN */
    memcpy(&score, &bits, sizeof score);
    return score;
}

static struct redis_reply *score_text(uint64_t bits, bool shortest) {
    char *text = words[node_count];
    for (int digits = shortest ? 1 : 17; digits <= 17; digits++) {
        (void)snprintf(text, sizeof words[0], "%.*g", digits, score_of(bits));
        if (score_read(text, strlen(text)) == score_of(bits))
            break;
    }
    return word(text);
}

static void tell_element(struct redis_reply *to, const struct value *value, size_t index,
                         const struct manner *manner) {
    put(to, part_of(&value->parts[index][0]));
    if (value->kind == KEY_HASH)
        put(to, part_of(&value->parts[index][1]));
    else if (value->kind == KEY_SORTED_SET)
        put(to, score_text(value->parts[index][1], manner->shortest));
}

/* *SCAN: some from the cursor on, which is the number of those that were told. */
static struct redis_reply *tell_scan(const struct value *value, const struct key_read *read,
                                     const struct manner *manner) {
    size_t from = 0, some = manner->chunks ? 1 + value_random(3) : ELEMENTS;
    (void)sscanf(read->cursor, "%zu", &from);
    size_t to = from + some < value->count ? from + some : value->count;
    struct redis_reply *answer = list(2), *chunk = list(2 * ELEMENTS);
    char *cursor = words[node_count];
    (void)snprintf(cursor, sizeof words[0], "%zu", to == value->count ? 0 : to);
    put(answer, word(cursor));
    for (size_t i = from; i < to; i++)
        tell_element(chunk, value, manner->order[i], manner);
    put(answer, chunk);
    return answer;
}

static struct redis_reply *tell_range(const struct value *value, const struct key_read *read,
                                      const struct manner *manner) {
    struct redis_reply *chunk = list(2 * ELEMENTS);
    for (size_t i = (size_t)read->at; i < value->count && chunk->count < read->asked_count; i++)
        tell_element(chunk, value, i, manner);
    return chunk;
}

static struct redis_reply *tell_string(const struct value *value, const struct key_read *read) {
    size_t from = (size_t)read->at << 16, room = (size_t)1 << 16;
    if (!value->whole)
        return part_of(&value->parts[0][0]);
    size_t left = from < LONG_BYTES ? LONG_BYTES - from : 0;
    return string(value->whole + from, left < room ? left : room);
}

static bool is_before(uint64_t id, const struct stream_id *next) {
    return id / 100 < next->ms || (id / 100 == next->ms && id % 100 < next->sequence);
}

static struct redis_reply *tell_entries(const struct value *value, const struct key_read *read) {
    struct redis_reply *chunk = list(ELEMENTS);
    for (size_t i = 0; i < value->count && chunk->count < read->asked_count; i++) {
        uint64_t id = value->parts[i][2];
        if (is_before(id, &read->next))
            continue;
        struct redis_reply *entry = list(2), *fields = list(2);
        put(entry, id_of(id));
        put(fields, part_of(&value->parts[i][0]));
        put(fields, part_of(&value->parts[i][1]));
        put(entry, fields);
        put(chunk, entry);
    }
    return chunk;
}

static struct redis_reply *tell_head(const struct value *value, const struct manner *manner) {
    struct redis_reply *map = list(20);
    put_pair(map, "length", number((int64_t)value->count));
    put_pair(map, "radix-tree-nodes", number((int64_t)value_random(9)));
    put_pair(map, "last-generated-id", id_of(value->last));
    if (manner->newer)
        put_pair(map, "recorded-first-entry-id", id_of(value_random(99)));
    put_pair(map, "max-deleted-entry-id", id_of(value->deleted));
    put_pair(map, "entries-added", number((int64_t)value->added));
    return map;
}

static struct redis_reply *tell_groups(const struct value *value, const struct manner *manner) {
    struct redis_reply *groups = list(1), *map = list(12);
    put_pair(map, "name", part_of(&value->group[0]));
    put_pair(map, "consumers", number((int64_t)value_random(9)));
    put_pair(map, "pending", number(value->group[3] ? 1 : 0));
    put_pair(map, "last-delivered-id", id_of(value->group[1]));
    if (manner->newer)
        put_pair(map, "entries-read", number((int64_t)value_random(9)));
    put(groups, map);
    return groups;
}

/* The server's clock, which goes on while it is asked now and then. */
static struct redis_reply *tell_time(uint64_t now_us) {
    struct redis_reply *time = list(2);
    char *seconds = words[node_count];
    (void)snprintf(seconds, sizeof words[0], "%d", (int)(now_us / 1000000));
    put(time, word(seconds));
    char *rest = words[node_count];
    (void)snprintf(rest, sizeof words[0], "%d", (int)(now_us % 1000000));
    put(time, word(rest));
    return time;
}

static void tell_pending(const struct value *value, const struct key_read *read,
                         struct redis_reply *answers[3]) {
    uint64_t now_us = UINT64_C(1500000000000000) + value_random(1 << 30);
    uint64_t then_us = now_us + (value_random(4) ? 0 : value_random(2000));
    struct redis_reply *pending = list(1), *entry = list(4);
    put(entry, id_of(value->parts[0][2]));
    put(entry, part_of(&value->group[2]));
    put(entry, number((int64_t)(then_us / 1000 - value->group[3])));
    put(entry, number(value->delivered_count));
    if (!is_before(value->parts[0][2], &read->next))
        put(pending, entry);
    answers[0] = tell_time(now_us);
    answers[1] = pending;
    answers[2] = tell_time(then_us);
}

const char *const value_types[] = {
    [KEY_STRING] = "string",   [KEY_LIST] = "list", [KEY_SET] = "set",
    [KEY_SORTED_SET] = "zset", [KEY_HASH] = "hash", [KEY_STREAM] = "stream",
};

size_t value_tell(const struct value *value, const struct key_read *read,
                  const struct manner *manner, struct redis_reply *answers[3]) {
    node_count = pointer_count = 0;
    if (read->stage == 0) {
        answers[0] = word(value_types[value->kind]);
        answers[1] = number(value->expire_at_ms);
        return 2;
    }
    if (value->kind == KEY_STREAM && read->stage == 1) {
        answers[0] = tell_head(value, manner);
        answers[1] = tell_groups(value, manner);
        return 2;
    }
    if (value->kind == KEY_STREAM && read->stage == 3) {
        tell_pending(value, read, answers);
        return 3;
    }
    if (value->kind == KEY_STREAM)
        answers[0] = tell_entries(value, read);
    else if (value->kind == KEY_STRING)
        answers[0] = tell_string(value, read);
    else if (value->kind == KEY_LIST)
        answers[0] = tell_range(value, read, manner);
    else
        answers[0] =
            read->stage == 2 ? number((int64_t)value->count) : tell_scan(value, read, manner);
    return 1;
}
