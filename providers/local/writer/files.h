/* The steady writer: a process that appends a growing counter to a key and logs every value that a
 * server acknowledged; one for each shard of the source. Its folder is DIR/writer:
 *   endpoint          HOST:PORT that it writes to, or its Sentinels; replaced to send it elsewhere
 *   acknowledged.log  a value a line, written after the server's answer
 *   stats.json        see struct writer_stats
 *   login             name of a user and a file with its password, a line each; or not there
 *   pid, log
 * With cluster mode the files of a shard are named as acknowledged-0001.log and stats-0001.json. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/state/state.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"

#define WRITER_PREFIX "ecmig:writer" /* of its keys */
#define WRITER_ADDRESS_BYTES 300
#define WRITER_SENTINEL_PREFIX "sentinel:" /* sentinel:NAME@HOST:PORT,HOST:PORT */

/* One of them: keys begin with the prefix, and are all of one slot. */
struct writer_part {
    char *prefix; /* as "ecmig:writer" or "ecmig:writer:{3}" */
    char *suffix; /* of its files' names, as "" or "-0001" */
    bool cluster;
};
struct writer_parts {
    struct writer_part *items;
    size_t count;
};
/* Slots are those that the shards began with. */
void writer_parts_of(const struct shards *shards, struct writer_parts *out);
void writer_parts_clear(struct writer_parts *parts);
AUTO_VALUE(struct writer_parts, writer_parts_clear)
char *writer_part_key(const struct writer_part *part);                    /* the caller frees */
char *writer_part_stats(const char *dir, const struct writer_part *part); /* the caller frees */
char *writer_part_log(const char *dir, const struct writer_part *part);   /* the caller frees */

struct writer_stats {
    int64_t acknowledged_count;
    int64_t longest_wait_ms; /* of one write that stayed without error */
    int64_t refused_ms;      /* from a first error to the next success, summed */
    int64_t error_count;
};

/* Removes what was acknowledged and measured. */
void writer_forget(const char *dir, const struct shards *shards);
MUST_CHECK bool writer_send_to(const char *dir, const char *address, struct error *err);
MUST_CHECK bool writer_address(const char *dir, char out[WRITER_ADDRESS_BYTES], struct error *err);
/* A login for servers that want one; the password stays in its file. */
struct writer_login {
    char *user;
    struct secret *password;
};
bool writer_login(const char *dir, struct writer_login *out); /* false: none that can be read */
MUST_CHECK bool writer_log_in_as(const char *dir, const char *user, const char *password_file,
                                 struct error *err);
void writer_login_clear(struct writer_login *login);
AUTO_VALUE(struct writer_login, writer_login_clear)
MUST_CHECK bool writer_stats_read(const char *dir, const struct writer_part *part,
                                  struct writer_stats *out, struct error *err);
char *writer_stats_text(const struct writer_stats *stats); /* the caller frees */
char *writer_file(const char *dir, const char *name);      /* the caller frees */
