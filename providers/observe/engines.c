#include "providers/observe/engines.h"

#include <stddef.h>
#include <string.h>

#include "schemas/base/language.h"

/* The first row that fits names the engine. Every compatible server gives redis_version, too, for
 * the sake of clients: only what it says besides tells it from Redis. */
static const struct {
    const char *engine;
    const char *field;   /* that INFO has, or has with this value */
    const char *value;   /* NULL: any; else a part of it */
    const char *version; /* the field that has its own version; NULL: redis_version */
} rows[] = {
    { "valkey", "server_name", "valkey", "valkey_version" },
    { "valkey", "valkey_version", NULL, "valkey_version" },
    { "redict", "server_name", "redict", "redict_version" },
    { "redict", "redict_version", NULL, "redict_version" },
    { "keydb", "mvcc_depth", NULL, NULL },
    { "keydb", "executable", "keydb", NULL },
    { "dragonfly", "dragonfly_version", NULL, "dragonfly_version" },
    { "kvrocks", "kvrocks_version", NULL, "kvrocks_version" },
    { "pika", "pika_version", NULL, "pika_version" },
    { "garnet", "garnet_version", NULL, "garnet_version" },
    { "tair", "tair_version", NULL, "tair_version" },
    { "tendis", "tendis_version", NULL, "tendis_version" },
    { "redis enterprise", "rlec_version", NULL, "rlec_version" },
    { "elasticache", "executable", "/opt/elasticache", NULL },
    { "memorydb", "executable", "/opt/memorydb", NULL },
};

const char *engine_of(const struct info *info, const char **version) {
    const char *shown = info_find(info, "redis_version");
    *version = shown;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *value = info_find(info, rows[i].field);
        if (!value || (rows[i].value && !strstr(value, rows[i].value)))
            continue;
        const char *own = rows[i].version ? info_find(info, rows[i].version) : NULL;
        *version = own ? own : shown;
        return rows[i].engine;
    }
    const char *server = info_find(info, "server_name");
    if (server && *server && strcmp(server, "redis") != 0)
        return server;
    return shown ? "redis" : "unknown";
}
