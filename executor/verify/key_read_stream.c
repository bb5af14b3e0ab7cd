/* Streams: entries, last id and counters, groups with their last delivered id, pending entries with
 * consumer, delivery time and count. Left out on purpose, because they differ legitimately on a
 * replica: entries-read and lag of a group, seen and active times of a consumer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/verify/key_read.h"
#include "schemas/base/memory.h"

/* Up to here XINFO STREAM FULL gives pending entries whole, with delivery times; beyond, XPENDING
 * gives them in chunks, without. */
#define PENDING_AT_ONCE_COUNT 10000

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

static int64_t most_pending(const struct key_read *read) {
    int64_t most = 0;
    for (size_t i = 0; i < read->groups.count; i++)
        if (read->groups.items[i].pending > most)
            most = read->groups.items[i].pending;
    return most;
}

/* One answer holds those of all groups, and as many entries as of the fullest group. */
static int64_t whole_answer(const struct key_read *read) {
    int64_t sum = most_pending(read);
    for (size_t i = 0; i < read->groups.count; i++)
        sum += read->groups.items[i].pending;
    return sum;
}

static bool all_at_once(const struct key_read *read) {
    return read->rules->stream_full && whole_answer(read) <= PENDING_AT_ONCE_COUNT;
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

/* Pending entries: [id, consumer, delivery time, count] of FULL, with idle time from XPENDING. */
static void add_pending(struct key_read *read, const struct stream_group *group,
                        const struct redis_reply *entry, bool with_time) {
    struct element element = element_begin(&read->rules->hash_key, 'p');
    if (entry->count != 4) {
        read->torn = true;
        return;
    }
    element_bytes(&element, group->name, group->length);
    element_bytes(&element, entry->elements[0]->bytes, entry->elements[0]->length);
    element_bytes(&element, entry->elements[1]->bytes, entry->elements[1]->length);
    element_number(&element, with_time ? entry->elements[2]->integer : 0);
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

static void take_all_pending(struct key_read *read, const struct redis_reply *full) {
    const struct redis_reply *groups = reply_field(full, "groups");
    read->done = true;
    read->torn |= !groups || groups->count != read->groups.count;
    for (size_t i = 0; !read->torn && i < groups->count; i++) {
        const struct redis_reply *pending = reply_field(groups->elements[i], "pending");
        if (!pending) /* what newer versions call it */
            pending = reply_field(groups->elements[i], "pel");
        const struct stream_group *group = &read->groups.items[i];
        read->torn |= !pending || (int64_t)pending->count != group->pending;
        for (size_t j = 0; !read->torn && j < pending->count; j++)
            add_pending(read, group, pending->elements[j], true);
    }
}

static void take_some_pending(struct key_read *read, const struct redis_reply *entries) {
    for (size_t i = 0; i < entries->count; i++)
        add_pending(read, &read->groups.items[read->group], entries->elements[i], false);
    if (entries->count > 0 && entries->count == read->asked_count &&
        entries->elements[entries->count - 1]->count > 0)
        start_behind(read, entries->elements[entries->count - 1]->elements[0]);
    else
        next_group(read, read->group + 1);
}

static void stream_queue(struct key_read *read, struct redis_connection *connection) {
    char from[48], count[NUMBER_ROOM], chunk[NUMBER_ROOM];
    (void)snprintf(from, sizeof from, "%" PRIu64 "-%" PRIu64, read->next.ms, read->next.sequence);
    key_read_number(count, most_pending(read));
    key_read_number(chunk, (int64_t)read->asked_count);
    if (read->stage == STAGE_HEAD) {
        ASK(read, connection, word_of("XINFO"), word_of("STREAM"), KEY(read));
        ASK(read, connection, word_of("XINFO"), word_of("GROUPS"), KEY(read));
    } else if (read->stage == STAGE_ENTRIES) {
        ASK(read, connection, word_of("XRANGE"), KEY(read), word_of(from), word_of("+"),
            word_of("COUNT"), word_of(chunk));
    } else if (all_at_once(read)) {
        ASK(read, connection, word_of("XINFO"), word_of("STREAM"), KEY(read), word_of("FULL"),
            word_of("COUNT"), word_of(count));
    } else {
        const struct stream_group *group = &read->groups.items[read->group];
        const struct word name = { group->name, group->length };
        ASK(read, connection, word_of("XPENDING"), KEY(read), name, word_of(from), word_of("+"),
            word_of(chunk));
    }
}

static void stream_take(struct key_read *read, struct redis_reply *const *replies) {
    if (read->stage == STAGE_HEAD) {
        take_head(read, replies[0]);
        take_groups(read, replies[1]);
        read->stage = STAGE_ENTRIES;
    } else if (read->stage == STAGE_ENTRIES) {
        take_entries(read, replies[0]);
    } else if (all_at_once(read)) {
        take_all_pending(read, replies[0]);
    } else {
        take_some_pending(read, replies[0]);
    }
}

const struct kind_reader stream_reader = { "stream", stream_queue, stream_take };
