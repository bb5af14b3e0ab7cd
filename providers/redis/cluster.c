#include "providers/redis/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

static bool wrong(const char *what, struct error *err) {
    error_set(err, ERROR_FORMAT, "the answer to CLUSTER NODES has %s", what);
    return error_hint(err, "check that the address is a Redis or Valkey server, not a proxy");
}

static bool slot_number(const char **at, const char *end, int *slot) {
    int value = -1;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        value = (value < 0 ? 0 : value) * 10 + (**at - '0');
        if (value >= SLOT_COUNT)
            return false;
    }
    *slot = value;
    return value >= 0;
}

/* 93, 0-5460, [93->-id] while it migrates away, [93-<-id] while it is imported. */
static bool read_slot_word(const char *at, const char *end, struct cluster_member *member,
                           struct cluster_view *view) {
    int first = 0, last = 0;
    bool open = *at == '[';
    at += open;
    if (!slot_number(&at, end, &first))
        return false;
    if (open) {
        if (end - at < 4 || at[0] != '-' || (at[1] != '>' && at[1] != '<') || at[2] != '-')
            return false;
        if (view->open_slots.count < SLOT_COUNT)
            *LIST_ADD(&view->open_slots) =
                (struct cluster_open_slot){ .slot = first, .importing = at[1] == '<' };
        return true;
    }
    last = first;
    if (at < end && (*at++ != '-' || !slot_number(&at, end, &last) || at != end))
        return false;
    if (last < first)
        return false;
    slots_add(&member->slots, first, last);
    return true;
}

static bool read_slots(struct cluster_span text, struct cluster_member *member,
                       struct cluster_view *view) {
    const char *at = text.bytes, *end = text.bytes + text.length;
    while (at < end) {
        const char *stop = memchr(at, ' ', (size_t)(end - at));
        if (!stop)
            stop = end;
        if (stop > at && !read_slot_word(at, stop, member, view))
            return false;
        at = stop < end ? stop + 1 : end;
    }
    return true;
}

static char *address_of(const struct cluster_line *line, const char *asked_host) {
    struct cluster_span host = line->host.length ? line->host : line->host_name;
    if (!host.length && line->flags & CLUSTER_MYSELF)
        host = (struct cluster_span){ asked_host, strlen(asked_host) };
    if (!host.length || !line->port || line->flags & CLUSTER_NO_ADDRESS)
        return NULL;
    AUTO(string_free) char *name = xstrndup(host.bytes, host.length);
    return redis_address_text(name, line->port);
}

static bool add_line(const struct cluster_line *line, const char *asked_host,
                     struct cluster_view *view, struct error *err) {
    if (!cluster_line_is_printable(line))
        return wrong("invalid id or host", err);
    if (view->count == CLUSTER_MEMBER_CEILING_COUNT)
        return error_set(err, ERROR_LIMIT, "the cluster has more than %d members",
                         CLUSTER_MEMBER_CEILING_COUNT);
    struct cluster_member *member = LIST_ADD(view);
    memcpy(member->id, line->id.bytes, line->id.length);
    if (line->primary_id.length)
        memcpy(member->primary_id, line->primary_id.bytes, line->primary_id.length);
    member->flags = line->flags;
    member->address = address_of(line, asked_host);
    if (line->host_name.length)
        member->host_name = xstrndup(line->host_name.bytes, line->host_name.length);
    return read_slots(line->slots, member, view) || wrong("invalid slot", err);
}

bool cluster_nodes_read(const char *bytes, size_t length, const char *asked_host,
                        struct cluster_view *out, struct error *err) {
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    const char *at = bytes, *end = bytes + length;
    struct cluster_line line;
    enum cluster_line_outcome outcome;
    while ((outcome = cluster_line_next(&at, end, &line)) == CLUSTER_LINE)
        if (!add_line(&line, asked_host, &view, err))
            return false;
    if (outcome == CLUSTER_WRONG || view.count == 0)
        return wrong(view.count ? "malformed line" : "no valid line", err);
    struct cluster_view old = *out;
    *out = view;
    view = old;
    return true;
}

const struct cluster_member *cluster_view_find(const struct cluster_view *view, const char *id) {
    for (size_t i = 0; i < view->count; i++)
        if (strcmp(view->items[i].id, id) == 0)
            return &view->items[i];
    return NULL;
}

static void cluster_member_clear(struct cluster_member *member) {
    free(member->address);
    free(member->host_name);
}

void cluster_view_clear(struct cluster_view *view) {
    if (!view)
        return;
    LIST_CLEAR(view, cluster_member_clear);
    free(view->open_slots.items);
    *view = (struct cluster_view){ 0 };
}

static bool counts(const struct cluster_member *member) {
    return member->address && !(member->flags & (CLUSTER_HANDSHAKE | CLUSTER_NO_ADDRESS));
}

static int by_slots(const void *left, const void *right) {
    const struct topology_shard *one = left, *other = right;
    int first = slots_first(&one->slots), second = slots_first(&other->slots);
    if (first == second)
        return strcmp(one->primary, other->primary);
    if (first < 0 || second < 0)
        return first < 0 ? 1 : -1;
    return first < second ? -1 : 1;
}

static void add_replicas(const struct cluster_view *view, const struct cluster_member *primary,
                         struct topology_shard *shard) {
    for (size_t i = 0; i < view->count; i++) {
        const struct cluster_member *member = &view->items[i];
        if (counts(member) && member->flags & CLUSTER_REPLICA &&
            strcmp(member->primary_id, primary->id) == 0)
            strings_add(&shard->replicas, member->address);
    }
    strings_sort(&shard->replicas);
}

bool topology_of_view(const struct cluster_view *view, struct topology *out, struct error *err) {
    AUTO(topology_clear) struct topology made = { 0 };
    bool served = false;
    for (size_t i = 0; i < view->count; i++) {
        const struct cluster_member *member = &view->items[i];
        if (!counts(member) || !(member->flags & CLUSTER_PRIMARY))
            continue;
        struct topology_shard *shard = LIST_ADD(&made);
        shard->slots = member->slots;
        shard->primary = xstrdup(member->address);
        add_replicas(view, member, shard);
        served = served || slots_count(&member->slots) > 0;
    }
    if (!served) {
        error_set(err, ERROR_NOT_FOUND, "no member of the cluster serves slots");
        return error_hint(err, "create the cluster first, or check that the seed belongs to it");
    }
    qsort(made.items, made.count, sizeof *made.items, by_slots);
    struct topology old = *out;
    *out = made;
    made = old;
    return true;
}
