#include "providers/elasticache/actions/tags.h"

static void add_tag(struct query *query, size_t number, const struct pair *tag) {
    query_add_item(query, "Tags.Tag", number, "Key", tag->name);
    query_add_item(query, "Tags.Tag", number, "Value", tag->value);
}

void query_add_tags(struct query *query, const struct pairs *weaker, const struct pairs *stronger) {
    size_t number = 0;
    for (size_t i = 0; weaker && i < weaker->count; i++)
        if (!stronger || !pairs_find(stronger, weaker->items[i].name))
            add_tag(query, ++number, &weaker->items[i]);
    for (size_t i = 0; stronger && i < stronger->count; i++)
        add_tag(query, ++number, &stronger->items[i]);
}
