#include "providers/observe/unread.h"

#include <stdio.h>
#include <string.h>

/* What INFO of a version has, and a check reads: an absent field is not zero. */
static const struct {
    const char *field;
    int major, minor; /* since */
} fields[] = {
    { "cluster_enabled", 3, 0 },
    { "connected_clients", 2, 4 },
    { "latest_fork_usec", 2, 4 },
    { "loading", 2, 4 },
    { "number_of_functions", 7, 0 },
    { "rdb_last_bgsave_status", 2, 6 },
    { "role", 2, 4 },
    { "run_id", 2, 4 },
    { "tcp_port", 2, 4 },
    { "total_system_memory", 3, 2 },
    { "used_memory", 2, 4 },
};

bool unread_has(const char *version, int major, int minor) {
    int own[2] = { 0, 0 };
    if (!version || sscanf(version, "%5d.%5d", &own[0], &own[1]) < 1)
        return true; /* it could have it */
    return own[0] > major || (own[0] == major && own[1] >= minor);
}

void unread_fields(const struct info *info, struct observed_node *node) {
    const char *claimed = info_find(info, "redis_version");
    for (size_t i = 0; i < COUNT(fields); i++)
        if (!info_find(info, fields[i].field) &&
            unread_has(claimed, fields[i].major, fields[i].minor))
            strings_add(&node->unread, fields[i].field);
}
