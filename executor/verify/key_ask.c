/* What the readers of all kinds of keys use. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/verify/key_read.h"

struct word word_of(const char *string) {
    return (struct word){ string, strlen(string) };
}

const struct redis_reply *reply_field(const struct redis_reply *map, const char *name) {
    for (size_t i = 0; i + 1 < map->count; i += 2)
        if (strcmp(redis_text(map->elements[i]), name) == 0)
            return map->elements[i + 1];
    return NULL;
}

void key_read_ask(struct key_read *read, struct redis_connection *connection, size_t count,
                  const struct word *words) {
    const char *bytes[ASK_CEILING_COUNT];
    size_t lengths[ASK_CEILING_COUNT];
    if (count > ASK_CEILING_COUNT)
        abort();
    for (size_t i = 0; i < count; i++) {
        bytes[i] = words[i].bytes;
        lengths[i] = words[i].length;
    }
    redis_queue(connection, count, bytes, lengths);
    read->awaited_count++;
}

void key_read_number(char out[NUMBER_ROOM], int64_t number) {
    (void)snprintf(out, NUMBER_ROOM, "%" PRId64, number);
}
