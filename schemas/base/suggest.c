#include "schemas/base/suggest.h"

#include <string.h>

#include "schemas/base/memory.h"

#define WORD_CEILING 63 /* longer words are not typing slips */

static size_t least(size_t left, size_t right) {
    return left < right ? left : right;
}

/* Edits (insert, remove, replace, swap of neighbors) that make one word the other. */
static size_t distance(const char *from, size_t from_length, const char *to, size_t to_length) {
    size_t rows[3][WORD_CEILING + 1] = { { 0 } };
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= to_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= from_length; i++) {
        now[0] = i;
        for (size_t j = 1; j <= to_length; j++) {
            size_t cost = from[i - 1] != to[j - 1];
            now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[to_length];
}

char *suggest_nearest(const char *word, const struct strings *known) {
    size_t length = strlen(word), best = length / 3 + 2;
    const char *found = NULL;
    if (length == 0 || length > WORD_CEILING)
        return NULL;
    for (size_t i = 0; i < known->count; i++) {
        const char *candidate = known->items[i];
        size_t candidate_length = strlen(candidate);
        if (candidate_length > WORD_CEILING)
            continue;
        size_t edits = length >= 3 && strncmp(candidate, word, length) == 0
                           ? 0
                           : distance(word, length, candidate, candidate_length);
        if (edits < best && edits < candidate_length) {
            best = edits;
            found = candidate;
        }
    }
    return xstrdup(found);
}
