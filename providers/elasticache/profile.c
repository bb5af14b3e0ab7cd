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
    if (reader->file.count == PROFILE_SECTION_CEILING)
        return fault(reader, "too many sections", err);
    reader->key = NULL;
    reader->section = LIST_ADD(&reader->file);
    reader->section->name = unquoted(squeezed(inside));
    reader->section->first_line = reader->line;
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

static struct profile_key *find_key(const struct profile_section *section, const char *name) {
    for (size_t i = 0; section && i < section->count; i++)
        if (strcmp(section->items[i].name, name) == 0)
            return &section->items[i];
    return NULL;
}

static bool put(struct reader *reader, char *name, struct span value, struct error *err) {
    for (char *at = name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    struct profile_key *key = find_key(reader->section, name);
    if (key) {
        wipe_string(key->value);
        key->value = xstrndup(value.start, value.length);
        free(name);
        reader->key = key;
        return true;
    }
    if (reader->section->count == PROFILE_KEY_CEILING) {
        free(name);
        return fault(reader, "too many keys", err);
    }
    reader->key = LIST_ADD(reader->section);
    *reader->key = (struct profile_key){ name, xstrndup(value.start, value.length) };
    return true;
}

/* The first "=" or ":"; a nested key takes "=" alone, as the AWS tools have it. NULL: none. */
static const char *delimiter(struct span line, bool nested) {
    for (size_t i = 0; i < line.length; i++)
        if (line.start[i] == '=' || (line.start[i] == ':' && !nested))
            return line.start + i;
    return NULL;
}

static bool read_key(struct reader *reader, struct span line, bool nested, struct error *err) {
    const char *equals = delimiter(line, nested);
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

static int compare_names(const void *left, const void *right) {
    const struct profile_section *first = left, *second = right;
    return strcmp(first->name, second->name);
}

static int compare_sections(const void *left, const void *right) {
    const struct profile_section *first = left, *second = right;
    int order = compare_names(left, right);
    return order ? order
                 : (first->first_line > second->first_line) -
                       (first->first_line < second->first_line);
}

const struct profile_section *profile_find(const struct profile_file *file, const char *section) {
    const struct profile_section wanted = { .name = (char *)section };
    return file->count
               ? bsearch(&wanted, file->items, file->count, sizeof *file->items, compare_names)
               : NULL;
}

const char *profile_value(const struct profile_section *section, const char *key) {
    const struct profile_key *found = section ? find_key(section, key) : NULL;
    if (!found && section)
        found = find_key(section->defaults, key);
    return found && *found->value ? found->value : NULL;
}

static void profile_key_clear(struct profile_key *key) {
    free(key->name);
    wipe_string(key->value);
}

static void profile_section_clear(struct profile_section *section) {
    LIST_CLEAR(section, profile_key_clear);
    free(section->name);
}

/* Moves the keys of `from` over; false when there are too many. */
static bool merge(struct profile_section *into, struct profile_section *from) {
    for (size_t i = 0; i < from->count; i++) {
        struct profile_key *key = find_key(into, from->items[i].name);
        if (!key && into->count == PROFILE_KEY_CEILING)
            return false;
        if (!key) {
            key = LIST_ADD(into);
            key->name = xstrdup(from->items[i].name);
        }
        wipe_string(key->value);
        key->value = from->items[i].value;
        from->items[i].value = NULL;
    }
    return true;
}

/* In order, so that a file of any size is read in a moment; each name once. */
static bool put_in_order(struct reader *reader, struct error *err) {
    struct profile_file *file = &reader->file;
    size_t kept = 0;
    bool fits = true;
    if (file->count)
        qsort(file->items, file->count, sizeof *file->items, compare_sections);
    for (size_t i = 0; i < file->count; i++) {
        struct profile_section *last = kept ? &file->items[kept - 1] : NULL;
        if (!last || strcmp(last->name, file->items[i].name) != 0) {
            file->items[kept++] = file->items[i];
            continue;
        }
        reader->line = file->items[i].first_line;
        fits = fits && merge(last, &file->items[i]);
        profile_section_clear(&file->items[i]);
    }
    file->count = kept;
    const struct profile_section *defaults = profile_find(file, "DEFAULT");
    for (size_t i = 0; i < kept; i++)
        file->items[i].defaults = &file->items[i] == defaults ? NULL : defaults;
    return fits || fault(reader, "too many keys", err);
}

bool profile_parse(const void *bytes, size_t length, const char *name, struct profile_file *out,
                   struct error *err) {
    if (length > PROFILE_FILE_CEILING_BYTES)
        return error_set(err, ERROR_LIMIT, "'%s' is longer than %zu bytes", name,
                         PROFILE_FILE_CEILING_BYTES);
    AUTO(profile_file_clear) struct profile_file read = { 0 };
    struct reader reader = { .name = name };
    const char *at = bytes;
    size_t left = length;
    bool valid = true;
    if (left >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) {
        at += 3;
        left -= 3;
    }
    while (left && valid) {
        const char *end = memchr(at, '\n', left);
        size_t line_length = end ? (size_t)(end - at) : left;
        reader.line++;
        valid = read_line(&reader, (struct span){ at, line_length }, err);
        line_length += end ? 1 : 0;
        at += line_length;
        left -= line_length;
    }
    valid = valid && put_in_order(&reader, err);
    read = reader.file;
    if (!valid)
        return false;
    profile_file_clear(out);
    *out = MOVE(read);
    return true;
}

void profile_file_clear(struct profile_file *file) {
    LIST_CLEAR(file, profile_section_clear);
    *file = (struct profile_file){ 0 };
}
