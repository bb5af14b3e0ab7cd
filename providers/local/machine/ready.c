#include "providers/local/machine/ready.h"

#include <string.h>

#include "providers/local/machine/ask.h"
#include "providers/local/machine/node.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define READY_DEADLINE_MS 60000
#define WELL_POLL_MS 50

static bool is_ready(struct endpoint *endpoint, const struct node *node,
                     const struct redis_reply *answer, bool *ready, struct error *err) {
    AUTO(string_free) char *address = node_endpoint(&endpoint->state, node);
    *ready = answer != NULL;
    if (answer || node_is_alive(endpoint->dir, node))
        return true;
    error_set(err, ERROR_FAILED, "node '%s' at %s ended at once", node->id, address);
    return error_hint(err, "read %s/nodes/%s/log", endpoint->dir, node->id);
}

bool nodes_wait_ready(struct endpoint *endpoint, const struct nodes *nodes, struct error *err) {
    const struct question question = { .words = { "PING" } };
    int64_t deadline = clock_mono_ms() + READY_DEADLINE_MS;
    AUTO(node_set_clear) struct node_set waiting = { 0 };
    node_set_add_all(&waiting, nodes);
    while (waiting.count) {
        AUTO(answers_clear) struct answers answers = { 0 };
        size_t left_count = 0;
        nodes_ask(&endpoint->state, waiting.items, waiting.count, &question, &answers);
        for (size_t i = 0; i < answers.count; i++) {
            bool ready = false;
            if (!is_ready(endpoint, waiting.items[i], answers.items[i], &ready, err))
                return false;
            if (ready)
                node_forget_data(endpoint->dir, waiting.items[i]);
            else
                waiting.items[left_count++] = waiting.items[i];
        }
        waiting.count = left_count;
        if (left_count && !clock_left_ms(deadline))
            return error_set(err, ERROR_DEADLINE, "node '%s' does not answer",
                             waiting.items[0]->id);
        if (left_count)
            clock_sleep_ms(5);
    }
    return true;
}

static bool all_are_well(const struct endpoint *endpoint, const struct node_set *set) {
    AUTO(answers_clear) struct answers answers = { 0 };
    const struct question question = { .words = { "CLUSTER", "INFO" } };
    nodes_ask(&endpoint->state, set->items, set->count, &question, &answers);
    for (size_t i = 0; i < answers.count; i++)
        if (!answers.items[i] || !strstr(redis_text(answers.items[i]), "cluster_state:ok"))
            return false;
    return true;
}

bool nodes_wait_cluster(struct endpoint *endpoint, const struct nodes *nodes, int64_t timeout_ms) {
    AUTO(node_set_clear) struct node_set set = { 0 };
    int64_t deadline = clock_mono_ms() + timeout_ms;
    node_set_add_all(&set, nodes);
    while (!all_are_well(endpoint, &set)) {
        if (!clock_left_ms(deadline))
            return false;
        clock_sleep_ms(WELL_POLL_MS);
    }
    return true;
}
