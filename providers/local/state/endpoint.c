#include "providers/local/state/endpoint.h"

#include <stdarg.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

void endpoint_log(const char *format, ...) {
    char at[CLOCK_TEXT_BYTES];
    AUTO(text_clear) struct text line = { 0 };
    va_list arguments;
    clock_format(clock_wall_ms(), at);
    text_addf(&line, "%s ", at);
    va_start(arguments, format);
    text_vaddf(&line, format, arguments);
    va_end(arguments);
    text_add(&line, "\n");
    (void)!write(STDERR_FILENO, line.bytes, line.length);
}

char *endpoint_file(const char *dir, const char *name) {
    return path_join(dir, name);
}
