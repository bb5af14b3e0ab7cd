#include "providers/local/writer/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "providers/local/writer/client.h"
#include "providers/local/writer/files.h"
#include "providers/process/resident.h"
#include "providers/redis/redis.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

/* Longer than any hold: a write that waits is what we are here to measure. */
#define ANSWER_MS (10 * 60 * 1000)
#define RETRY_MS 5
#define REDIRECT_CEILING 5
#define STATS_EVERY_MS 200
#define STOP_POLL_MS 20
#define LINE_BYTES 32

struct writer {
    const char *dir;
    const struct writer_part *part;
    int64_t interval_ns; /* between writes */
    int log_fd;
    struct writer_client client;
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

static void write_stats(struct writer *writer) {
    AUTO(string_free) char *path = writer_part_stats(writer->dir, writer->part);
    AUTO(string_free) char *beside = xasprintf("%s.new", path);
    AUTO(string_free) char *bytes = writer_stats_text(&writer->stats);
    struct stat log;
    writer->stats_due_mono_ms = clock_mono_ms() + STATS_EVERY_MS;
    if (fstat(writer->log_fd, &log) == 0 && log.st_nlink == 0) {
        stopping = 1; /* the folder was removed: nobody could end us */
        return;
    }
    /* No fsync, which would stall the writing that is measured. */
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    bool whole = write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes);
    close(fd);
    if (whole)
        rename(beside, path);
}

/* Goes there when the file names another address than the one that is written to. */
static void look_where_to(struct writer *writer) {
    AUTO(string_free) char *path = writer_file(writer->dir, "endpoint");
    AUTO(error_clear) struct error ignored = { 0 };
    struct stat now;
    char address[WRITER_ADDRESS_BYTES];
    if (stat(path, &now) < 0 ||
        (now.st_ino == writer->seen_inode && now.st_mtim.tv_nsec == writer->seen.tv_nsec &&
         now.st_mtim.tv_sec == writer->seen.tv_sec) ||
        !writer_address(writer->dir, address, &ignored))
        return;
    writer->seen = now.st_mtim;
    writer->seen_inode = now.st_ino;
    if (strcmp(address, writer->client.address) != 0)
        writer_client_send_to(&writer->client, address);
}

/* Writes of other types and expiries at the same rate; their answers do not matter. */
static size_t queue_noise(struct redis_connection *connection, const char *prefix, int64_t value) {
    char number[24], key[96], thing[96], time[24];
    snprintf(number, sizeof number, "%lld", (long long)value);
    snprintf(time, sizeof time, "%d", 5 + (int)(value % 60));
    snprintf(key, sizeof key, "%s:%d", prefix, 1 + (int)(value % 200));
    static const char *const things[] = { "", "hash", "scores", "members", "stream", "" };
    snprintf(thing, sizeof thing, "%s:%s", prefix, things[value % 6]);
    switch (value % 6) {
    case 0:
        redis_queue_words(connection, "SET", key, number, "EX", time, NULL);
        return 1;
    case 1:
        redis_queue_words(connection, "HINCRBY", thing, key, "1", NULL);
        return 1;
    case 2:
        redis_queue_words(connection, "ZINCRBY", thing, "0.25", key, NULL);
        return 1;
    case 3:
        redis_queue_words(connection, "SADD", thing, number, NULL);
        redis_queue_words(connection, "SPOP", thing, NULL);
        return 2;
    case 4:
        redis_queue_words(connection, "XADD", thing, "MAXLEN", "100", "*", "n", number, NULL);
        return 1;
    default:
        redis_queue_words(connection, "DEL", key, NULL);
        return 1;
    }
}

/* Appends, and gives the answer; false without one. */
static bool send_value(const struct writer *writer, struct redis_connection *connection,
                       int64_t value, bool asking, struct redis_reply **out) {
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(string_free) char *key = writer_part_key(writer->part);
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)value);
    if (asking)
        redis_queue_words(connection, "ASKING", NULL);
    redis_queue_words(connection, "RPUSH", key, number, NULL);
    size_t more = asking ? 0 : queue_noise(connection, writer->part->prefix, value);
    redis_exchange(&connection, 1, clock_mono_ms() + ANSWER_MS);
    bool answered = true;
    if (asking) {
        AUTO(redis_reply_free) struct redis_reply *skipped = NULL;
        answered = redis_take(connection, &skipped, &ignored);
    }
    answered = answered && redis_take(connection, out, &ignored);
    for (; more; more--) {
        AUTO(redis_reply_free) struct redis_reply *skipped = NULL;
        if (!redis_take(connection, &skipped, &ignored))
            return answered; /* the next exchange fails, and reconnects */
    }
    return answered;
}

static bool send_once(const struct writer *writer, const char *server, int64_t value) {
    struct writer_client other = { .dir = writer->dir };
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    writer_client_send_to(&other, server);
    bool written = writer_client_open(&other, &ignored) &&
                   send_value(writer, other.connection, value, true, &reply) &&
                   reply->type == REDIS_INTEGER;
    writer_client_clear(&other);
    return written;
}

static bool append(struct writer *writer, int64_t value) {
    struct writer_client *client = &writer->client;
    AUTO(error_clear) struct error ignored = { 0 };
    for (int redirects = 0; redirects <= REDIRECT_CEILING; redirects++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        char server[WRITER_ADDRESS_BYTES];
        bool once = false;
        if (!writer_client_open(client, &ignored) ||
            !send_value(writer, client->connection, value, false, &reply))
            break;
        if (reply->type == REDIS_INTEGER)
            return true;
        if (!writer_client_redirect(client, reply, server, &once)) {
            writer_client_drop(client, strncmp(reply->type == REDIS_FAULT ? reply->bytes : "",
                                               "NOREPLICAS", 10) == 0);
            return false;
        }
        if (once)
            return send_once(writer, server, value);
        writer_client_drop(client, false);
        snprintf(client->server, sizeof client->server, "%s", server);
    }
    writer_client_drop(client, false);
    return false;
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
    char line[LINE_BYTES];
    int length = snprintf(line, sizeof line, "%lld\n", (long long)value);
    if (write(writer->log_fd, line, (size_t)length) != length)
        stopping = 1; /* a value that cannot be logged must not be followed by others */
}

/* One attempt at a value; false when it has to be tried again. */
static bool attempt(struct writer *writer, int64_t value) {
    int64_t began = clock_mono_ms();
    look_where_to(writer);
    bool written = append(writer, value);
    note(writer, written, began);
    if (written)
        log_value(writer, value);
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

/* The value of the last whole line; what a full disk left of another is cut off. */
static int64_t last_logged(int fd) {
    char tail[2 * LINE_BYTES + 1] = "";
    struct stat status;
    if (fstat(fd, &status) < 0)
        return 0;
    off_t from = status.st_size > 2 * LINE_BYTES ? status.st_size - 2 * LINE_BYTES : 0;
    ssize_t length = pread(fd, tail, 2 * LINE_BYTES, from);
    ssize_t end = length < 0 ? 0 : length;
    while (end && tail[end - 1] != '\n')
        end--;
    (void)!ftruncate(fd, from + end);
    ssize_t at = end ? end - 1 : 0;
    while (at && tail[at - 1] != '\n')
        at--;
    return strtoll(tail + at, NULL, 10);
}

struct writer_task {
    const char *dir;
    int64_t writes_per_second;
    struct writer_parts parts;
};

static int run_part(const struct writer_task *task, const struct writer_part *part) {
    struct writer writer = { .dir = task->dir,
                             .part = part,
                             .client = { .dir = task->dir, .cluster = part->cluster } };
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(string_free) char *path = writer_part_log(task->dir, part);
    writer.interval_ns = 1000000000 / task->writes_per_second;
    writer.log_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (writer.log_fd < 0)
        return 1;
    (void)!writer_stats_read(task->dir, part, &writer.stats, &ignored);
    write_on(&writer, last_logged(writer.log_fd) + 1);
    write_stats(&writer);
    writer_client_clear(&writer.client);
    close(writer.log_fd);
    return 0;
}

/* Forgets those that ended, lest a later process of that pid be taken for them; false when none is
 * left. */
static bool reap(pid_t *pids, size_t count) {
    pid_t ended;
    while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
        for (size_t i = 0; i < count; i++)
            if (pids[i] == ended)
                pids[i] = 0;
    return ended == 0;
}

/* A process for each shard, so that none waits for another's; they end with this one. */
static int run_parts(const struct writer_task *task) {
    pid_t *pids = xcalloc(task->parts.count, sizeof *pids), own = getpid();
    for (size_t i = 0; i < task->parts.count; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(getppid() == own ? run_part(task, &task->parts.items[i]) : 1);
    }
    while (!stopping && reap(pids, task->parts.count))
        clock_sleep_ms(STOP_POLL_MS);
    for (size_t i = 0; i < task->parts.count; i++)
        if (pids[i] > 0)
            kill(pids[i], SIGTERM);
    while (wait(NULL) > 0 || errno == EINTR) {
    }
    free(pids);
    return 0;
}

static int run_writer(const void *argument) {
    const struct writer_task *task = argument;
    struct sigaction action = { .sa_handler = on_term };
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    return task->parts.count == 1 ? run_part(task, &task->parts.items[0]) : run_parts(task);
}

bool writer_start(const char *dir, const struct shards *shards, int64_t writes_per_second,
                  int claim_fd, struct error *err) {
    AUTO(string_free) char *folder = path_join(dir, "writer");
    AUTO(string_free) char *pid_path = writer_file(dir, "pid");
    AUTO(string_free) char *log_path = writer_file(dir, "log");
    AUTO(writer_parts_clear) struct writer_parts parts = { 0 };
    writer_parts_of(shards, &parts);
    struct writer_task task = { dir, writes_per_second, parts };
    struct resident_options options = {
        .pid_file = pid_path,
        .log_file = log_path,
        .run = run_writer,
        .argument = &task,
        .keep_fd = claim_fd,
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
