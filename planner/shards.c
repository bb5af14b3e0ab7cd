#include "planner/shards.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/slots.h"
#include "schemas/base/units.h"

#define ONE_BY_ONE 5 /* shards; more are folded */
#define EXCEPTIONS_SHOWN 4
#define LARGE_TIMES 2 /* the middle one's size: then a shard is named */
#define LARGE_BYTES ((int64_t)64 << 20)

struct shard {
    const struct observed_shard *seen;
    const struct observed_node *primary; /* NULL when it is not among the nodes */
    int64_t slots, bytes;
    bool differs;
};

struct shards {
    struct shard *items;
    size_t count;
};

static void shards_clear(struct shards *shards) {
    free(shards->items);
}
AUTO_VALUE(struct shards, shards_clear)

static int64_t bytes_of(const struct observed_node *node) {
    return !node ? 0 : node->dataset_bytes ? node->dataset_bytes : node->used_memory_bytes;
}

static int64_t slots_of(const struct observed_shard *shard) {
    AUTO(error_clear) struct error err = { 0 };
    struct slots slots = { 0 };
    const char *text = shard->slots ? shard->slots : "";
    return slots_parse(text, strlen(text), &slots, &err) ? slots_count(&slots) : 0;
}

static void read_shards(const struct situation *situation, struct shards *out) {
    const struct observed_source *source = &situation->observed->source;
    const struct observed_node *primary;
    struct primary_walk walk = { 0 };
    for (size_t i = 0; i < source->shards.count; i++)
        *LIST_ADD(out) = (struct shard){ .seen = &source->shards.items[i],
                                         .slots = slots_of(&source->shards.items[i]) };
    while ((primary = situation_next_primary(situation, &walk))) {
        struct shard *shard = &out->items[walk.shard - 1];
        shard->primary = primary;
        shard->bytes = bytes_of(primary);
    }
}

static const char *version_of(const struct shard *shard) {
    return shard->primary && shard->primary->version ? shard->primary->version : "";
}

static bool alike(const struct shard *left, const struct shard *right) {
    return left->seen->replicas.count == right->seen->replicas.count &&
           !left->slots == !right->slots && strcmp(version_of(left), version_of(right)) == 0;
}

static int by_number(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int64_t middle_size(const struct shards *shards) {
    int64_t *sizes = xcalloc(shards->count + 1, sizeof *sizes);
    for (size_t i = 0; i < shards->count; i++)
        sizes[i] = shards->items[i].bytes;
    qsort(sizes, shards->count, sizeof *sizes, by_number);
    int64_t middle = sizes[shards->count / 2];
    free(sizes);
    return middle;
}

/* The shape that most have; the first of equals. */
static const struct shard *usual(const struct shards *shards) {
    const struct shard *best = &shards->items[0];
    size_t most = 0;
    for (size_t i = 0; i < shards->count && most <= shards->count / 2; i++) {
        size_t count = 0;
        for (size_t k = 0; k < shards->count; k++)
            count += alike(&shards->items[i], &shards->items[k]);
        if (count > most) {
            best = &shards->items[i];
            most = count;
        }
    }
    return best;
}

static void add_replicas(struct text *text, size_t count) {
    text_addf(text, "%zu replica%s", count, count == 1 ? "" : "s");
}

static void add_one(struct text *text, const struct shard *shard) {
    const char *slots = shard->seen->slots;
    text_addf(text, "%s %s, ", slots && *slots ? slots : "no slots:",
              shard->seen->primary ? shard->seen->primary : "without a primary");
    add_replicas(text, shard->seen->replicas.count);
    if (shard->primary && !shard->primary->reachable)
        text_add(text, ", no answer");
    if (!shard->primary || !shard->primary->reachable)
        return;
    text_addf(text, ", %s, ", *version_of(shard) ? version_of(shard) : "unknown version");
    units_add_bytes(text, shard->bytes);
}

static void add_range(struct text *text, int64_t least, int64_t most) {
    text_addf(text, "%" PRId64, least);
    if (least != most)
        text_addf(text, "-%" PRId64, most);
}

static void add_usual(struct text *text, const struct shards *shards, const struct shard *usual) {
    int64_t least = INT64_MAX, most = 0, few = INT64_MAX, many = 0;
    size_t count = 0;
    for (size_t i = 0; i < shards->count; i++) {
        const struct shard *shard = &shards->items[i];
        if (shard->differs)
            continue;
        count++;
        least = shard->bytes < least ? shard->bytes : least;
        most = shard->bytes > most ? shard->bytes : most;
        few = shard->slots < few ? shard->slots : few;
        many = shard->slots > many ? shard->slots : many;
    }
    units_add_count(text, (int64_t)count);
    text_add(text, " of them: ");
    add_range(text, few, many);
    text_add(text, " slots, ");
    add_replicas(text, usual->seen->replicas.count);
    text_addf(text, ", %s, ", *version_of(usual) ? version_of(usual) : "unknown version");
    AUTO(string_free) char *low = units_bytes(least);
    AUTO(string_free) char *high = units_bytes(most);
    text_addf(text, strcmp(low, high) == 0 ? "%s" : "%s to %s", low, high);
}

static void add_folded(struct text *text, struct shards *shards) {
    const struct shard *norm = usual(shards);
    int64_t middle = middle_size(shards);
    size_t exceptions = 0, shown = 0;
    for (size_t i = 0; i < shards->count; i++) {
        struct shard *shard = &shards->items[i];
        bool large = shard->bytes > middle * LARGE_TIMES && shard->bytes - middle > LARGE_BYTES;
        shard->differs = large || !alike(shard, norm);
        exceptions += shard->differs;
    }
    text_add_char(text, '\n');
    add_usual(text, shards, norm);
    for (size_t i = 0; i < shards->count && shown < EXCEPTIONS_SHOWN; i++) {
        if (!shards->items[i].differs)
            continue;
        text_add(text, "\nbut ");
        add_one(text, &shards->items[i]);
        shown++;
    }
    if (exceptions > shown)
        text_addf(text, "\nand %zu more that differ", exceptions - shown);
}

void shards_describe(const struct situation *situation, struct text *text) {
    AUTO(shards_clear) struct shards shards = { 0 };
    if (!situation->clustered || !situation->observed->source.shards.count)
        return;
    read_shards(situation, &shards);
    if (shards.count > ONE_BY_ONE) {
        add_folded(text, &shards);
        return;
    }
    for (size_t i = 0; i < shards.count; i++) {
        text_add_char(text, '\n');
        add_one(text, &shards.items[i]);
    }
}
