/* A set of hash slots of cluster mode, and its text: "0-5460,9000,16000-16383". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

#define SLOT_COUNT 16384

struct slots {
    uint64_t bits[SLOT_COUNT / 64];
};

/* From and to are inclusive and in range. */
void slots_add(struct slots *slots, int first, int last);
void slots_add_all(struct slots *slots, const struct slots *more);
bool slots_have(const struct slots *slots, int slot);
int slots_count(const struct slots *slots);
int slots_first(const struct slots *slots); /* -1 when empty */
bool slots_equal(const struct slots *left, const struct slots *right);
bool slots_overlap(const struct slots *left, const struct slots *right);
/* Ranges and single slots, parted by commas or blanks; "" is the empty set. ERROR_FORMAT. */
MUST_CHECK bool slots_parse(const char *bytes, size_t length, struct slots *out, struct error *err);
/* Of a key: CRC16 (XMODEM) of what stands between its first { and the next }, or of all of it. */
int slot_of_key(const char *key, size_t length);
char *slots_text(const struct slots *slots); /* the shortest, ascending; the caller frees */
