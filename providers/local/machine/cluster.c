#include "providers/local/machine/cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/machine/node.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/slots.h"

#define ID_LENGTH 40
#define PAGE_CEILING_BYTES ((size_t)8 << 20)

char *cluster_equal_slots(size_t index, size_t count) {
    size_t first = (index * SLOT_COUNT + count / 2) / count;
    size_t end = ((index + 1) * SLOT_COUNT + count / 2) / count;
    return xasprintf("%zu-%zu", first, end - 1);
}

static void add_slots(struct text *page, const char *slots) {
    text_add_char(page, ' ');
    for (; *slots; slots++)
        text_add_char(page, *slots == ',' ? ' ' : *slots);
}

void cluster_page(struct text *page, const struct state *state,
                  const struct cluster_entries *entries, const char *self, int64_t epoch,
                  int version_major) {
    for (size_t i = 0; i < entries->count; i++) {
        const struct cluster_entry *entry = &entries->items[i];
        text_addf(page, "%s %s:%d", entry->id, entry->host, (int)entry->port);
        if (version_major >= 4)
            text_addf(
                page, "@%d",
                (int)(entry->bus_port ? entry->bus_port : state->node_port + NODE_BUS_PORT_ABOVE));
        text_addf(page, " %s%s %s 0 0 %lld connected",
                  strcmp(entry->id, self) == 0 ? "myself," : "",
                  entry->primary_id ? "slave" : "master",
                  entry->primary_id ? entry->primary_id : "-", (long long)entry->epoch);
        if (entry->slots && *entry->slots)
            add_slots(page, entry->slots);
        text_add_char(page, '\n');
    }
    text_addf(page, "vars currentEpoch %lld lastVoteEpoch 0\n", (long long)epoch);
}

bool cluster_write(const char *dir, const struct node *node, const struct text *page,
                   struct error *err) {
    AUTO(string_free) char *folder = node_file(dir, node, "");
    AUTO(string_free) char *path = node_file(dir, node, "nodes.conf");
    return folder_make(folder, 0700, err) && file_write(path, page->bytes, page->length, 0600, err);
}

bool cluster_prepare(struct endpoint *endpoint, const struct nodes *nodes,
                     const struct shards *shards, struct error *err) {
    struct cluster_entries entries = { 0 };
    char(*hosts)[16] = xcalloc(nodes->count + 1, sizeof *hosts);
    bool done = true;
    for (size_t i = 0; i < nodes->count; i++) {
        const struct node *node = &nodes->items[i];
        node_address(&endpoint->state, node, hosts[i]);
        *LIST_ADD(&entries) = (struct cluster_entry){
            .id = node->cluster_id,
            .host = hosts[i],
            .port = endpoint->state.node_port,
            .primary_id = node->replica ? shard_primary(nodes, node->shard)->cluster_id : NULL,
            .epoch = node->shard + 1,
            .slots = node->replica ? NULL : shards->items[node->shard].slots,
        };
    }
    for (size_t i = 0; done && i < nodes->count; i++) {
        AUTO(text_clear) struct text page = { 0 };
        cluster_page(&page, &endpoint->state, &entries, nodes->items[i].cluster_id,
                     (int64_t)shards->count, engine_major(nodes->items[i].engine_version));
        done = cluster_write(endpoint->dir, &nodes->items[i], &page, err);
    }
    free(entries.items);
    free(hosts);
    return done;
}

/* Writes the bus port of the line, if it says one, and returns what is behind it. */
static const char *replace_bus(const char *at, const char *end, int64_t bus_port,
                               struct text *out) {
    while (at < end && *at != '@' && *at != ',' && *at != ' ')
        at++;
    if (at == end || *at != '@')
        return at;
    bool dead = strtol(at + 1, NULL, 10) == CLUSTER_DEAD_BUS_PORT;
    text_addf(out, "@%d", dead ? CLUSTER_DEAD_BUS_PORT : (int)bus_port);
    for (at++; at < end && *at >= '0' && *at <= '9';)
        at++;
    return at;
}

void cluster_replace_addresses(const char *bytes, size_t length, int64_t bus_port,
                               bool (*place)(const void *context, const char *id, char out[64]),
                               const void *context, struct text *out) {
    const char *end = bytes + length;
    for (const char *at = bytes; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop + 1 : end;
        char id[ID_LENGTH + 1] = "", address[64];
        if (stop - at > ID_LENGTH + 1 && at[ID_LENGTH] == ' ')
            memcpy(id, at, ID_LENGTH);
        if (*id && place(context, id, address)) {
            text_addf(out, "%s %s", id, address);
            at = replace_bus(at + ID_LENGTH + 1, stop, bus_port, out);
        }
        text_add_bytes(out, at, (size_t)(stop - at));
        at = stop;
    }
}

static bool place_in(const struct state *state, const struct nodes *nodes, const char *id,
                     char out[64]) {
    for (size_t i = 0; i < nodes->count; i++) {
        if (!nodes->items[i].cluster_id || strcmp(nodes->items[i].cluster_id, id) != 0)
            continue;
        char host[16];
        node_address(state, &nodes->items[i], host);
        snprintf(out, 64, "%s:%d", host, (int)state->node_port);
        return true;
    }
    return false;
}

static bool place_of(const void *context, const char *id, char out[64]) {
    const struct state *state = context;
    bool found = place_in(state, &state->source, id, out);
    for (size_t i = 0; !found && i < state->groups.count; i++)
        found = place_in(state, &state->groups.items[i].nodes, id, out);
    return found;
}

bool cluster_refresh(const struct endpoint *endpoint, const struct node *node, struct error *err) {
    AUTO(string_free) char *path = node_file(endpoint->dir, node, "nodes.conf");
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    if (!path_exists(path))
        return true;
    if (!file_read(path, PAGE_CEILING_BYTES, &bytes, err))
        return false;
    cluster_replace_addresses(text_string(&bytes), bytes.length,
                              endpoint->state.node_port + NODE_BUS_PORT_ABOVE, place_of,
                              &endpoint->state, &page);
    if (strcmp(text_string(&bytes), text_string(&page)) == 0)
        return true;
    return file_write(path, page.bytes, page.length, 0600, err);
}
