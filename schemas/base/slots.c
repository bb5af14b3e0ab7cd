#include "schemas/base/slots.h"

#include <string.h>

#include "schemas/base/text.h"

void slots_add(struct slots *slots, int first, int last) {
    for (int slot = first; slot <= last; slot++)
        slots->bits[slot / 64] |= (uint64_t)1 << (slot % 64);
}

void slots_add_all(struct slots *slots, const struct slots *more) {
    for (size_t i = 0; i < COUNT(slots->bits); i++)
        slots->bits[i] |= more->bits[i];
}

bool slots_have(const struct slots *slots, int slot) {
    return slots->bits[slot / 64] >> (slot % 64) & 1;
}

int slots_count(const struct slots *slots) {
    int count = 0;
    for (size_t i = 0; i < COUNT(slots->bits); i++)
        count += __builtin_popcountll(slots->bits[i]);
    return count;
}

int slots_first(const struct slots *slots) {
    for (size_t i = 0; i < COUNT(slots->bits); i++)
        if (slots->bits[i])
            return (int)i * 64 + __builtin_ctzll(slots->bits[i]);
    return -1;
}

bool slots_equal(const struct slots *left, const struct slots *right) {
    return memcmp(left->bits, right->bits, sizeof left->bits) == 0;
}

bool slots_overlap(const struct slots *left, const struct slots *right) {
    for (size_t i = 0; i < COUNT(left->bits); i++)
        if (left->bits[i] & right->bits[i])
            return true;
    return false;
}

/* At most five digits; -1 for anything but a slot. */
static int read_slot(const char **at, const char *end) {
    int slot = -1;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        slot = (slot < 0 ? 0 : slot) * 10 + (**at - '0');
        if (slot >= SLOT_COUNT)
            return -1;
    }
    return slot;
}

bool slots_parse(const char *bytes, size_t length, struct slots *out, struct error *err) {
    struct slots made = { 0 };
    const char *end = bytes + length;
    for (const char *at = bytes; at < end;) {
        if (*at == ',' || *at == ' ') {
            at++;
            continue;
        }
        int first = read_slot(&at, end), last = first;
        if (first >= 0 && at < end && *at == '-') {
            at++;
            last = read_slot(&at, end);
        }
        bool ended = at == end || *at == ',' || *at == ' ';
        if (first < 0 || last < first || !ended)
            return error_set(err, ERROR_FORMAT, "not slots: '%.*s'", length < 80 ? (int)length : 80,
                             bytes);
        slots_add(&made, first, last);
    }
    *out = made;
    return true;
}

char *slots_text(const struct slots *slots) {
    AUTO(text_clear) struct text text = { 0 };
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        if (!slots_have(slots, slot)) {
            if (slots->bits[slot / 64] >> (slot % 64) == 0)
                slot |= 63; /* nothing more in this word */
            continue;
        }
        int last = slot;
        while (last + 1 < SLOT_COUNT && slots_have(slots, last + 1))
            last++;
        text_addf(&text, last > slot ? "%s%d-%d" : "%s%d", text.length ? "," : "", slot, last);
        slot = last;
    }
    return text_take(&text);
}

static uint16_t crc16(const char *bytes, size_t length) {
    uint16_t crc = 0;
    for (size_t i = 0; i < length; i++) {
        crc = (uint16_t)(crc ^ (uint16_t)((uint8_t)bytes[i] << 8));
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

int slot_of_key(const char *key, size_t length) {
    const char *open = memchr(key, '{', length);
    size_t rest = open ? length - (size_t)(open + 1 - key) : 0;
    const char *close = open ? memchr(open + 1, '}', rest) : NULL;
    bool tagged = close && close > open + 1;
    return (tagged ? crc16(open + 1, (size_t)(close - open - 1)) : crc16(key, length)) % SLOT_COUNT;
}
