/* How many bytes of answers one comparison lets be under way. What a server has answered and not
 * sent yet stands in its memory and counts against its maxmemory, so this is what the plan reserves
 * (ROOM_COMPARISON_BYTES in schemas/observed/room.h). Only an element larger than that exceeds it,
 * alone on its trip where its size was told beforehand. Pure. */
#pragma once

#include "executor/verify/key_read.h"

#define FLIGHT_BYTES ((size_t)2 << 20)

/* What the next answer about this key holds at most, as far as is known. */
size_t flight_of(const struct key_read *read);
