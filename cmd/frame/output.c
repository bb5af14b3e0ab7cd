#include "cmd/frame/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/frame/options.h"
#include "executor/stop.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/base/utf8.h"

#define HEARTBEAT_MS 30000
#define REDRAW_MS 100
#define LOOK_MS 200 /* for the wish to stop, while an answer is waited for */

const char *const output_format_names[] = {
#define FORMAT(symbol, id) #id,
#include "schemas/base/formats.def"
#undef FORMAT
    NULL
};

struct output {
    enum output_format format;
    bool result_color, talk_color, redraws, may_ask;
    bool quiet, verbose;
    bool only_reports;
    int write_errno;       /* of the first write to stdout that failed */
    char *line;            /* the progress line on the terminal, or NULL */
    int64_t shown_mono_ms; /* when progress was last shown */
};

/* A descriptor 0 to 2 that was closed would be taken by the first file we open. Opened the wrong
 * way round, it fails as a closed one does. */
static void fill_standard_descriptors(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
}

struct output *output_new(void) {
    fill_standard_descriptors();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file over its limit is an error like a full disk */
    struct output *output = xcalloc(1, sizeof *output);
    return output;
}

void output_configure(struct output *output, const struct options *options) {
    enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
    size_t choice = options_choice(options, "color");
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool wanted = !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0);
    bool plain = choice == COLOR_NEVER || (choice == COLOR_AUTO && !wanted);
    output->format = (enum output_format)options_choice(options, OPTION_FORMAT);
    output->quiet = options_flag(options, "quiet");
    output->verbose = options_flag(options, "verbose");
    output->result_color = !plain && (choice == COLOR_ALWAYS || isatty(STDOUT_FILENO));
    output->talk_color = !plain && (choice == COLOR_ALWAYS || isatty(STDERR_FILENO));
    output->redraws = isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
    output->may_ask =
        !options_flag(options, "no-input") && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

void output_free(struct output *output) {
    if (!output)
        return;
    output_progress_end(output);
    free(output->line);
    free(output);
}

enum output_format output_format(const struct output *output) {
    return output->format;
}

bool output_is_colored(const struct output *output) {
    return output->result_color;
}

bool output_may_ask(const struct output *output) {
    return output->may_ask;
}

static bool wait_for_answer(struct stop *stop) {
    struct pollfd wait = { .fd = STDIN_FILENO, .events = POLLIN };
    while (!stop_wanted(stop)) {
        int ready = poll(&wait, 1, LOOK_MS);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
    return false;
}

bool output_ask(struct output *output, const char *question, struct stop *stop) {
    static const char yes[] = "yes\n";
    char answer[16];
    if (!output->may_ask)
        return false;
    output_warn(output, "%s Only 'yes' is accepted.", question);
    if (!wait_for_answer(stop))
        return false;
    ssize_t length = read(STDIN_FILENO, answer, sizeof answer);
    return length == (ssize_t)strlen(yes) && memcmp(answer, yes, strlen(yes)) == 0;
}

static void write_all(int descriptor, const char *bytes, size_t length, int *failed_errno) {
    while (length > 0 && *failed_errno == 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno != EINTR)
            *failed_errno = errno;
        if (written <= 0)
            continue;
        bytes += written;
        length -= (size_t)written;
    }
}

static void write_result(struct output *output, const char *bytes, size_t length) {
    output_progress_end(output);
    write_all(STDOUT_FILENO, bytes, length, &output->write_errno);
}

void output_text(struct output *output, const char *text) {
    AUTO(string_free) char *safe = shown_page(text);
    output_rendered(output, safe ? safe : "");
}

void output_rendered(struct output *output, const char *page) {
    write_result(output, page, strlen(page));
}

void output_textf(struct output *output, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    AUTO(text_clear) struct text text = TEXT_PAGE;
    text_vaddf(&text, format, arguments);
    va_end(arguments);
    output_text(output, text_string(&text));
}

void output_line(struct output *output, const char *line) {
    AUTO(string_free) char *text = xasprintf("%s\n", line);
    output_rendered(output, text);
}

void output_json(struct output *output, const struct json *value) {
    AUTO(string_free) char *text = json_write(value, JSON_PRETTY);
    output_line(output, text);
}

void output_only_reports(struct output *output) {
    output->only_reports = true;
}

bool output_finish(struct output *output, struct error *err) {
    output_progress_end(output);
    if (output->write_errno == 0)
        return true;
    if (output->only_reports) {
        output_warn(output, "the report could not be written: %s", strerror(output->write_errno));
        return true;
    }
    error_set(err, ERROR_IO, "the result could not be written: %s", strerror(output->write_errno));
    return error_hint(err, "the program that reads standard output must read all of it");
}

static void write_talk(struct output *output, const char *color, const char *message) {
    int ignored = 0; /* there is nowhere left to say that stderr is gone */
    AUTO(string_free) char *safe = shown_page(message);
    const char *reset = output->talk_color && color ? "\033[0m" : "";
    AUTO(string_free)
    char *line =
        xasprintf("%s%s%s\n", output->talk_color && color ? color : "", safe ? safe : "", reset);
    output_progress_end(output);
    write_all(STDERR_FILENO, line, strlen(line), &ignored);
}

#define WRITE_TALK(output, color, format)                                                          \
    do {                                                                                           \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        AUTO(text_clear) struct text message = TEXT_PAGE;                                          \
        text_vaddf(&message, format, arguments);                                                   \
        va_end(arguments);                                                                         \
        write_talk(output, color, text_string(&message));                                          \
    } while (0)

void output_say(struct output *output, const char *format, ...) {
    if (!output->quiet)
        WRITE_TALK(output, NULL, format);
}

void output_detail(struct output *output, const char *format, ...) {
    if (output->verbose)
        WRITE_TALK(output, "\033[2m", format);
}

void output_warn(struct output *output, const char *format, ...) {
    WRITE_TALK(output, "\033[33m", format);
}

void output_block(struct output *output, const char *lines) {
    int ignored = 0;
    output_progress_end(output);
    write_all(STDERR_FILENO, lines, strlen(lines), &ignored);
}

static void write_error_json(struct output *output, const struct error *err,
                             enum exit_class class) {
    AUTO(json_free) struct json *document = json_new_object();
    struct json *body = json_new_object();
    json_put_string(body, "class", exit_class_name(class));
    json_put_string(body, "code", error_name(err->code));
    json_put_int(body, "exit_code", exit_class_status(class));
    json_put_string(body, "hint", err->hint);
    json_put_string(body, "message", err->message);
    json_put_string(body, "remote_code", err->remote_code);
    json_put(document, "error", body);
    AUTO(string_free) char *line = json_write(document, JSON_CANONICAL);
    AUTO(string_free) char *with_newline = xasprintf("%s\n", line);
    output_block(output, with_newline);
}

void output_error(struct output *output, const struct error *err, enum exit_class class) {
    if (output->format == FORMAT_JSON) {
        write_error_json(output, err, class);
        return;
    }
    AUTO(text_clear) struct text text = TEXT_PAGE;
    text_addf(&text, "ecmig: %s", err->message ? err->message : error_name(err->code));
    write_talk(output, "\033[31m", text_string(&text));
    if (!err->hint)
        return;
    text_reset(&text);
    text_add(&text, "  ");
    for (const char *at = err->hint; *at; at++) {
        text_add_char(&text, *at);
        if (*at == '\n')
            text_add(&text, "  ");
    }
    write_talk(output, NULL, text_string(&text));
}

/* Cut at the terminal's width: a line that wraps cannot be redrawn. Columns are counted as code
 * points. */
static size_t fitting(const char *line) {
    struct winsize size = { 0 };
    size_t columns = 79, at = 0;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        columns = (size_t)size.ws_col - 1;
    for (size_t column = 0; line[at] && line[at] != '\n'; at++) {
        column += ((unsigned char)line[at] & 0xc0) != 0x80;
        if (column > columns)
            break;
    }
    return at;
}

static void redraw(struct output *output, const char *line) {
    int ignored = 0;
    AUTO(string_free) char *safe = shown_page(line);
    const char *shown = safe ? safe : "";
    AUTO(string_free) char *bytes = xasprintf("\r\033[K%.*s", (int)fitting(shown), shown);
    write_all(STDERR_FILENO, bytes, strlen(bytes), &ignored);
    string_replace(&output->line, shown);
}

void output_progress(struct output *output, enum progress progress, const char *format, ...) {
    int64_t now_mono_ms = clock_mono_ms();
    int64_t pause_ms = output->redraws ? REDRAW_MS : HEARTBEAT_MS;
    bool due = progress == PROGRESS_STATE || output->shown_mono_ms == 0 ||
               now_mono_ms - output->shown_mono_ms >= pause_ms;
    if (output->quiet || !due)
        return;
    va_list arguments;
    va_start(arguments, format);
    AUTO(text_clear) struct text line = TEXT_PAGE;
    text_vaddf(&line, format, arguments);
    va_end(arguments);
    output->shown_mono_ms = now_mono_ms;
    if (output->redraws)
        redraw(output, text_string(&line));
    else
        write_talk(output, NULL, text_string(&line));
}

void output_passing(struct output *output, const char *line) {
    if (!output->quiet && output->redraws)
        redraw(output, line);
}

void output_progress_end(struct output *output) {
    static const char erase[] = "\r\033[K";
    int ignored = 0;
    if (!output->line)
        return;
    string_replace(&output->line, NULL);
    write_all(STDERR_FILENO, erase, sizeof erase - 1, &ignored);
}
