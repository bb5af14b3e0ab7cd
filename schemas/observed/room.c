#include "schemas/observed/room.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/strings.h"
#include "schemas/base/units.h"

#define MIB ((int64_t)1 << 20)
#define IGNORING_REPLICAS 5 /* the major version from which on a replica ignores maxmemory */

static void limit(struct room *room, int64_t limit_bytes, int64_t taken_bytes, bool of_machine) {
    int64_t free_bytes = limit_bytes > taken_bytes ? limit_bytes - taken_bytes : 0;
    if (room->known && room->free_bytes <= free_bytes)
        return;
    *room = (struct room){ .known = true,
                           .of_machine = of_machine,
                           .limit_bytes = limit_bytes,
                           .taken_bytes = taken_bytes,
                           .free_bytes = free_bytes };
}

void room_of_machine(const struct observed_node *node, struct room *out) {
    *out = (struct room){ 0 };
    int64_t resident = node->resident_bytes ? node->resident_bytes : node->used_memory_bytes;
    if (node->system_memory_bytes && resident)
        limit(out, node->system_memory_bytes, resident, true);
}

static bool reads_values(enum config_verify_mode mode) {
    return mode == VERIFY_FULL || mode == VERIFY_SAMPLE;
}

int64_t room_of_comparison(const struct config *config) {
    bool reads = reads_values(config->verify.before_cutover.mode) ||
                 reads_values(config->verify.after_cutover.mode);
    return reads ? ROOM_COMPARISON_BYTES : 0;
}

static bool ignores_maxmemory(const struct observed_node *node) {
    return node->role && strcmp(node->role, "slave") == 0 && node->version &&
           strtoll(node->version, NULL, 10) >= IGNORING_REPLICAS;
}

void room_of(const struct observed_node *node, struct room *out) {
    room_of_machine(node, out);
    if (node->maxmemory_bytes > 0 && node->used_memory_bytes && !ignores_maxmemory(node))
        limit(out, node->maxmemory_bytes, node->used_memory_bytes - node->not_counted_bytes, false);
}

int64_t room_backlog_growth(const struct observed_node *node, int64_t size_bytes) {
    return size_bytes > node->backlog_held_bytes ? size_bytes - node->backlog_held_bytes : 0;
}

int64_t room_need_bytes(const struct room_need *need) {
    return need->backlog_bytes + need->comparison_bytes + ROOM_RESERVE_BYTES;
}

bool room_fits(const struct room *room, const struct room_need *need) {
    return !room->known || room_need_bytes(need) <= room->free_bytes;
}

static void add_bytes(struct text *text, const char *before, int64_t bytes, const char *after) {
    text_add(text, before);
    units_add_bytes(text, bytes);
    text_add(text, after);
}

void room_add_sum(struct text *text, const struct room *room, const struct room_need *need) {
    add_bytes(text, "", need->backlog_bytes, " backlog");
    if (need->comparison_bytes)
        add_bytes(text, " + ", need->comparison_bytes, " comparison");
    add_bytes(text, " + ", ROOM_RESERVE_BYTES, " connections");
    add_bytes(text, " = ", room_need_bytes(need), "");
    if (!room->known) {
        text_add(text, "; the server does not report its free memory");
        return;
    }
    add_bytes(text, room->of_machine ? "; total_system_memory " : "; maxmemory ", room->limit_bytes,
              "");
    add_bytes(text, " - ", room->taken_bytes, room->of_machine ? " resident" : " counted");
    add_bytes(text, " = ", room->free_bytes, " free");
}

int64_t room_enough_maxmemory(const struct room *room, const struct room_need *need) {
    if (!room->known || room->of_machine)
        return 0;
    return ((room->taken_bytes + 2 * room_need_bytes(need)) / MIB + 1) * MIB;
}
