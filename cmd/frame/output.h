/* What people and programs read: results on stdout, talk on stderr.
 *
 * A write to stdout that fails (a full disk, a reader that went away) is remembered and makes the
 * process end with an error, unless what was written only tells of what was done; SIGPIPE is
 * ignored for that. Control bytes never reach stderr. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/json/json.h"

enum output_format {
#define FORMAT(symbol, id) FORMAT_##symbol,
#include "schemas/base/formats.def"
#undef FORMAT
    FORMAT_COUNT
};
#define FORMAT_BIT(format) (1U << (format))
#define FORMATS_ALL (FORMAT_BIT(FORMAT_COUNT) - 1)
extern const char *const output_format_names[]; /* ends with NULL */

struct options;
struct output;

struct output *output_new(void);
void output_configure(struct output *output, const struct options *options);
void output_free(struct output *output);
AUTO_POINTER(struct output, output_free)

enum output_format output_format(const struct output *output);
bool output_is_colored(const struct output *output); /* the result, on stdout */
/* Puts the question to the operator: true when the answer is exactly "yes". False without asking
 * where there is no terminal or --no-input was given. The wish to stop ends the wait; `stop` may be
 * NULL. Say before it what the answer is about. */
struct stop;
bool output_may_ask(const struct output *output);
bool output_ask(struct output *output, const char *question, struct stop *stop);

/* Results. What could steer a terminal is shown as \x1b, except on a page that was rendered: that
 * is without it, and has its own colors. output_json writes pretty with a newline; output_line
 * is one write(2) of the bytes and a newline, for event streams. */
void output_text(struct output *output, const char *text);
void output_rendered(struct output *output, const char *page);
void output_textf(struct output *output, const char *format, ...) PRINTF_LIKE(2, 3);
void output_json(struct output *output, const struct json *value);
void output_line(struct output *output, const char *line);
/* What the command did is its result, and stdout only a report of it: that nobody reads it is said
 * on stderr and does not change the exit status. */
void output_only_reports(struct output *output);
MUST_CHECK bool output_finish(struct output *output, struct error *err); /* was all written? */

/* Talk: a line each, silent with --quiet; detail only with --verbose; a warning always. */
void output_say(struct output *output, const char *format, ...) PRINTF_LIKE(2, 3);
void output_detail(struct output *output, const char *format, ...) PRINTF_LIKE(2, 3);
void output_warn(struct output *output, const char *format, ...) PRINTF_LIKE(2, 3);
/* Lines for a program to read out of a log: as they are, on stderr. Always. */
void output_block(struct output *output, const char *lines);
/* "ecmig: message" and the hint below it; with --format json one line
 * {"error":{"class":…,"code":…,"exit_code":…,"hint":…,"message":…,"remote_code":…}}. Always. */
void output_error(struct output *output, const struct error *err, enum exit_class class);

/* Progress. On a terminal one line that is redrawn; else a line for every state change and, for
 * measures between them, one at most every 30 s. */
enum progress { PROGRESS_STATE, PROGRESS_MEASURE };
void output_progress(struct output *output, enum progress progress, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* On a terminal, while nothing else is to be seen: what is waited for. */
void output_passing(struct output *output, const char *line);
void output_progress_end(struct output *output); /* takes the line off the terminal */
