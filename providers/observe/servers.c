#include "providers/observe/servers.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/redis.h"
#include "schemas/base/memory.h"

#define NODES_CEILING 4096
#define NOBODY SIZE_MAX

static size_t find(const struct observed_source *source, const char *address) {
    for (size_t i = 0; i < source->nodes.count; i++)
        if (strcmp(source->nodes.items[i].address, address) == 0)
            return i;
    return NOBODY;
}

static void add_listed(struct observed_source *source, size_t lister, const char *address) {
    const char *seen_at = source->nodes.items[lister].address;
    char *known_from = xasprintf("INFO replication of %s", seen_at);
    struct observed_node *node = LIST_ADD(&source->nodes);
    node->address = xstrdup(address);
    node->known_from = known_from;
    node->listed_by = xstrdup(source->nodes.items[lister].address);
    node->highest_database = -1;
}

/* Breadth first: replicas, then theirs. */
static void ask_everybody(const struct servers *servers) {
    struct observed_source *source = servers->source;
    for (size_t next = 0; next < source->nodes.count;) {
        size_t asked = source->nodes.count;
        for (; next < asked; next++) {
            struct strings lines = { 0 };
            strings_copy(&lines, &source->nodes.items[next].replicas);
            for (size_t k = 0; k < lines.count && source->nodes.count < NODES_CEILING; k++)
                if (find(source, lines.items[k]) == NOBODY)
                    add_listed(source, next, lines.items[k]);
            strings_clear(&lines);
        }
        if (source->nodes.count > asked)
            servers->ask(servers->context);
    }
}

/* For each node the one that is kept: the first of those with its run id. */
static size_t *find_kept(const struct observed_source *source) {
    size_t *kept = xcalloc(source->nodes.count + 1, sizeof *kept);
    for (size_t i = 0; i < source->nodes.count; i++) {
        const struct observed_node *node = &source->nodes.items[i];
        kept[i] = i;
        for (size_t k = 0; k < i && node->run_id && kept[i] == i; k++)
            if (string_same(node->run_id, source->nodes.items[k].run_id))
                kept[i] = k;
    }
    return kept;
}

static void add_stranger(struct observed_source *source, const struct observed_node *lister,
                         const char *address, char *why) {
    struct observed_stranger *stranger = LIST_ADD(&source->strangers);
    stranger->address = xstrdup(address);
    stranger->seen_at = xstrdup(lister->address);
    stranger->why = why;
}

/* A copy that is only being made has no history of its own to compare yet. */
static bool is_elsewhere(const struct observed_node *node, const struct observed_node *lister) {
    return node->follows && node->link_up && node->replid && lister->replid &&
           strcmp(node->replid, lister->replid) != 0;
}

static bool is_other(const struct observed_node *node, const struct observed_node *lister) {
    return node->reachable && (string_same(node->role, "master") || is_elsewhere(node, lister));
}

/* Why the line `index` of `lister` leads to none of its replicas; NULL when it does, or when nobody
 * can be asked there. The caller frees. */
static char *why_strange(const struct observed_source *source, const size_t *kept, size_t lister,
                         size_t index) {
    const struct observed_node *by = &source->nodes.items[lister];
    const char *line = by->replicas.items[index];
    size_t at = find(source, line);
    for (size_t k = 0; k < index; k++) {
        const char *other = by->replicas.items[k];
        if (strcmp(other, line) == 0)
            return xstrdup("another replica announces the same address");
        if (at != NOBODY && find(source, other) != NOBODY &&
            kept[find(source, other)] == kept[at] && source->nodes.items[at].reachable)
            return xasprintf("that is the server of %s", other);
    }
    if (at == NOBODY || !source->nodes.items[at].reachable)
        return NULL;
    const struct observed_node *node = &source->nodes.items[at];
    if (kept[at] == kept[lister])
        return xasprintf("%s itself answers there", by->address);
    if (!is_other(node, by))
        return NULL;
    return string_same(node->role, "master")
               ? xstrdup("a primary answers there")
               : xasprintf("a replica of %s answers there, with another history", node->follows);
}

/* Of the nodes that only a line named, and that are not its replicas, nothing stays. */
static void judge_lines(struct observed_source *source, const size_t *kept, bool *dropped) {
    for (size_t i = 0; i < source->nodes.count; i++) {
        const struct observed_node *lister = &source->nodes.items[i];
        if (kept[i] != i || !lister->reachable)
            continue;
        for (size_t k = 0; k < lister->replicas.count; k++) {
            char *why = why_strange(source, kept, i, k);
            size_t at = find(source, lister->replicas.items[k]);
            if (!why)
                continue;
            add_stranger(source, lister, lister->replicas.items[k], why);
            if (at != NOBODY && source->nodes.items[at].listed_by &&
                is_other(&source->nodes.items[at], lister))
                dropped[at] = true;
        }
    }
}

static struct observed_shard *shard_of(struct observed_source *source, const char *address) {
    for (size_t i = 0; i < source->shards.count; i++) {
        struct observed_shard *shard = &source->shards.items[i];
        if (strcmp(shard->primary, address) == 0 || strings_has(&shard->replicas, address))
            return shard;
    }
    return NULL;
}

static void remove_at(struct strings *list, size_t index) {
    free(list->items[index]);
    list->count--;
    memmove(list->items + index, list->items + index + 1,
            (list->count - index) * sizeof *list->items);
}

static void leave_out(struct strings *list, const char *address) {
    for (size_t i = list->count; i-- > 0;)
        if (strcmp(list->items[i], address) == 0)
            remove_at(list, i);
}

static void remove_node(struct observed_source *source, size_t index) {
    for (size_t i = 0; i < source->shards.count; i++)
        leave_out(&source->shards.items[i].replicas, source->nodes.items[index].address);
    observed_node_clear(&source->nodes.items[index]);
    source->nodes.count--;
    memmove(source->nodes.items + index, source->nodes.items + index + 1,
            (source->nodes.count - index) * sizeof *source->nodes.items);
}

/* The shard of who was found through a line is that of who listed it. */
static void place(struct observed_source *source) {
    for (size_t i = 0; i < source->nodes.count; i++) {
        const struct observed_node *node = &source->nodes.items[i];
        if (!node->listed_by || shard_of(source, node->address))
            continue;
        struct observed_shard *shard = shard_of(source, node->listed_by);
        if (!shard)
            continue;
        strings_add(&shard->replicas, node->address);
        strings_sort(&shard->replicas);
    }
}

/* A server that is known by two names is listed by the one that is kept. */
static void rename_lines(struct observed_source *source, const size_t *kept) {
    for (size_t i = 0; i < source->nodes.count; i++) {
        struct strings *lines = &source->nodes.items[i].replicas;
        for (size_t k = 0; k < lines->count; k++) {
            size_t at = find(source, lines->items[k]);
            if (at != NOBODY && kept[at] != at)
                string_replace(&lines->items[k], source->nodes.items[kept[at]].address);
        }
        strings_sort(lines);
    }
    for (size_t i = 0; i < source->nodes.count; i++) {
        struct observed_node *node = &source->nodes.items[i];
        size_t by = node->listed_by ? find(source, node->listed_by) : NOBODY;
        if (by != NOBODY && kept[by] != by)
            string_replace(&node->listed_by, source->nodes.items[kept[by]].address);
    }
}

void servers_settle(const struct servers *servers) {
    struct observed_source *source = servers->source;
    ask_everybody(servers);
    size_t *kept = find_kept(source), count = source->nodes.count;
    bool *dropped = xcalloc(count + 1, sizeof *dropped);
    judge_lines(source, kept, dropped);
    rename_lines(source, kept);
    place(source);
    for (size_t i = count; i-- > 0;)
        if (dropped[i] || kept[i] != i)
            remove_node(source, i);
    free(kept);
    free(dropped);
}

/* How many nodes of the target say that they follow this server, and that their link is up. */
static size_t count_followers(const struct observed_target *target,
                              const struct observed_node *primary) {
    size_t count = 0;
    bool in_shards = target->shard_list.count > 0;
    for (size_t i = 0; in_shards && i < target->shard_list.count; i++) {
        const struct observed_target_shard *shard = &target->shard_list.items[i];
        count += string_same(shard->link_status, "up") &&
                 observed_node_is(primary, shard->replicates_from);
    }
    if (!in_shards && target->replicates_from && string_same(target->link_status, "up"))
        count = 1;
    return count;
}

static bool is_unproven(const struct observed_node *node, const struct observed_node *primary) {
    return !node->reachable && string_same(node->listed_by, primary->address);
}

static void remove_stranger(struct observed_source *source, size_t index) {
    struct observed_stranger *stranger = &source->strangers.items[index];
    observed_stranger_clear(stranger);
    source->strangers.count--;
    memmove(stranger, stranger + 1, (source->strangers.count - index) * sizeof *stranger);
}

static void take_off(struct observed_source *source, size_t primary) {
    struct observed_node *node = &source->nodes.items[primary];
    node->sees_translated = true;
    for (size_t i = source->strangers.count; i-- > 0;)
        if (string_same(source->strangers.items[i].seen_at, node->address)) {
            leave_out(&node->replicas, source->strangers.items[i].address);
            remove_stranger(source, i);
        }
    for (size_t i = source->nodes.count; i-- > primary + 1;)
        if (is_unproven(&source->nodes.items[i], &source->nodes.items[primary])) {
            leave_out(&source->nodes.items[primary].replicas, source->nodes.items[i].address);
            remove_node(source, i);
        }
}

/* Which of them is not the target's cannot be told: each is a replica that nobody can fence. */
static void call_strange(struct observed_source *source, size_t primary, size_t followers,
                         size_t unproven) {
    for (size_t i = source->nodes.count; i-- > primary + 1;) {
        const struct observed_node *node = &source->nodes.items[i];
        if (!is_unproven(node, &source->nodes.items[primary]))
            continue;
        add_stranger(
            source, &source->nodes.items[primary], node->address,
            xasprintf("no server answers there, and of %zu such replicas the target has %zu",
                      unproven, followers));
        remove_node(source, i);
    }
}

static void leave_out_at(struct observed_source *source, size_t index, size_t followers) {
    const struct observed_node *primary = &source->nodes.items[index];
    size_t unproven = 0;
    for (size_t i = 0; i < source->nodes.count; i++)
        unproven += is_unproven(&source->nodes.items[i], primary);
    for (size_t i = 0; i < source->strangers.count; i++)
        unproven += string_same(source->strangers.items[i].seen_at, primary->address);
    if (unproven > followers)
        call_strange(source, index, followers, unproven);
    else if (unproven)
        take_off(source, index);
}

void servers_leave_out_target(struct observed_source *source,
                              const struct observed_target *target) {
    for (size_t i = 0; i < source->nodes.count; i++) {
        const struct observed_node *node = &source->nodes.items[i];
        size_t followers = count_followers(target, node), named = (size_t)node->target_lines;
        if (node->reachable && !node->follows && followers > named)
            leave_out_at(source, i, followers - named);
    }
}
