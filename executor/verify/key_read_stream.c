/* Streams: entries, last id and counters, groups with their last delivered id, pending entries with
 * consumer, delivery time and count. Left out on purpose, because they differ legitimately on a
 * replica: entries-read and lag of a group, seen and active times of a consumer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/verify/key_read.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"

/* XPENDING tells how long ago an entry was delivered. Asked between two TIME, it tells when, to the
 * millisecond that both of them name; it is asked again where they name two, the fewer at a time.
 */
#define PENDING_CHUNK_COUNT ((size_t)128)
#define PENDING_TRIES 50

enum stage { STAGE_HEAD = 1, STAGE_ENTRIES, STAGE_PENDING };

static int64_t number_field(const struct redis_reply *map, const char *name) {
    const struct redis_reply *value = reply_field(map, name);
    return value ? value->integer : 0;
}

static void add_field(struct element *element, const struct redis_reply *map, const char *name) {
    const struct redis_reply *value = reply_field(map, name);
    element_bytes(element, value ? value->bytes : "", value ? value->length : 0);
}

static void take_head(struct key_read *read, const struct redis_reply *stream) {
    struct element element = element_begin(&read->rules->hash_key, 'x');
    element_number(&element, number_field(stream, "length"));
    add_field(&element, stream, "last-generated-id");
    if (read->rules->stream_counters) {
        element_number(&element, number_field(stream, "entries-added"));
        add_field(&element, stream, "max-deleted-entry-id");
    }
    key_digest_add(&read->digest, &element);
}

static void take_groups(struct key_read *read, const struct redis_reply *groups) {
    for (size_t i = 0; i < groups->count; i++) {
        const struct redis_reply *map = groups->elements[i], *name = reply_field(map, "name");
        struct element element = element_begin(&read->rules->hash_key, 'g');
        add_field(&element, map, "name");
        add_field(&element, map, "last-delivered-id");
        element_number(&element, number_field(map, "pending"));
        key_digest_add(&read->digest, &element);
        if (!name)
            continue;
        *LIST_ADD(&read->groups) =
            (struct stream_group){ xstrndup(name->bytes ? name->bytes : "", name->length),
                                   name->length, number_field(map, "pending") };
    }
}

static bool id_read(const char *text, struct stream_id *id) {
    return sscanf(text, "%" SCNu64 "-%" SCNu64, &id->ms, &id->sequence) == 2;
}

/* The next chunk starts behind the id; exclusive ranges are not known before 6.2. */
static void start_behind(struct key_read *read, const struct redis_reply *id) {
    if (!id_read(redis_text(id), &read->next)) {
        read->torn = read->done = true;
        return;
    }
    if (++read->next.sequence == 0)
        read->next.ms++;
}

/* Of a pending entry: id, consumer, idle time, number of deliveries. */
static void add_pending(struct key_read *read, const struct stream_group *group,
                        const struct redis_reply *entry, int64_t now_at_ms) {
    struct element element = element_begin(&read->rules->hash_key, 'p');
    if (entry->count != 4) {
        read->torn = true;
        return;
    }
    element_bytes(&element, group->name, group->length);
    element_bytes(&element, entry->elements[0]->bytes, entry->elements[0]->length);
    element_bytes(&element, entry->elements[1]->bytes, entry->elements[1]->length);
    element_number(&element, number_difference(now_at_ms, entry->elements[2]->integer));
    element_number(&element, entry->elements[3]->integer);
    key_digest_add(&read->digest, &element);
}

/* Moves on to the next group that has pending entries. */
static void next_group(struct key_read *read, size_t from) {
    read->next = (struct stream_id){ 0, 0 };
    read->group = from;
    while (read->group < read->groups.count && read->groups.items[read->group].pending == 0)
        read->group++;
    read->done = read->group == read->groups.count;
}

static void take_entries(struct key_read *read, const struct redis_reply *entries) {
    for (size_t i = 0; i < entries->count; i++) {
        const struct redis_reply *entry = entries->elements[i];
        if (entry->count != 2)
            continue;
        struct element element = element_begin(&read->rules->hash_key, 'e');
        element_bytes(&element, entry->elements[0]->bytes, entry->elements[0]->length);
        for (size_t j = 0; j < entry->elements[1]->count; j++)
            element_bytes(&element, entry->elements[1]->elements[j]->bytes,
                          entry->elements[1]->elements[j]->length);
        key_digest_add(&read->digest, &element);
    }
    if (entries->count > 0 && entries->count == read->asked_count &&
        entries->elements[entries->count - 1]->count > 0) {
        start_behind(read, entries->elements[entries->count - 1]->elements[0]);
        return;
    }
    read->stage = STAGE_PENDING;
    next_group(read, 0);
}

/* Seconds and microseconds; -1 where it is something else. */
static int64_t time_ms(const struct redis_reply *time) {
    if (time->count != 2)
        return -1;
    return number_or(redis_text(time->elements[0]), 0) * 1000 +
           number_or(redis_text(time->elements[1]), 0) / 1000;
}

static size_t pending_count(const struct key_read *read) {
    size_t most = PENDING_CHUNK_COUNT >> (read->tries < 4 ? read->tries : 4);
    return read->asked_count < most ? read->asked_count : most;
}

static void take_pending(struct key_read *read, struct redis_reply *const *replies) {
    const struct redis_reply *entries = replies[1];
    int64_t now_at_ms = time_ms(replies[0]);
    size_t asked = pending_count(read);
    if (now_at_ms < 0 || time_ms(replies[2]) != now_at_ms) {
        read->torn |= ++read->tries == PENDING_TRIES;
        read->done |= read->torn;
        return;
    }
    read->tries = 0;
    for (size_t i = 0; i < entries->count; i++)
        add_pending(read, &read->groups.items[read->group], entries->elements[i], now_at_ms);
    if (entries->count > 0 && entries->count == asked &&
        entries->elements[entries->count - 1]->count > 0)
        start_behind(read, entries->elements[entries->count - 1]->elements[0]);
    else
        next_group(read, read->group + 1);
}

static void stream_queue(struct key_read *read, struct redis_connection *connection) {
    char from[48], chunk[NUMBER_ROOM];
    (void)snprintf(from, sizeof from, "%" PRIu64 "-%" PRIu64, read->next.ms, read->next.sequence);
    if (read->stage == STAGE_HEAD) {
        ASK(read, connection, word_of("XINFO"), word_of("STREAM"), KEY(read));
        ASK(read, connection, word_of("XINFO"), word_of("GROUPS"), KEY(read));
    } else if (read->stage == STAGE_ENTRIES) {
        key_read_number(chunk, (int64_t)read->asked_count);
        ASK(read, connection, word_of("XRANGE"), KEY(read), word_of(from), word_of("+"),
            word_of("COUNT"), word_of(chunk));
    } else {
        const struct stream_group *group = &read->groups.items[read->group];
        const struct word name = { group->name, group->length };
        key_read_number(chunk, (int64_t)pending_count(read));
        ASK(read, connection, word_of("TIME"));
        ASK(read, connection, word_of("XPENDING"), KEY(read), name, word_of(from), word_of("+"),
            word_of(chunk));
        ASK(read, connection, word_of("TIME"));
    }
}

static void stream_take(struct key_read *read, struct redis_reply *const *replies) {
    if (read->stage == STAGE_HEAD) {
        take_head(read, replies[0]);
        take_groups(read, replies[1]);
        read->stage = STAGE_ENTRIES;
    } else if (read->stage == STAGE_ENTRIES) {
        take_entries(read, replies[0]);
    } else {
        take_pending(read, replies);
    }
}

const struct kind_reader stream_reader = { "stream", stream_queue, stream_take };
