#include "executor/verify/flight.h"

#define SMALL_ANSWER_BYTES ((size_t)64) /* type, expiry and size */
/* An integer of two bytes is read as eleven: "$5\r\n12345\r\n". */
#define SPELLED_FACTOR 6

static size_t least(size_t one, size_t two) {
    return one < two ? one : two;
}

size_t flight_of(const struct key_read *read) {
    if (read->stage == 0)
        return SMALL_ANSWER_BYTES;
    size_t size = read->size_bytes < 0 ? SIZE_MAX : (size_t)read->size_bytes;
    if (read->kind == KEY_STRING)
        return SMALL_ANSWER_BYTES + least(size, READ_STRING_BYTES);
    /* Later chunks are fitted to what the ones before them were. */
    if (read->read_bytes > 0 || size == SIZE_MAX)
        return READ_CHUNK_BYTES;
    if (size < READ_CHUNK_BYTES)
        size = least(size * SPELLED_FACTOR, READ_CHUNK_BYTES);
    return SMALL_ANSWER_BYTES + least(size, FLIGHT_BYTES);
}
