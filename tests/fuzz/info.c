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
    AUTO(info_clear) struct info info = { 0 };
    AUTO(replication_clear) struct replication replication = { 0 };
    AUTO(target_state_clear) struct target_state state = { 0 };
    AUTO(audit_counters_clear) struct audit_counters counters = { 0 };
    AUTO(strings_clear) struct strings replicas = { 0 };
    info_parse((const char *)bytes, length, &info);
    replication_read(&info, &replication);
    replication_replicas(&info, &replicas);
    target_state_read(&info, &state);
    audit_counters_read(&info, &counters);
    if (!number_is_sane(state.keys) || !number_is_sane(replication.offset))
        abort();
    read_node(text, strlen(text));
    return 0;
}
