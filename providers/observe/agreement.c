#include "providers/observe/agreement.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/info.h"
#include "schemas/base/memory.h"

#define OPEN_SLOT_CEILING_COUNT 1000

void agreement_init(struct agreement *agreement, size_t count, struct observed_agreement *out) {
    *agreement = (struct agreement){ .out = out };
    agreement->hashes.items = xcalloc(count, sizeof *agreement->hashes.items);
    agreement->hashes.count = count;
}

void agreement_clear(struct agreement *agreement) {
    free(agreement->hashes.items);
    *agreement = (struct agreement){ 0 };
}

void agreement_queue(struct redis_connection *connection) {
    redis_queue_words(connection, "CLUSTER", "INFO", NULL);
    redis_queue_words(connection, "CLUSTER", "NODES", NULL);
}

static void add_once(struct strings *list, char *item) {
    if (!strings_has(list, item))
        strings_add(list, item);
    free(item);
}

/* Any member that is not well speaks for all. */
static void take_state(const struct redis_reply *reply, struct observed_agreement *out) {
    AUTO(info_clear) struct info info = { 0 };
    if (reply->type != REDIS_STRING)
        return;
    info_parse(reply->bytes, reply->length, &info);
    const char *state = info_find(&info, "cluster_state");
    if (state && (!out->state || strcmp(out->state, "ok") == 0))
        string_replace(&out->state, state);
}

static void take_open_slots(struct cluster_span slots, const char *address,
                            struct observed_agreement *out) {
    const char *at = slots.bytes, *end = slots.bytes + slots.length;
    while ((at = memchr(at, '[', (size_t)(end - at)))) {
        const char *stop = memchr(at, ']', (size_t)(end - at));
        if (!stop)
            return;
        AUTO(string_free) char *word = xstrndup(at + 1, (size_t)(stop - at - 1));
        bool importing = strstr(word, "-<-") != NULL;
        word[strcspn(word, "-")] = '\0';
        if (out->open_slots.count < OPEN_SLOT_CEILING_COUNT)
            strings_addf(&out->open_slots, "%s %s %s", address, word,
                         importing ? "importing" : "migrating");
        at = stop;
    }
}

/* Where a member is, or its id when nobody knows. */
static char *name_of(const struct cluster_line *line) {
    struct cluster_span host = line->host.length ? line->host : line->host_name;
    if (!host.length || !line->port)
        return xstrndup(line->id.bytes, line->id.length);
    AUTO(string_free) char *text = xstrndup(host.bytes, host.length);
    return redis_address_text(text, line->port);
}

static bool take_nodes(const struct redis_reply *reply, const char *address, uint64_t *hash,
                       struct observed_agreement *out, struct error *err) {
    unsigned flags = 0;
    if (!cluster_nodes_hash(reply->bytes, reply->length, hash, &flags, err))
        return error_wrap(err, "%s", address);
    const unsigned gone = CLUSTER_FAILING | CLUSTER_SUSPECTED | CLUSTER_NO_ADDRESS;
    const char *at = reply->bytes, *end = reply->bytes + reply->length;
    if (!(flags & gone) && !memchr(at, '[', reply->length))
        return true;
    struct cluster_line line;
    while (cluster_line_next(&at, end, &line) == CLUSTER_LINE) {
        if (line.flags & gone && !(line.flags & CLUSTER_HANDSHAKE) &&
            cluster_line_is_printable(&line))
            add_once(&out->failing, name_of(&line));
        if (line.flags & CLUSTER_MYSELF)
            take_open_slots(line.slots, address, out);
    }
    return true;
}

bool agreement_take(struct agreement *agreement, size_t index, struct observed_node *node,
                    struct redis_connection *connection, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *info = NULL, *nodes = NULL;
    if (!redis_take(connection, &info, err) || !redis_take(connection, &nodes, err))
        return false;
    take_state(info, agreement->out);
    if (nodes->type == REDIS_FAULT && strstr(nodes->bytes, "unknown command")) {
        strings_add(&node->missing_commands, "cluster");
        strings_sort(&node->missing_commands);
    }
    return nodes->type != REDIS_STRING ||
           take_nodes(nodes, node->address, &agreement->hashes.items[index], agreement->out, err);
}

static int by_value(const void *left, const void *right) {
    uint64_t one = *(const uint64_t *)left, other = *(const uint64_t *)right;
    return (one > other) - (one < other);
}

/* 0 when nobody has told. */
static uint64_t most_common(const struct agreement *agreement) {
    uint64_t *sorted =
        xmemdup(agreement->hashes.items, agreement->hashes.count * sizeof *agreement->hashes.items);
    uint64_t found = 0;
    if (sorted)
        qsort(sorted, agreement->hashes.count, sizeof *sorted, by_value);
    for (size_t i = 0, best = 0, run = 0; i < agreement->hashes.count; i++) {
        run = i && sorted[i] == sorted[i - 1] ? run + 1 : 1;
        if (sorted[i] && run > best) {
            best = run;
            found = sorted[i];
        }
    }
    free(sorted);
    return found;
}

void agreement_close(struct agreement *agreement, const struct observed_source *source) {
    uint64_t common = most_common(agreement);
    for (size_t i = 0; i < agreement->hashes.count; i++)
        if (agreement->hashes.items[i] && agreement->hashes.items[i] != common)
            strings_add(&agreement->out->other_views, source->nodes.items[i].address);
    strings_sort(&agreement->out->other_views);
    strings_sort(&agreement->out->failing);
    strings_sort(&agreement->out->open_slots);
}

void agreement_unserved(const struct topology *topology, struct observed_agreement *out) {
    struct slots served = { 0 }, unserved = { 0 };
    for (size_t i = 0; i < topology->count; i++)
        slots_add_all(&served, &topology->items[i].slots);
    for (int slot = 0; slot < SLOT_COUNT; slot++)
        if (!slots_have(&served, slot))
            slots_add(&unserved, slot, slot);
    if (slots_count(&unserved) == 0)
        return;
    AUTO(string_free) char *text = slots_text(&unserved);
    strings_add(&out->unserved, text);
}
