/* printf, with every %s argument on one line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/base/utf8.h"

#define SPEC_BYTES 32

struct conversion {
    char spec[SPEC_BYTES]; /* "%-*s", without its length modifiers */
    int stars[2], star_count;
    int longs; /* l, ll, z, j, t: how wide an integer is, 0 for int, 3 for size_t and the like */
    char kind;
};

static void read_star(struct conversion *conversion, int value) {
    if (conversion->star_count < 2)
        conversion->stars[conversion->star_count++] = value;
}

static void add_number(struct text *text, const struct conversion *conversion, intmax_t value) {
    char spec[SPEC_BYTES + 2];
    size_t length = strlen(conversion->spec) - 1;
    (void)snprintf(spec, sizeof spec, "%.*sj%c", (int)length, conversion->spec, conversion->kind);
    if (conversion->star_count == 2)
        text_add_plainf(text, spec, conversion->stars[0], conversion->stars[1], value);
    else if (conversion->star_count)
        text_add_plainf(text, spec, conversion->stars[0], value);
    else
        text_add_plainf(text, spec, value);
}

static void add_string(struct text *text, const struct conversion *conversion, const char *value) {
    const char *precision = strchr(conversion->spec, '.');
    value = value ? value : "(null)";
    bool star = precision && precision[1] == '*';
    int most = !precision ? -1
               : star     ? conversion->stars[conversion->star_count - 1]
                          : (int)strtol(precision + 1, NULL, 10);
    size_t length = most < 0 ? strlen(value) : strnlen(value, (size_t)most);
    AUTO(string_free) char *given = xstrndup(value, length);
    AUTO(string_free) char *line = shown_line(given);
    const char *width = conversion->spec + 1 + strspn(conversion->spec + 1, "-+ #0");
    int columns = *width == '*' ? conversion->stars[0] : (int)strtol(width, NULL, 10);
    bool left = conversion->spec[1] == '-';
    text_add_plainf(text, left ? "%-*s" : "%*s", columns, line);
}

static const char *read_conversion(const char *at, struct conversion *out) {
    size_t length = 0;
    *out = (struct conversion){ 0 };
    out->spec[length++] = *at++;
    while (*at && strchr("-+ #0123456789.*hlzjt", *at)) {
        if (!strchr("hlzjt", *at) && length < SPEC_BYTES - 2)
            out->spec[length++] = *at;
        out->longs += *at == 'l' ? 1 : strchr("zjt", *at) ? 3 : 0;
        at++;
    }
    out->kind = *at;
    out->spec[length] = *at;
    return at + (*at != 0);
}

void text_vaddf_lines(struct text *text, const char *format, va_list arguments) {
    while (*format) {
        size_t plain = strcspn(format, "%");
        text_add_bytes(text, format, plain);
        format += plain;
        if (!*format)
            return;
        struct conversion conversion;
        format = read_conversion(format, &conversion);
        for (const char *star = conversion.spec; (star = strchr(star, '*')); star++)
            read_star(&conversion, va_arg(arguments, int));
        switch (conversion.kind) {
        case '%':
            text_add_char(text, '%');
            break;
        case 's':
            add_string(text, &conversion, va_arg(arguments, const char *));
            break;
        case 'c':
            text_add_char(text, (char)va_arg(arguments, int));
            break;
        case 'd':
        case 'i':
            add_number(text, &conversion,
                       conversion.longs ? va_arg(arguments, long) : va_arg(arguments, int));
            break;
        case 'u':
        case 'x':
        case 'X':
            add_number(text, &conversion,
                       (intmax_t)(conversion.longs ? va_arg(arguments, unsigned long)
                                                   : va_arg(arguments, unsigned)));
            break;
        default: /* a real number: nothing else is written on a page */
            text_add_plainf(text, conversion.spec, va_arg(arguments, double));
        }
    }
}
