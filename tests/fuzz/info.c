/* An INFO reply, and everybody who computes with what it says. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/audit.h"
#include "executor/site/replication.h"
#include "providers/observe/node.h"
#include "providers/observe/shards.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/observed/room.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void read_node(const char *text, size_t length) {
    struct observed_node node = { 0 };
    struct room room;
    node_read_info(text, length, &node);
    room_of(&node, &room);
    if (!number_is_sane(node.expiring_field_keys) || !number_is_sane(node.write_bytes_per_s))
        abort();
    (void)room_backlog_growth(&node, node.maxmemory_bytes);
    observed_node_clear(&node);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(string_free) char *text = xstrndup((const char *)bytes, length); /* as a reply: with NUL */
    AUTO(server_info_clear) struct server_info server = { 0 };
    struct redis_reply reply = { .type = REDIS_STRING, .bytes = text, .length = strlen(text) };
    AUTO(replication_clear) struct replication replication = { 0 };
    AUTO(target_state_clear) struct target_state state = { 0 };
    AUTO(audit_counters_clear) struct audit_counters counters = { 0 };
    server_info_parse((const char *)bytes, length, &server);
    replication_read(&server, &replication);
    target_state_read(&reply, &state);
    audit_counters_read(&server, &counters);
    if (!number_is_sane(state.keys) || !number_is_sane(replication.offset))
        abort();
    read_node(text, strlen(text));
    return 0;
}
