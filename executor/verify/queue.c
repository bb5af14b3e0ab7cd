#include "executor/verify/queue.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define FRESH_COUNT ((size_t)500)
#define BIG_COUNT ((size_t)8)
#define OPEN_CEILING_COUNT ((size_t)20000) /* then nothing is added until some are decided */
#define PAUSE_MS 100 /* of the first pass at least, between two looks at the open ones */

void queue_add(struct queue *queue, int64_t database, const char *bytes, size_t length,
               int64_t size_bytes) {
    bool big = size_bytes > COMPARE_SMALL_BYTES;
    suspects_add(big ? &queue->big : &queue->fresh, database, bytes, length, size_bytes);
}

static bool any_due(const struct suspects *open, int64_t now_mono_ms) {
    for (size_t i = 0; i < open->count; i++)
        if (open->items[i].due_mono_ms <= now_mono_ms)
            return true;
    return false;
}

bool queue_is_due(const struct queue *queue) {
    if (queue->fresh.count >= FRESH_COUNT || queue->big.count >= BIG_COUNT)
        return true;
    int64_t now_mono_ms = clock_mono_ms();
    return queue->open.count > 0 && now_mono_ms - queue->worked_mono_ms >= PAUSE_MS &&
           any_due(&queue->open, now_mono_ms);
}

/* What was looked at and is still open goes back, with a delay, or is given up. */
static void put_back(struct queue *queue, struct suspects *looked) {
    int64_t now_mono_ms = clock_mono_ms();
    for (size_t i = 0; i < looked->count; i++) {
        struct suspect *suspect = &looked->items[i];
        suspect->looks++;
        suspect->due_mono_ms =
            now_mono_ms + (suspect->looks > 1 ? compare_delay_ms(suspect->looks - 1) : 0);
        if (suspect->looks >= COMPARE_LOOKS) {
            compare_give_up(queue->comparison, suspect);
            continue;
        }
        *LIST_ADD(&queue->open) = *suspect;
        suspect->owned = NULL;
    }
}

static bool look(struct queue *queue, struct suspects *taken, bool first, struct error *err) {
    if (!compare_look(queue->comparison, taken, first, err))
        return false;
    put_back(queue, taken);
    return true;
}

static bool look_first(struct queue *queue, struct suspects *from, struct error *err) {
    AUTO(suspects_clear) struct suspects taken = MOVE(*from);
    return look(queue, &taken, true, err);
}

/* Big values one by one: a look at one of them takes long, and would hold up its batch. */
static bool look_at_each(struct queue *queue, struct suspects *from, bool first,
                         struct error *err) {
    AUTO(suspects_clear) struct suspects big = MOVE(*from);
    for (size_t i = 0; i < big.count; i++) {
        AUTO(suspects_clear) struct suspects one = { 0 };
        *LIST_ADD(&one) = big.items[i];
        big.items[i].owned = NULL;
        if (!look(queue, &one, first, err))
            return false;
    }
    return true;
}

static bool look_at_due(struct queue *queue, struct error *err) {
    AUTO(suspects_clear) struct suspects due = { 0 };
    AUTO(suspects_clear) struct suspects big = { 0 };
    struct suspects later = { 0 };
    int64_t now_mono_ms = clock_mono_ms();
    for (size_t i = 0; i < queue->open.count; i++) {
        struct suspect *suspect = &queue->open.items[i];
        bool is_big = suspect->size_bytes > COMPARE_SMALL_BYTES;
        *LIST_ADD(suspect->due_mono_ms > now_mono_ms ? &later : is_big ? &big : &due) = *suspect;
    }
    free(queue->open.items);
    queue->open = later;
    return (due.count == 0 || look(queue, &due, false, err)) &&
           look_at_each(queue, &big, false, err);
}

static int64_t next_due(const struct suspects *open) {
    int64_t first_mono_ms = INT64_MAX;
    for (size_t i = 0; i < open->count; i++)
        if (open->items[i].due_mono_ms < first_mono_ms)
            first_mono_ms = open->items[i].due_mono_ms;
    return first_mono_ms;
}

bool queue_work(struct queue *queue, bool to_the_end, struct error *err) {
    if (!look_first(queue, &queue->fresh, err) || !look_at_each(queue, &queue->big, true, err) ||
        !look_at_due(queue, err))
        return false;
    size_t ceiling = to_the_end ? 0 : OPEN_CEILING_COUNT;
    while (queue->open.count > ceiling) {
        clock_sleep_ms(clock_left_ms(next_due(&queue->open)));
        if (!look_at_due(queue, err))
            return false;
    }
    queue->worked_mono_ms = clock_mono_ms();
    return true;
}

void queue_clear(struct queue *queue) {
    if (!queue)
        return;
    suspects_clear(&queue->fresh);
    suspects_clear(&queue->big);
    suspects_clear(&queue->open);
}
