/* Will the target's engine read the snapshot that the source's engine sends?
 * Source: the engines' own RDB version checks, and trials of stock servers against each other. */
#pragma once

enum rdb_verdict {
    RDB_LOADS,
    RDB_DOUBTFUL, /* undocumented, or only while no newer data types are in use */
    RDB_REFUSED,
    RDB_UNKNOWN, /* a version is not known */
};

/* What the engine writes, 0 when it is not known. Engines are "redis" and "valkey". */
int rdb_version(const char *engine, const char *version);
enum rdb_verdict rdb_verdict(const char *source_engine, const char *source_version,
                             const char *target_engine, const char *target_version);
