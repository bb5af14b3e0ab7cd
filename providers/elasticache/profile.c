#include "providers/elasticache/profile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/secret.h"
#include "schemas/base/text.h"

struct span {
    const char *start;
    size_t length;
};

struct reader {
    struct profile_file file;
    struct profile_section *section;
    struct profile_key *key; /* the last one that was not nested; moves with the list */
    size_t key_indent;
    const char *name;
    size_t line;
};

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct span trimmed(struct span span) {
    while (span.length && is_blank(span.start[0])) {
        span.start++;
        span.length--;
    }
    while (span.length && is_blank(span.start[span.length - 1]))
        span.length--;
    return span;
}

static bool fault(const struct reader *reader, const char *what, struct error *err) {
    error_set(err, ERROR_FORMAT, "'%s' line %zu: %s", reader->name, reader->line, what);
    return error_hint(err, "the file must consist of [sections] and 'key = value' lines");
}

static void wipe_string(char *string) {
    if (string)
        secret_wipe(string, strlen(string));
    free(string);
}

static char *squeezed(struct span span) {
    AUTO(text_clear) struct text text = { 0 };
    for (size_t i = 0; i < span.length; i++)
        if (!is_blank(span.start[i]))
            text_add_char(&text, span.start[i]);
        else if (!is_blank(span.start[i - 1]))
            text_add_char(&text, ' ');
    return text_take(&text);
}

/* [profile "two words"] is the profile `two words`: the AWS tools write such names in quotes. */
static char *unquoted(char *name) {
    size_t length = strlen(name), start = strcspn(name, "'\"");
    char quote = name[start];
    if (quote && start && name[start - 1] == ' ' && length > start + 2 &&
        strchr(name + start + 1, quote) == name + length - 1) {
        name[length - 1] = '\0';
        memmove(name + start, name + start + 1, length - start - 1);
    }
    return name;
}

static bool open_section(struct reader *reader, struct span line, struct error *err) {
    const char *end = memchr(line.start, ']', line.length);
    if (!end)
        return fault(reader, "a section without ']'", err);
    struct span inside = trimmed((struct span){ line.start + 1, (size_t)(end - line.start) - 1 });
    if (inside.length == 0)
        return fault(reader, "a section without a name", err);
    AUTO(string_free) char *name = unquoted(squeezed(inside));
    reader->key = NULL;
    reader->section = (struct profile_section *)profile_find(&reader->file, name);
    if (reader->section)
        return true;
    if (reader->file.count == PROFILE_SECTION_CEILING)
        return fault(reader, "too many sections", err);
    reader->section = LIST_ADD(&reader->file);
    reader->section->name = TAKE(name);
    return true;
}

/* A value ends before " #" or " ;", as the AWS tools agree on. */
static struct span without_comment(struct span value) {
    for (size_t i = 0; i < value.length; i++)
        if ((value.start[i] == '#' || value.start[i] == ';') &&
            (i == 0 || is_blank(value.start[i - 1])))
            value.length = i;
    return trimmed(value);
}

static bool put(struct reader *reader, char *name, struct span value, struct error *err) {
    for (char *at = name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    for (size_t i = 0; i < reader->section->count; i++) {
        struct profile_key *key = &reader->section->items[i];
        if (strcmp(key->name, name) == 0) {
            wipe_string(key->value);
            key->value = xstrndup(value.start, value.length);
            free(name);
            reader->key = key;
            return true;
        }
    }
    if (reader->section->count == PROFILE_KEY_CEILING) {
        free(name);
        return fault(reader, "too many keys", err);
    }
    reader->key = LIST_ADD(reader->section);
    *reader->key = (struct profile_key){ name, xstrndup(value.start, value.length) };
    return true;
}

static bool read_key(struct reader *reader, struct span line, bool nested, struct error *err) {
    const char *equals = memchr(line.start, '=', line.length);
    if (!equals || equals == line.start)
        return fault(reader, "neither a section nor 'key = value'", err);
    struct span name = trimmed((struct span){ line.start, (size_t)(equals - line.start) });
    struct span value = without_comment(
        trimmed((struct span){ equals + 1, line.length - (size_t)(equals - line.start) - 1 }));
    if (memchr(name.start, '\0', name.length) || memchr(value.start, '\0', value.length))
        return fault(reader, "a NUL byte", err);
    if (!nested)
        return put(reader, xstrndup(name.start, name.length), value, err);
    size_t outer = (size_t)(reader->key - reader->section->items);
    char *whole = xasprintf("%s.%.*s", reader->key->name, (int)name.length, name.start);
    if (!put(reader, whole, value, err))
        return false;
    reader->key = &reader->section->items[outer];
    return true;
}

static bool read_line(struct reader *reader, struct span raw, struct error *err) {
    struct span line = trimmed(raw);
    size_t indent = (size_t)(line.start - raw.start);
    if (line.length == 0 || line.start[0] == '#' || line.start[0] == ';')
        return true;
    bool inner = reader->key && indent > reader->key_indent;
    if (line.start[0] == '[' && !inner)
        return open_section(reader, line, err);
    if (!reader->section)
        return fault(reader, "a key before the first section", err);
    if (!inner) {
        reader->key_indent = indent;
        return read_key(reader, line, false, err);
    }
    /* Under a key with a value the line continues that value; none of the keys read here has more
     * than one line, so the rest is of no concern. */
    return *reader->key->value || read_key(reader, line, true, err);
}

bool profile_parse(const void *bytes, size_t length, const char *name, struct profile_file *out,
                   struct error *err) {
    if (length > PROFILE_FILE_CEILING_BYTES)
        return error_set(err, ERROR_LIMIT, "'%s' is longer than %zu bytes", name,
                         PROFILE_FILE_CEILING_BYTES);
    struct reader reader = { .name = name };
    const char *at = bytes;
    size_t left = length;
    if (left >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) {
        at += 3;
        left -= 3;
    }
    while (left) {
        const char *end = memchr(at, '\n', left);
        size_t line_length = end ? (size_t)(end - at) : left;
        reader.line++;
        if (!read_line(&reader, (struct span){ at, line_length }, err)) {
            profile_file_clear(&reader.file);
            return false;
        }
        line_length += end ? 1 : 0;
        at += line_length;
        left -= line_length;
    }
    profile_file_clear(out);
    *out = reader.file;
    return true;
}

const struct profile_section *profile_find(const struct profile_file *file, const char *section) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->items[i].name, section) == 0)
            return &file->items[i];
    return NULL;
}

const char *profile_value(const struct profile_section *section, const char *key) {
    for (size_t i = 0; section && i < section->count; i++)
        if (strcmp(section->items[i].name, key) == 0)
            return *section->items[i].value ? section->items[i].value : NULL;
    return NULL;
}

static void profile_key_clear(struct profile_key *key) {
    free(key->name);
    wipe_string(key->value);
}

void profile_file_clear(struct profile_file *file) {
    for (size_t i = 0; i < file->count; i++) {
        struct profile_section *section = &file->items[i];
        LIST_CLEAR(section, profile_key_clear);
        free(section->name);
    }
    free(file->items);
    *file = (struct profile_file){ 0 };
}
