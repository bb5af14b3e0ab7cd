#include "executor/site/orders.h"

#include "executor/moment.h"

void orders_add(struct orders *orders, struct redis_connection *node, const char *name,
                const char *value) {
    many_add(&orders->nodes, node);
    strings_add(&orders->words, name);
    strings_add(&orders->words, value);
}

bool orders_send(const struct orders *orders, struct error *err) {
    const struct many *nodes = &orders->nodes;
    if (!nodes->count)
        return true;
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i])
            redis_queue_words(nodes->items[i], "CONFIG", "SET", orders->words.items[2 * i],
                              orders->words.items[2 * i + 1], NULL);
    bool fine = many_exchange(nodes, REDIS_NOW, NULL, err);
    moment("after CONFIG SET");
    return fine;
}

void orders_clear(struct orders *orders) {
    many_clear(&orders->nodes);
    strings_clear(&orders->words);
}
