#include "providers/local/machine/ask.h"

#include <stdlib.h>
#include <string.h>

#include "providers/local/machine/node.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static struct redis_connection *open_and_queue(const struct state *state, const struct node *node,
                                               const struct question *question) {
    struct redis_connection *connection = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    const char *words[COUNT(question->words)];
    size_t count = 0;
    if (!node_open(state, node, &connection, &ignored))
        return NULL;
    for (; count < COUNT(words) && question->words[count]; count++)
        words[count] = question->words[count];
    AUTO(string_free)
    char *name = xasprintf("%s%s", question->restricted && node->rename ? node->rename : "",
                           question->words[0]);
    words[0] = name;
    redis_queue(connection, count, words, NULL);
    return connection;
}

void nodes_ask(const struct state *state, const struct node *const *nodes, size_t count,
               const struct question *question, struct answers *out) {
    AUTO(error_clear) struct error ignored = { 0 };
    struct redis_connection **asked = xcalloc(count + 1, sizeof *asked);
    size_t open_count = 0;
    int64_t timeout_ms = question->timeout_ms ? question->timeout_ms : NODE_ANSWER_MS;
    answers_clear(out);
    *out = (struct answers){ xcalloc(count + 1, sizeof *out->items), count };
    size_t *of = xcalloc(count + 1, sizeof *of);
    for (size_t i = 0; i < count; i++) {
        asked[open_count] = open_and_queue(state, nodes[i], question);
        if (asked[open_count])
            of[open_count++] = i;
    }
    redis_exchange(asked, open_count, clock_mono_ms() + timeout_ms);
    for (size_t i = 0; i < open_count; i++) {
        struct redis_reply *reply = NULL;
        if (redis_take(asked[i], &reply, &ignored) && reply->type != REDIS_FAULT)
            out->items[of[i]] = reply;
        else
            redis_reply_free(reply);
        redis_close(asked[i]);
    }
    free(asked);
    free(of);
}

void answers_clear(struct answers *answers) {
    if (!answers)
        return;
    LIST_CLEAR(answers, redis_reply_free_at);
}

void nodes_configure(const struct state *state, const struct nodes *nodes, const char *name,
                     const char *value) {
    AUTO(node_set_clear) struct node_set set = { 0 };
    AUTO(answers_clear) struct answers ignored = { 0 };
    const struct question question = { .words = { "config", "SET", name, value },
                                       .restricted = true };
    node_set_add_all(&set, nodes);
    nodes_ask(state, set.items, set.count, &question, &ignored);
}

void node_set_add(struct node_set *set, const struct node *node) {
    *LIST_ADD(set) = node;
}

void node_set_add_all(struct node_set *set, const struct nodes *nodes) {
    for (size_t i = 0; i < nodes->count; i++)
        node_set_add(set, &nodes->items[i]);
}

void node_set_clear(struct node_set *set) {
    if (set)
        free(set->items);
}
