#include "planner/rdb.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "planner/version.h"
#include "schemas/base/language.h"

/* Valkey 9 numbers its format apart from Redis, and refuses the numbers between. */
enum { RDB_SHARED_LAST = 11, RDB_VALKEY_FIRST = 80 };

struct era {
    const char *engine;
    int major, minor; /* from this version on */
    int rdb;
};

static const struct era eras[] = {
    { "valkey", 9, 2, 81 }, { "valkey", 9, 0, RDB_VALKEY_FIRST },
    { "valkey", 7, 2, 11 }, { "redis", 8, 4, 13 },
    { "redis", 7, 4, 12 },  { "redis", 7, 2, 11 },
    { "redis", 7, 0, 10 },  { "redis", 5, 0, 9 },
    { "redis", 4, 0, 8 },   { "redis", 3, 2, 7 },
    { "redis", 2, 6, 6 },
};

int rdb_version(const char *engine, const char *version) {
    for (size_t i = 0; engine && i < COUNT(eras); i++)
        if (strcmp(eras[i].engine, engine) == 0 &&
            version_at_least(version, eras[i].major, eras[i].minor, 0))
            return eras[i].rdb;
    return 0;
}

enum rdb_verdict rdb_verdict(const char *source_engine, const char *source_version,
                             const char *target_engine, const char *target_version) {
    int written = rdb_version(source_engine, source_version);
    int read = rdb_version(target_engine, target_version);
    if (!written || !read)
        return RDB_UNKNOWN;
    if (written == read)
        return RDB_LOADS;
    /* Valkey 9 sends an older format to an older replica, unless newer types are in use. */
    if (written >= RDB_VALKEY_FIRST && read < written)
        return read >= RDB_VALKEY_FIRST || read == RDB_SHARED_LAST ? RDB_DOUBTFUL : RDB_REFUSED;
    if (read >= RDB_VALKEY_FIRST && written < RDB_VALKEY_FIRST)
        return written <= RDB_SHARED_LAST ? RDB_LOADS : RDB_REFUSED;
    if (written < read)
        return RDB_LOADS;
    /* Whether the service's own Redis 7.1 reads format 11 is not documented. */
    bool own_build = strcmp(target_engine, "redis") == 0 &&
                     version_at_least(target_version, 7, 1, 0) &&
                     version_below(target_version, 7, 2, 0);
    return own_build && written == RDB_SHARED_LAST ? RDB_DOUBTFUL : RDB_REFUSED;
}
