#include "providers/process/process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "providers/process/child.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/secret.h"

#define OUTPUT_CEILING_BYTES ((size_t)64 << 10) /* where the caller names none */
#define KILLED_WITHIN_MS 5000                   /* how long a killed process may take to go */
#define SLICE_MS 20                             /* between looks, on kernels without pidfd_open */
#define ABANDON_LOOK_MS 200
#define LAST_WORDS_BYTES ((size_t)200)

static void add_output(struct child *child, const char *bytes, size_t length, size_t ceiling) {
    size_t room = ceiling - child->output.length;
    text_add_bytes(&child->output, bytes, length < room ? length : room);
    child->dropped_bytes += length < room ? 0 : length - room;
}

/* False once there is nothing more to come. */
static bool read_output(struct child *child, size_t ceiling) {
    char chunk[8192];
    for (;;) {
        ssize_t got = read(child->output_fd, chunk, sizeof chunk);
        if (got > 0)
            add_output(child, chunk, (size_t)got, ceiling);
        secret_wipe(chunk, got > 0 ? (size_t)got : 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (got < 0 && errno == EAGAIN)
            return true;
    }
}

static bool reap(struct child *child) {
    int status;
    pid_t done = waitpid(child->pid, &status, WNOHANG);
    if (done == 0 || (done < 0 && errno == EINTR))
        return false;
    child->running = false;
    child->status = done < 0              ? 255
                    : WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                          : WEXITSTATUS(status);
    return true;
}

/* Until the process itself has ended: what it left running in the background may keep the pipe open
 * forever, and may have been its purpose. */
static bool wait_end(struct child *child, size_t ceiling, const struct process_options *options,
                     struct error *err) {
    bool open = true;
    while (!reap(child)) {
        int left_ms = clock_left_ms(options->deadline_mono_ms);
        if (left_ms == 0)
            return error_set(err, ERROR_DEADLINE, "'%s' was ended: it did not finish in time",
                             options->command->items[0]);
        if (options->abandon && options->abandon(options->abandon_context))
            return error_set(err, ERROR_ABORTED, "'%s' was ended: interrupted a second time",
                             options->command->items[0]);
        if (options->abandon && left_ms > ABANDON_LOOK_MS)
            left_ms = ABANDON_LOOK_MS;
        if (child->pid_fd < 0 && left_ms > SLICE_MS)
            left_ms = SLICE_MS;
        struct pollfd items[] = { { .fd = open ? child->output_fd : -1, .events = POLLIN },
                                  { .fd = child->pid_fd, .events = POLLIN } };
        if (poll(items, 2, left_ms) > 0 && items[0].revents)
            open = read_output(child, ceiling);
    }
    if (open)
        (void)read_output(child, ceiling);
    return true;
}

static void child_kill(struct child *child) {
    if (!child->running)
        return;
    int64_t deadline_mono_ms = clock_mono_ms() + KILLED_WITHIN_MS;
    (void)kill(child->pid, SIGTERM);
    while (!reap(child) && clock_mono_ms() < deadline_mono_ms)
        clock_sleep_ms(1);
    if (!child->running)
        return;
    (void)kill(child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    child->running = false;
}

void child_clear(struct child *child) {
    if (!child)
        return;
    child_kill(child);
    if (child->output_fd > 0)
        (void)close(child->output_fd);
    if (child->pid_fd > 0)
        (void)close(child->pid_fd);
    text_clear(&child->output);
    *child = (struct child){ 0 };
}

bool child_run(const struct process_options *options, bool with_errors, struct child *child,
               struct error *err) {
    size_t ceiling =
        options->output_ceiling_bytes ? options->output_ceiling_bytes : OUTPUT_CEILING_BYTES;
    text_init(&child->output, ceiling + 128); /* the note about what was dropped */
    if (!child_start(options, with_errors, child, err))
        return false;
    if (wait_end(child, ceiling, options, err))
        return true;
    child_kill(child);
    (void)read_output(child, ceiling);
    return false;
}

static void add_last_words(const struct text *output, struct error *err) {
    size_t end = output->length;
    while (end > 0 && isspace((unsigned char)output->bytes[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && output->bytes[start - 1] != '\n' && end - start < LAST_WORDS_BYTES)
        start--;
    if (start == end)
        return;
    AUTO(text_clear) struct text words = { 0 };
    for (size_t i = start; i < end; i++)
        text_add_char(&words, isprint((unsigned char)output->bytes[i]) ? output->bytes[i] : '?');
    AUTO(string_free) char *message = xstrdup(err->message);
    error_set(err, err->code, "%s; its last output: %s", message, text_string(&words));
}

bool process_run(const struct process_options *options, struct process_result *out,
                 struct error *err) {
    AUTO(child_clear) struct child child = { 0 };
    if (!child_run(options, true, &child, err)) {
        if (err->code == ERROR_DEADLINE) {
            add_last_words(&child.output, err);
            error_hint(err, "run it by hand to see what it waits for, or raise its timeout");
        }
        return false;
    }
    if (child.dropped_bytes)
        text_addf(&child.output, "\n[%zu bytes more were dropped]\n", child.dropped_bytes);
    process_result_clear(out);
    out->status = child.status;
    out->output = MOVE(child.output);
    return true;
}

void process_result_clear(struct process_result *result) {
    if (!result)
        return;
    text_clear(&result->output);
    *result = (struct process_result){ 0 };
}
