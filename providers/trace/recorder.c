#include "providers/trace/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "providers/elasticache/elasticache.h"
#include "providers/redis/redis.h"
#include "providers/trace/lines.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/secret.h"
#include "schemas/trace/command.h"
#include "schemas/trace/trace.h"

/* What is kept for the line that says why a trace ends early. */
#define END_BYTES 200
/* Lines about one command whose replies are not written: a comparison asks millions of them. */
#define HIDDEN_CEILING_COUNT 200

struct recorder {
    pthread_mutex_t guard;
    pid_t pid;
    int fd;
    char *path;
    size_t written_bytes, ceiling_bytes;
    int64_t began_mono_ms;
    bool is_full;
    int write_errno; /* of the first write that failed */
    struct aliases *aliases;
    size_t hidden_count;
};

static struct recorder recorder = { .guard = PTHREAD_MUTEX_INITIALIZER, .fd = -1 };

bool trace_is_on(void) {
    return recorder.fd >= 0 && recorder.pid == getpid();
}

static bool may_write(void) {
    return trace_is_on() && !recorder.is_full && recorder.write_errno == 0;
}

/* In one write(2), so that another process that continues the file cannot get in between. */
static void write_line(const char *line, size_t length) {
    ssize_t written = write(recorder.fd, line, length);
    if (written != (ssize_t)length)
        recorder.write_errno = written < 0 ? errno : ENOSPC;
    else
        recorder.written_bytes += length;
}

static void write_value(const struct json *value, bool is_last) {
    AUTO(string_free) char *bytes = json_write(value, JSON_CANONICAL);
    AUTO(text_clear) struct text line = { 0 };
    text_add(&line, bytes);
    text_add_char(&line, '\n');
    if (line.length > TRACE_LINE_CEILING_BYTES)
        return;
    size_t spare_bytes = is_last ? 0 : END_BYTES;
    if (recorder.written_bytes + line.length + spare_bytes > recorder.ceiling_bytes)
        recorder.is_full = true;
    else
        write_line(line.bytes, line.length);
}

static struct json *end_line(const char *reason) {
    struct json *end = line_new(TRACE_END, clock_mono_ms() - recorder.began_mono_ms, 0);
    json_put_string(end, "reason", reason);
    return end;
}

/* Takes the line over; the recorder is locked. */
static void record(struct json *taken) {
    AUTO(json_free) struct json *line = taken;
    if (may_write())
        write_value(line, false);
    if (!recorder.is_full || recorder.ceiling_bytes == 0)
        return;
    AUTO(json_free) struct json *end = end_line("ceiling");
    if (recorder.write_errno == 0)
        write_value(end, true);
    recorder.ceiling_bytes = 0; /* this was the last line */
}

/* What is seen, without the values of the secrets of this process. */
static void masked(const char *bytes, size_t length, struct text *out) {
    text_add_bytes(out, bytes, length);
    text_add_char(out, '\0');
    out->length--;
    out->length = secrets_mask(out->bytes, out->length);
}

static void see_exchange(void *context, const struct service_exchange *exchange) {
    (void)context;
    if (!may_write())
        return;
    AUTO(text_clear) struct text body = { 0 }, answer = { 0 };
    masked(exchange->body, exchange->body_length, &body);
    masked(exchange->answer, exchange->answer_length, &answer);
    struct service_exchange safe = *exchange;
    safe.body = text_string(&body);
    safe.body_length = body.length;
    safe.answer = text_string(&answer);
    safe.answer_length = answer.length;
    (void)pthread_mutex_lock(&recorder.guard);
    record(line_of_exchange(recorder.aliases, &safe, recorder.began_mono_ms));
    (void)pthread_mutex_unlock(&recorder.guard);
}

static char *see_command(void *context, size_t count, const char *const *words,
                         const size_t *lengths) {
    (void)context;
    AUTO(text_clear) struct text command = { 0 };
    if (!may_write())
        return NULL;
    (void)pthread_mutex_lock(&recorder.guard);
    trace_add_command(recorder.aliases, count, words, lengths, &command);
    (void)pthread_mutex_unlock(&recorder.guard);
    return text_take(&command);
}

static void see_reply(void *context, const struct redis_seen *seen) {
    (void)context;
    if (!may_write())
        return;
    (void)pthread_mutex_lock(&recorder.guard);
    bool hidden = trace_reply_form(seen->command) == REPLY_HIDDEN;
    if (!hidden || ++recorder.hidden_count <= HIDDEN_CEILING_COUNT)
        record(line_of_reply(recorder.aliases, seen, recorder.began_mono_ms));
    (void)pthread_mutex_unlock(&recorder.guard);
}

void trace_event(const struct json *event) {
    if (!may_write())
        return;
    (void)pthread_mutex_lock(&recorder.guard);
    record(line_of_event(recorder.aliases, event, clock_mono_ms() - recorder.began_mono_ms));
    (void)pthread_mutex_unlock(&recorder.guard);
}

void trace_learn(enum alias_kind kind, const char *original) {
    if (!trace_is_on())
        return;
    (void)pthread_mutex_lock(&recorder.guard);
    aliases_learn(recorder.aliases, kind, original);
    (void)pthread_mutex_unlock(&recorder.guard);
}

static bool begins_as_trace(const char *path) {
    char start[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t length = fd >= 0 ? read(fd, start, sizeof start - 1) : -1;
    if (fd >= 0)
        (void)close(fd);
    if (length <= 0)
        return false;
    start[length] = '\0';
    AUTO(json_free) struct json *header = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    return json_parse(start, strcspn(start, "\n"), "the first line", &header, &ignored) &&
           string_same(json_find_string(header, "format"), TRACE_FORMAT);
}

static bool check_present(const char *path, struct error *err) {
    struct stat status;
    if (lstat(path, &status) != 0)
        return true;
    if (!S_ISREG(status.st_mode) || !begins_as_trace(path)) {
        error_set(err, ERROR_CONFLICT, "'%s' exists and is not a trace", path);
        return error_hint(err, "give --trace the name of a new file");
    }
    if (status.st_uid == geteuid() && (status.st_mode & 077) == 0)
        return true;
    error_set(err, ERROR_CONFLICT, "others may read the trace '%s'", path);
    return error_hint(err, "chmod 600 '%s', or give --trace the name of a new file", path);
}

static struct json *header_line(const char *command) {
    struct utsname system;
    struct json *header = line_new(TRACE_HEADER, 0, 0), *platform = json_new_object();
    json_put_string(header, "format", TRACE_FORMAT);
    json_put_string(header, "version", TRACE_VERSION);
    json_put_string(header, "tool_version", ECMIG_VERSION);
    json_put_string(header, "command", command);
    if (uname(&system) == 0) {
        json_put_string(platform, "name", system.sysname);
        json_put_string(platform, "machine", system.machine);
    }
    json_put(header, "system", platform);
    return header;
}

bool trace_begin(const struct trace_options *options, struct error *err) {
    static const struct redis_watch redis = { see_command, see_reply, NULL };
    struct stat status;
    int fd = -1;
    if (!check_present(options->path, err) || !file_append(options->path, 0600, &fd, err))
        return false;
    recorder.written_bytes = fstat(fd, &status) == 0 ? (size_t)status.st_size : 0;
    recorder.ceiling_bytes = options->ceiling_bytes ? options->ceiling_bytes : TRACE_CEILING_BYTES;
    recorder.path = xstrdup(options->path);
    recorder.aliases = aliases_new();
    recorder.pid = getpid();
    recorder.fd = fd;
    recorder.began_mono_ms = clock_mono_ms();
    recorder.is_full = false;
    recorder.write_errno = 0;
    recorder.hidden_count = 0;
    (void)pthread_mutex_lock(&recorder.guard);
    record(header_line(options->command));
    (void)pthread_mutex_unlock(&recorder.guard);
    elasticache_watch(see_exchange, NULL);
    redis_watch(&redis);
    return true;
}

static bool is_complete(struct error *err) {
    if (recorder.write_errno)
        return error_set(err, ERROR_IO, "the trace '%s' is incomplete: %s", recorder.path,
                         strerror(recorder.write_errno));
    if (recorder.is_full) {
        error_set(err, ERROR_LIMIT, "the trace '%s' is incomplete: it reached its largest size",
                  recorder.path);
        return error_hint(err, "give --trace the name of a new file the next time");
    }
    return true;
}

bool trace_finish(int exit_code, struct error *err) {
    if (!trace_is_on())
        return true;
    elasticache_watch(NULL, NULL);
    redis_watch(NULL);
    (void)pthread_mutex_lock(&recorder.guard);
    struct json *end = end_line("exit");
    json_put_int(end, "exit_code", exit_code);
    record(end);
    bool complete = is_complete(err);
    (void)close(recorder.fd);
    recorder.fd = -1;
    aliases_free(recorder.aliases);
    recorder.aliases = NULL;
    free(recorder.path);
    recorder.path = NULL;
    (void)pthread_mutex_unlock(&recorder.guard);
    return complete;
}
