/* ElastiCache on this machine: a loopback server that speaks the Query API and keeps each cache
 * node as a real redis-server (or valkey-server) process.
 *
 * Everything written lives in one folder. The endpoint, its nodes, the source and the writer are
 * processes of their own, each with a pid file there that names pid and start time, so that
 * local_down and a second local_up find what a killed endpoint left behind: nodes that still run
 * are adopted, and nothing is ended that is not ours. Only loopback addresses are used. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/json/json.h"

#define LOCAL_ACCESS_KEY_ID "AKIALOCALENDPOINT000"
#define LOCAL_SECRET_ACCESS_KEY "local-endpoint/not/a/secret/of/anybody+00"
#define LOCAL_REGION "us-east-1"
#define LOCAL_ACCOUNT "000000000000"
#define LOCAL_CALLER "arn:aws:iam::" LOCAL_ACCOUNT ":user/local"
#define LOCAL_WRITER_PREFIX "ecmig:writer" /* of its keys */

enum local_pace { LOCAL_PACE_FAST, LOCAL_PACE_REAL };

struct local_options {
    const char *dir;
    const char *source;        /* "standalone", "sentinel", "cluster:N", or NULL for none */
    const char *source_engine; /* "redis-6.0"; NULL: the newest redis */
    int64_t replicas;          /* of each primary of the source */
    int64_t down_after_ms; /* of Sentinels; of a cluster its node timeout; 0: the engine's own */
    int64_t keys;          /* that the source starts with */
    int64_t writes;        /* a second, of the writer; 0 for no writer */
    enum local_pace pace;
    int64_t port;           /* of the API; 0: a free one */
    const char *network;    /* "127.N"; NULL: the first that nobody uses */
    struct strings engines; /* VERSION=PATH, besides what is found on PATH */
    bool reset;             /* end and forget what is there */
};

/* Returns when the endpoint answers and the source holds its keys, and leaves them running. On a
 * folder whose endpoint runs it changes nothing and gives the same. *out is the object that
 * `ecmig local up --format json` prints. */
MUST_CHECK bool local_up(const struct local_options *options, struct json **out, struct error *err);
/* Ends every process of the folder, nodes with their data saved; *ended counts them. */
MUST_CHECK bool local_down(const char *dir, int64_t *ended, struct error *err);
/* As local_up prints, with "running", "groups" and "processes". ERROR_NOT_FOUND without a state. */
MUST_CHECK bool local_status(const char *dir, struct json **out, struct error *err);

/* Sends the writer to HOST:PORT; it reconnects at once. */
MUST_CHECK bool local_switch(const char *dir, const char *address, struct error *err);
MUST_CHECK bool local_is_switched(const char *dir, const char *address, bool *out,
                                  struct error *err);

struct local_check_part {
    char *key;
    int64_t acknowledged_count, lost_count;
    int64_t first_lost;      /* a value that is missing; 0 when none is */
    int64_t longest_wait_ms; /* of one write that stayed without error */
    int64_t refused_ms;      /* from a first error to the next success, summed */
};
struct local_check {
    struct local_check_part total; /* sums of writes, the longest of the times; no key */
    struct {
        struct local_check_part *items; /* one for each shard of the source */
        size_t count;
    } parts;
};
/* Looks for every acknowledged value of the writer at HOST:PORT; of a cluster any member will do.
 */
MUST_CHECK bool local_check(const char *dir, const char *address, bool stop_writer,
                            struct local_check *out, struct error *err);
void local_check_clear(struct local_check *check);
AUTO_VALUE(struct local_check, local_check_clear)

/* A fault on request; faults.h says what there is. */
struct fault;
/* Asks for it; one that happens at once has begun when this returns. ERROR_USAGE for what does not
 * fit its row. */
MUST_CHECK bool local_fault(const char *dir, const struct fault *fault, struct error *err);
MUST_CHECK bool local_fault_clear(const char *dir, struct error *err);
/* An array of what is asked for and not over. */
MUST_CHECK bool local_faults(const char *dir, struct json **out, struct error *err);
