#include "providers/redis/reader.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#if HIREDIS_MAJOR >= 1
typedef size_t array_count; /* what createArray is given differs between the releases */
#else
typedef int array_count;
#endif

#define LENGTH_LINE_BYTES ((size_t)32) /* "536870912\r\n" is a long one */

struct reader {
    redisReader *hiredis;
    size_t ceiling_bytes;
    /* Of the reply being read, or of the one that was given last: */
    size_t element_count, taken_bytes;
    bool begun, too_many, too_large;
};

/* The bytes live behind the struct, so that a reply is one allocation: a sweep reads millions. */
static struct redis_reply *reply_new(enum redis_type type, const char *bytes, size_t length) {
    struct redis_reply *reply = xrealloc(NULL, 1, sizeof *reply + (bytes ? length + 1 : 0));
    *reply = (struct redis_reply){ .type = type };
    if (bytes) {
        reply->bytes = (char *)(reply + 1);
        reply->length = length;
        memcpy(reply->bytes, bytes, length);
        reply->bytes[length] = '\0';
    }
    return reply;
}

void redis_reply_free(struct redis_reply *reply) {
    if (!reply)
        return;
    for (size_t i = 0; i < reply->count; i++)
        redis_reply_free(reply->elements[i]);
    free(reply->elements);
    free(reply);
}

const char *redis_text(const struct redis_reply *reply) {
    return reply && (reply->type == REDIS_STRING || reply->type == REDIS_STATUS) ? reply->bytes
                                                                                 : "";
}

/* Elements are attached as they arrive, never allocated by an announced count that may be a lie. */
static void *attach(const redisReadTask *task, struct redis_reply *reply) {
    struct reader *reader = task->privdata;
    if (!reader->begun)
        reader->element_count = reader->taken_bytes = 0;
    reader->begun = true;
    reader->taken_bytes += sizeof *reply + sizeof(struct redis_reply *) + reply->length;
    reader->too_many = ++reader->element_count > READER_ELEMENT_CEILING_COUNT;
    reader->too_large = reader->taken_bytes > reader->ceiling_bytes;
    if (reader->too_many || reader->too_large) {
        redis_reply_free(reply);
        return NULL;
    }
    if (task->parent) {
        struct redis_reply *parent = task->parent->obj;
        parent->elements = list_grow(parent->elements, parent->count, sizeof(struct redis_reply *));
        parent->elements[parent->count++] = reply;
    }
    return reply;
}

static void *create_string(const redisReadTask *task, char *bytes, size_t length) {
    enum redis_type type = task->type == REDIS_REPLY_ERROR    ? REDIS_FAULT
                           : task->type == REDIS_REPLY_STATUS ? REDIS_STATUS
                                                              : REDIS_STRING;
    return attach(task, reply_new(type, bytes, length));
}

static void *create_array(const redisReadTask *task, array_count count) {
    (void)count;
    return attach(task, reply_new(REDIS_ARRAY, NULL, 0));
}

static void *create_integer(const redisReadTask *task, long long value) {
    struct redis_reply *reply = reply_new(REDIS_INTEGER, NULL, 0);
    reply->integer = value;
    return attach(task, reply);
}

static void *create_nil(const redisReadTask *task) {
    return attach(task, reply_new(REDIS_NIL, NULL, 0));
}

#if HIREDIS_MAJOR >= 1
static void *create_double(const redisReadTask *task, double value, char *bytes, size_t length) {
    (void)value;
    return attach(task, reply_new(REDIS_STRING, bytes, length));
}

static void *create_bool(const redisReadTask *task, int value) {
    return create_integer(task, value);
}
#endif

static void free_object(void *object) {
    redis_reply_free(object);
}

static redisReplyObjectFunctions functions = {
    .createString = create_string,
    .createArray = create_array,
    .createInteger = create_integer,
#if HIREDIS_MAJOR >= 1
    .createDouble = create_double,
    .createBool = create_bool,
#endif
    .createNil = create_nil,
    .freeObject = free_object,
};

struct reader *reader_new(size_t reply_ceiling_bytes) {
    struct reader *reader = xcalloc(1, sizeof *reader);
    reader->ceiling_bytes = reply_ceiling_bytes;
    reader->hiredis = redisReaderCreateWithFunctions(&functions);
    if (!reader->hiredis)
        abort();
    reader->hiredis->privdata = reader;
    return reader;
}

void reader_free(struct reader *reader) {
    if (!reader)
        return;
    redisReaderFree(reader->hiredis);
    free(reader);
}

void reader_feed(struct reader *reader, const char *bytes, size_t length) {
    if (redisReaderFeed(reader->hiredis, bytes, length) != REDIS_OK &&
        reader->hiredis->err == REDIS_ERR_OOM)
        abort();
}

static size_t reader_unread_bytes(const struct reader *reader) {
    return reader->hiredis->len - reader->hiredis->pos;
}

size_t reader_reply_bytes(const struct reader *reader) {
    return reader->taken_bytes;
}

/* Each piece that comes of a line is looked through from its beginning for its end. What may be
 * long is a string, behind a line that says how long. */
static bool is_endless_line(const struct reader *reader) {
    const redisReader *hiredis = reader->hiredis;
    if (reader_unread_bytes(reader) <= READER_LINE_CEILING_BYTES || hiredis->ridx < 0)
        return false;
#if HIREDIS_MAJOR >= 1
    int type = hiredis->task[hiredis->ridx]->type;
#else
    int type = hiredis->rstack[hiredis->ridx].type;
#endif
    return type != REDIS_REPLY_STRING ||
           !memmem(hiredis->buf + hiredis->pos, LENGTH_LINE_BYTES, "\r\n", 2);
}

bool reader_next(struct reader *reader, struct redis_reply **out, struct error *err) {
    void *reply = NULL;
    int status = redisReaderGetReply(reader->hiredis, &reply);
    if (reader->too_many)
        return error_set(err, ERROR_LIMIT, "a reply holds more than %zu values",
                         READER_ELEMENT_CEILING_COUNT);
    bool waits = status == REDIS_OK && !reply;
    size_t taken_bytes = reader->begun ? reader->taken_bytes : 0;
    if (reader->too_large ||
        (waits && reader_unread_bytes(reader) > reader->ceiling_bytes - taken_bytes))
        return error_set(err, ERROR_LIMIT, "a reply is larger than %zu bytes",
                         reader->ceiling_bytes);
    if (status != REDIS_OK)
        return error_set(err, ERROR_FORMAT, "the answer does not follow the redis protocol");
    if (waits && is_endless_line(reader))
        return error_set(err, ERROR_LIMIT, "a line of a reply is longer than %zu bytes",
                         READER_LINE_CEILING_BYTES);
    if (reply)
        reader->begun = false;
    *out = reply;
    return true;
}
