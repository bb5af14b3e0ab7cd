/* Reading one key of one server, value in chunks: what to ask next, and what the answers say. Many
 * of them run together, a round trip each. */
#pragma once

#include "executor/verify/key_digest.h"
#include "executor/verify/names.h"
#include "executor/verify/pace.h"
#include "executor/verify/verify.h"

enum key_kind {
    KEY_NONE,
    KEY_STRING,
    KEY_LIST,
    KEY_SET,
    KEY_SORTED_SET,
    KEY_HASH,
    KEY_STREAM,
    KEY_OTHER, /* of a module: cannot be read */
};

const char *key_kind_name(enum key_kind kind); /* as TYPE says it; "other" of a module */

/* What both servers can answer, so that both are asked the same. */
struct read_rules {
    struct hash_key hash_key;
    bool expiry_is_absolute; /* PEXPIRETIME, 7.0 */
    bool exists_takes_many;  /* EXISTS of several keys, 3.0.3 */
    bool stream_counters;    /* entries-added and max-deleted-entry-id, 7.0 */
    bool sizes_are_told;     /* MEMORY USAGE, 4.0 */
    /* HPEXPIRETIME. Where only one of them knows it, the fields of the other never expire. */
    bool source_fields_expire, target_fields_expire;
};

struct hashes {
    struct hash *items;
    size_t count;
};

struct stream_id {
    uint64_t ms, sequence;
};
struct stream_group {
    char *name;
    size_t length;
    int64_t pending;
};
struct stream_groups {
    struct stream_group *items;
    size_t count;
};

struct key_read {
    const struct verify_key *key;
    const struct read_rules *rules;

    enum key_kind kind;
    int64_t expire_at_ms; /* -1: never */
    struct key_digest digest;
    bool torn; /* it changed between two chunks: the digest says nothing */
    bool done;
    size_t read_bytes;  /* of the value, as it came */
    int64_t size_bytes; /* of the value as the server keeps it, some of it estimated; -1: unknown */
    /* Its fields may have an expiry of their own (HPEXPIRETIME: Redis 7.4, Valkey 9). */
    bool fields_expire;

    /* where we are */
    int stage;
    size_t awaited_count; /* replies to take */
    size_t chunk_count;   /* elements that the next answer may hold, as far as we know them */
    size_t asked_count;   /* elements asked for */
    int64_t at;           /* next place in a string or list */
    char cursor[24];      /* of HSCAN, SSCAN, ZSCAN */
    struct stream_id next;
    struct stream_groups groups;
    size_t group;          /* whose pending entries come next */
    int tries;             /* at its next pending entries */
    struct names fields;   /* of the last chunk, until their expiry is told */
    struct hashes partial; /* of them */
    bool one_chunk;        /* the scan gave all at once */
};

void key_read_init(struct key_read *read, const struct verify_key *key,
                   const struct read_rules *rules);
void key_read_clear(struct key_read *read);
void key_read_queue(struct key_read *read, struct redis_connection *connection);

/* Pure: what the answers say, as many as were asked for. False for an error that does not show a
 * change: *refusal is then the server's text. */
MUST_CHECK bool key_read_accept(struct key_read *read, struct redis_reply *const *replies,
                                size_t count, const char **refusal);

struct throttle;
struct key_reads {
    struct redis_connection *connection;
    struct throttle *throttle; /* towards it; NULL: none */
    struct pace *pace;         /* NULL: chunks as they are */
    struct key_read *items;
    size_t count;
};
void key_reads_clear(struct key_reads *reads);
AUTO_VALUE(struct key_reads, key_reads_clear)
/* Reads all of both lists (two servers at once; the second may be NULL) to their ends. */
MUST_CHECK bool key_reads_run(const struct verify_options *options, struct key_reads *one,
                              struct key_reads *two, struct error *err);

/* For the kinds. A command about the key, as words; each has one reply. */
struct word {
    const char *bytes;
    size_t length;
};
struct word word_of(const char *string);
/* The value behind a name in a reply of names and values; NULL when absent. */
const struct redis_reply *reply_field(const struct redis_reply *map, const char *name);
void key_read_ask(struct key_read *read, struct redis_connection *connection, size_t count,
                  const struct word *words);
#define ASK_CEILING_COUNT 8 /* words of a command, and replies to a round */
#define KEY(read) ((struct word){ (read)->key->bytes, (read)->key->length })
#define ASK(read, connection, ...)                                                                 \
    key_read_ask(read, connection, COUNT(((struct word[]){ __VA_ARGS__ })),                        \
                 (struct word[]){ __VA_ARGS__ })
#define CHUNK_FIRST_COUNT ((size_t)16) /* of a value whose size nobody told */
#define READ_STRING_BYTES ((size_t)64 << 10)
#define READ_CHUNK_BYTES ((size_t)128 << 10) /* wanted of one answer about many elements */
#define NUMBER_ROOM 24
void key_read_number(char out[NUMBER_ROOM], int64_t number);

struct kind_reader {  /* stage counts from 1; replies are as many as were asked for, no faults */
    const char *name; /* as TYPE says it */
    void (*queue)(struct key_read *read, struct redis_connection *connection);
    void (*take)(struct key_read *read, struct redis_reply *const *replies);
};
extern const struct kind_reader stream_reader, set_reader, sorted_set_reader, hash_reader;
