/* One line of CLUSTER NODES:
 *   id [host:port[@busport][,hostname[,name=value…]]] flags primary ping pong epoch link slot… */
#include <ctype.h>
#include <string.h>

#include "providers/redis/cluster.h"

#define HOST_BYTES 256

#define FLAG(name, flag)                                                                           \
    { name, sizeof(name) - 1, flag }
static const struct {
    const char *name;
    size_t length;
    unsigned flag;
} flag_names[] = {
    FLAG("myself", CLUSTER_MYSELF),     FLAG("master", CLUSTER_PRIMARY),
    FLAG("slave", CLUSTER_REPLICA),     FLAG("fail", CLUSTER_FAILING),
    FLAG("fail?", CLUSTER_SUSPECTED),   FLAG("handshake", CLUSTER_HANDSHAKE),
    FLAG("noaddr", CLUSTER_NO_ADDRESS),
};

/* Up to the separator, which is skipped. */
static struct cluster_span cut(const char **at, const char *end, char separator) {
    const char *stop = memchr(*at, separator, (size_t)(end - *at));
    struct cluster_span span = { *at, (size_t)((stop ? stop : end) - *at) };
    *at = stop ? stop + 1 : end;
    return span;
}

static bool span_is(const struct cluster_span *span, const char *text) {
    return span->length == strlen(text) && memcmp(span->bytes, text, span->length) == 0;
}

static bool is_id(const struct cluster_span *span) {
    for (size_t i = 0; i < span->length; i++)
        if (!isxdigit((unsigned char)span->bytes[i]))
            return false;
    return true;
}

static bool is_host(const struct cluster_span *span) {
    for (size_t i = 0; i < span->length; i++)
        if (!isgraph((unsigned char)span->bytes[i]) || strchr("[]/@,", span->bytes[i]))
            return false;
    return true;
}

static bool read_port(const struct cluster_span *digits, uint16_t *port) {
    uint32_t value = 0;
    if (digits->length == 0 || digits->length > 5)
        return false;
    for (size_t i = 0; i < digits->length; i++) {
        if (digits->bytes[i] < '0' || digits->bytes[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(digits->bytes[i] - '0');
    }
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

static bool read_address(struct cluster_span word, struct cluster_line *line) {
    const char *at = word.bytes, *end = word.bytes + word.length;
    struct cluster_span place = cut(&at, end, ',');
    line->host_name = cut(&at, end, ',');
    if (memchr(line->host_name.bytes, '=', line->host_name.length))
        line->host_name.length = 0;
    const char *bus = memchr(place.bytes, '@', place.length);
    if (bus)
        place.length = (size_t)(bus - place.bytes);
    const char *colon = memrchr(place.bytes, ':', place.length);
    if (!colon)
        return false;
    line->host = (struct cluster_span){ place.bytes, (size_t)(colon - place.bytes) };
    struct cluster_span digits = { colon + 1, (size_t)(place.bytes + place.length - colon - 1) };
    if (span_is(&line->host, "?"))
        line->host.length = 0;
    return line->host.length < HOST_BYTES && line->host_name.length < HOST_BYTES &&
           read_port(&digits, &line->port);
}

static void read_flags(struct cluster_span word, struct cluster_line *line) {
    const char *at = word.bytes, *end = word.bytes + word.length;
    while (at < end) {
        struct cluster_span name = cut(&at, end, ',');
        for (size_t i = 0; i < COUNT(flag_names); i++)
            if (name.length == flag_names[i].length &&
                memcmp(name.bytes, flag_names[i].name, name.length) == 0)
                line->flags |= flag_names[i].flag;
    }
}

enum cluster_line_outcome cluster_line_next(const char **at, const char *end,
                                            struct cluster_line *out) {
    struct cluster_span whole;
    do {
        if (*at >= end)
            return CLUSTER_END;
        whole = cut(at, end, '\n');
        if (whole.length && whole.bytes[whole.length - 1] == '\r')
            whole.length--;
    } while (whole.length == 0);
    *out = (struct cluster_line){ 0 };
    const char *word = whole.bytes, *stop = whole.bytes + whole.length;
    out->id = cut(&word, stop, ' ');
    if (out->id.length != CLUSTER_ID_BYTES - 1 || !read_address(cut(&word, stop, ' '), out))
        return CLUSTER_WRONG;
    read_flags(cut(&word, stop, ' '), out);
    out->primary_id = cut(&word, stop, ' ');
    if (out->primary_id.length != CLUSTER_ID_BYTES - 1) {
        if (!span_is(&out->primary_id, "-"))
            return CLUSTER_WRONG;
        out->primary_id.length = 0;
    }
    for (int skipped = 0; skipped < 3; skipped++) /* ping, pong, epoch */
        if (cut(&word, stop, ' ').length == 0)
            return CLUSTER_WRONG;
    if (cut(&word, stop, ' ').length == 0) /* the link's state */
        return CLUSTER_WRONG;
    out->slots = (struct cluster_span){ word, (size_t)(stop - word) };
    return CLUSTER_LINE;
}

bool cluster_line_is_printable(const struct cluster_line *line) {
    return is_id(&line->id) && is_id(&line->primary_id) && is_host(&line->host) &&
           is_host(&line->host_name);
}

/* Eight bytes a round: not for enemies, but members do not choose what they say to collide. */
static uint64_t mix(uint64_t hash, struct cluster_span span) {
    const char *at = span.bytes;
    hash ^= span.length;
    for (size_t left = span.length; left;) {
        uint64_t word = 0;
        size_t part = left < sizeof word ? left : sizeof word;
        memcpy(&word, at, part);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 29;
        at += part;
        left -= part;
    }
    return hash;
}

/* Of what all members must agree on: id, role, primary, slots. Never 0. */
static uint64_t cluster_line_hash(const struct cluster_line *line) {
    struct cluster_span slots = line->slots;
    const char *open = memchr(slots.bytes, '[', slots.length);
    if (open) /* what its owner alone tells comes after the slots */
        slots.length = (size_t)(open - slots.bytes);
    while (slots.length && slots.bytes[slots.length - 1] == ' ')
        slots.length--;
    uint64_t hash = mix(0x2545f4914f6cdd1dU, line->id);
    hash = mix(hash ^ (line->flags & (CLUSTER_PRIMARY | CLUSTER_REPLICA)), line->primary_id);
    hash = mix(hash, slots);
    return hash ? hash : 1;
}

bool cluster_nodes_hash(const char *bytes, size_t length, uint64_t *hash, unsigned *flags,
                        struct error *err) {
    const char *at = bytes, *end = bytes + length;
    struct cluster_line line;
    uint64_t sum = 0;
    unsigned seen = 0;
    for (;;) {
        switch (cluster_line_next(&at, end, &line)) {
        case CLUSTER_WRONG:
            return error_set(err, ERROR_FORMAT, "the answer to CLUSTER NODES is malformed");
        case CLUSTER_END:
            *hash = sum;
            *flags = seen;
            return true;
        case CLUSTER_LINE:
            seen |= line.flags;
            if (!(line.flags & CLUSTER_HANDSHAKE))
                sum += cluster_line_hash(&line);
        }
    }
}
