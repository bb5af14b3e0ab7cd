#include "providers/local/writer.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "providers/local/local.h"
#include "providers/local/resident.h"
#include "providers/redis/redis.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/json/shape.h"

#define CONNECT_MS 500
/* Longer than any hold: a write that waits is what we are here to measure. */
#define ANSWER_MS (10 * 60 * 1000)
#define RETRY_MS 5
#define STATS_EVERY_MS 200
#define LOG_CEILING_BYTES ((size_t)1 << 30)

static const struct shape_field stats_rows[] = {
    FIELD(struct writer_stats, acknowledged_count, SHAPE_INT),
    FIELD(struct writer_stats, longest_wait_ms, SHAPE_INT),
    FIELD(struct writer_stats, refused_ms, SHAPE_INT),
    FIELD(struct writer_stats, error_count, SHAPE_INT),
};
static const struct shape stats_shape = SHAPE("writer statistics", struct writer_stats, stats_rows);

struct writer {
    const char *dir;
    int64_t interval_ns; /* between writes */
    int log_fd;
    struct redis_connection *connection;
    char address[300];
    struct timespec seen; /* of the endpoint file, when the address was read */
    ino_t seen_inode;
    struct writer_stats stats;
    int64_t refused_since_mono_ms; /* 0 while well */
    int64_t stats_due_mono_ms;
};

static volatile sig_atomic_t stopping;

static void on_term(int signal_number) {
    (void)signal_number;
    stopping = 1;
}

char *writer_file(const char *dir, const char *name) {
    return xasprintf("%s/writer/%s", dir, name);
}

bool writer_send_to(const char *dir, const char *address, struct error *err) {
    char host[256];
    uint16_t port = 0;
    AUTO(string_free) char *path = writer_file(dir, "endpoint");
    AUTO(string_free) char *line = xasprintf("%s\n", address);
    if (!redis_address_parse(address, host, &port)) {
        error_set(err, ERROR_USAGE, "'%s' is not HOST:PORT", address);
        return error_hint(err, "write for example 127.0.2.1:6379");
    }
    return file_write(path, line, strlen(line), 0600, err);
}

bool writer_address(const char *dir, char out[300], struct error *err) {
    AUTO(string_free) char *path = writer_file(dir, "endpoint");
    AUTO(text_clear) struct text bytes = { 0 };
    if (!file_read(path, 299, &bytes, err))
        return false;
    snprintf(out, 300, "%.*s", (int)strcspn(text_string(&bytes), "\n"), text_string(&bytes));
    return true;
}

bool writer_stats_read(const char *dir, struct writer_stats *out, struct error *err) {
    AUTO(string_free) char *path = writer_file(dir, "stats.json");
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *json = NULL;
    struct writer_stats stats = { 0 };
    if (!file_read(path, 65536, &bytes, err) ||
        !json_parse(text_string(&bytes), bytes.length, path, &json, err) ||
        !shape_read(&stats_shape, json, &stats, err))
        return false;
    *out = stats;
    return true;
}

static void write_stats(struct writer *writer) {
    AUTO(string_free) char *path = writer_file(writer->dir, "stats.json");
    AUTO(string_free) char *beside = writer_file(writer->dir, "stats.json.new");
    AUTO(json_free) struct json *json = shape_write(&stats_shape, &writer->stats);
    AUTO(string_free) char *bytes = json_write(json, JSON_PRETTY);
    writer->stats_due_mono_ms = clock_mono_ms() + STATS_EVERY_MS;
    /* No fsync, which would stall the writing that is measured. */
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    bool whole = write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes);
    close(fd);
    if (whole)
        rename(beside, path);
}

/* True when the file names another address than the one that is written to. */
static bool was_sent_elsewhere(struct writer *writer) {
    AUTO(string_free) char *path = writer_file(writer->dir, "endpoint");
    AUTO(error_clear) struct error ignored = { 0 };
    struct stat now;
    char address[300];
    if (stat(path, &now) < 0 ||
        (now.st_ino == writer->seen_inode && now.st_mtim.tv_nsec == writer->seen.tv_nsec &&
         now.st_mtim.tv_sec == writer->seen.tv_sec) ||
        !writer_address(writer->dir, address, &ignored))
        return false;
    writer->seen = now.st_mtim;
    writer->seen_inode = now.st_ino;
    if (strcmp(address, writer->address) == 0)
        return false;
    snprintf(writer->address, sizeof writer->address, "%s", address);
    return true;
}

static void drop(struct writer *writer) {
    redis_close(writer->connection);
    writer->connection = NULL;
}

static bool connect_writer(struct writer *writer) {
    AUTO(error_clear) struct error ignored = { 0 };
    char host[256];
    struct redis_options options = { .host = host, .timeout_ms = CONNECT_MS };
    return redis_address_parse(writer->address, host, &options.port) &&
           redis_open(&options, &writer->connection, &ignored);
}

/* Writes of other types and expiries at the same rate; their answers do not matter. */
static size_t queue_noise(struct redis_connection *connection, int64_t value) {
    char number[24], key[64], time[24];
    snprintf(number, sizeof number, "%lld", (long long)value);
    snprintf(time, sizeof time, "%d", 5 + (int)(value % 60));
    snprintf(key, sizeof key, "ecmig:writer:%d", 1 + (int)(value % 200));
    switch (value % 6) {
    case 0:
        redis_queue_words(connection, "SET", key, number, "EX", time, NULL);
        return 1;
    case 1:
        redis_queue_words(connection, "HINCRBY", "ecmig:writer:hash", key, "1", NULL);
        return 1;
    case 2:
        redis_queue_words(connection, "ZINCRBY", "ecmig:writer:scores", "0.25", key, NULL);
        return 1;
    case 3:
        redis_queue_words(connection, "SADD", "ecmig:writer:members", number, NULL);
        redis_queue_words(connection, "SPOP", "ecmig:writer:members", NULL);
        return 2;
    case 4:
        redis_queue_words(connection, "XADD", "ecmig:writer:stream", "MAXLEN", "100", "*", "n",
                          number, NULL);
        return 1;
    default:
        redis_queue_words(connection, "DEL", key, NULL);
        return 1;
    }
}

static bool append(struct writer *writer, int64_t value) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)value);
    redis_queue_words(writer->connection, "RPUSH", LOCAL_WRITER_KEY, number, NULL);
    size_t more = queue_noise(writer->connection, value);
    redis_exchange(&writer->connection, 1, clock_mono_ms() + ANSWER_MS);
    bool written = redis_take(writer->connection, &reply, &ignored) && reply->type == REDIS_INTEGER;
    for (; more; more--) {
        AUTO(redis_reply_free) struct redis_reply *skipped = NULL;
        if (!redis_take(writer->connection, &skipped, &ignored))
            return written; /* the next exchange fails, and reconnects */
    }
    return written;
}

static void note(struct writer *writer, bool written, int64_t began_mono_ms) {
    int64_t now = clock_mono_ms();
    if (!written) {
        writer->stats.error_count++;
        if (!writer->refused_since_mono_ms)
            writer->refused_since_mono_ms = began_mono_ms;
        return;
    }
    writer->stats.acknowledged_count++;
    if (writer->refused_since_mono_ms)
        writer->stats.refused_ms += now - writer->refused_since_mono_ms;
    else if (now - began_mono_ms > writer->stats.longest_wait_ms)
        writer->stats.longest_wait_ms = now - began_mono_ms;
    writer->refused_since_mono_ms = 0;
}

static void log_value(struct writer *writer, int64_t value) {
    char line[32];
    int length = snprintf(line, sizeof line, "%lld\n", (long long)value);
    if (write(writer->log_fd, line, (size_t)length) != length)
        stopping = 1; /* a value that cannot be logged must not be followed by others */
}

/* One attempt at a value; false when it has to be tried again. */
static bool attempt(struct writer *writer, int64_t value) {
    int64_t began = clock_mono_ms();
    if (was_sent_elsewhere(writer))
        drop(writer);
    bool written = (writer->connection || connect_writer(writer)) && append(writer, value);
    note(writer, written, began);
    if (written)
        log_value(writer, value);
    else
        drop(writer);
    if (clock_mono_ms() >= writer->stats_due_mono_ms)
        write_stats(writer);
    return written;
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void write_on(struct writer *writer, int64_t value) {
    int64_t due_ns = nanoseconds();
    while (!stopping) {
        while (!attempt(writer, value) && !stopping)
            clock_sleep_ms(RETRY_MS);
        value++;
        due_ns += writer->interval_ns;
        int64_t left_ns = due_ns - nanoseconds();
        if (left_ns < 0)
            due_ns -= left_ns; /* what was missed is not made up for in a burst */
        struct timespec pause = { left_ns > 0 ? left_ns / 1000000000 : 0,
                                  left_ns > 0 ? left_ns % 1000000000 : 0 };
        if (left_ns > 0)
            nanosleep(&pause, NULL);
    }
}

static int64_t last_logged(const char *path) {
    AUTO(text_clear) struct text bytes = { .ceiling = LOG_CEILING_BYTES };
    AUTO(error_clear) struct error ignored = { 0 };
    if (!file_read(path, LOG_CEILING_BYTES, &bytes, &ignored) || bytes.length < 2)
        return 0;
    size_t at = bytes.length - 1;
    while (at && bytes.bytes[at - 1] != '\n')
        at--;
    return strtoll(bytes.bytes + at, NULL, 10);
}

struct writer_task {
    const char *dir;
    int64_t writes_per_second;
};

static int run_writer(const void *argument) {
    const struct writer_task *task = argument;
    struct writer writer = { .dir = task->dir };
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(string_free) char *path = writer_file(task->dir, "acknowledged.log");
    struct sigaction action = { .sa_handler = on_term };
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    writer.interval_ns = 1000000000 / task->writes_per_second;
    writer.log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (writer.log_fd < 0)
        return 1;
    (void)!writer_stats_read(task->dir, &writer.stats, &ignored);
    write_on(&writer, last_logged(path) + 1);
    write_stats(&writer);
    drop(&writer);
    close(writer.log_fd);
    return 0;
}

bool writer_start(const char *dir, int64_t writes_per_second, struct error *err) {
    AUTO(string_free) char *folder = path_join(dir, "writer");
    AUTO(string_free) char *pid_path = writer_file(dir, "pid");
    AUTO(string_free) char *log_path = writer_file(dir, "log");
    struct writer_task task = { dir, writes_per_second };
    struct resident_options options = {
        .pid_file = pid_path,
        .log_file = log_path,
        .run = run_writer,
        .argument = &task,
        .keep_fd = -1,
        .ready_fd = -1,
    };
    if (resident_find(pid_path))
        return true;
    return folder_make(folder, 0700, err) && resident_start(&options, err);
}

bool writer_runs(const char *dir) {
    AUTO(string_free) char *pid_path = writer_file(dir, "pid");
    return resident_find(pid_path) != 0;
}

bool writer_stop(const char *dir) {
    AUTO(string_free) char *pid_path = writer_file(dir, "pid");
    return resident_end(pid_path, 5000);
}
