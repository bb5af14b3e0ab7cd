#include "schemas/journal/spool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define HEADER "spool"
#define FILE_LINE "file"
#define END_LINE "end"

static const struct shape_field header_rows[] = {
    FIELD(struct spool, format, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct spool, migration, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct spool, run, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct spool, epoch, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct spool, lock, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct spool, holder, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct spool, after_seq, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct spool, after, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct spool, written_at, SHAPE_STRING, .flags = SHAPE_REQUIRED),
};
static const struct shape header_shape = SHAPE("spool", struct spool, header_rows);

static const struct shape_field file_rows[] = {
    FIELD(struct spool_file, name, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct spool_file, text, SHAPE_STRING, .flags = SHAPE_REQUIRED),
};
static const struct shape file_shape = SHAPE("spooled file", struct spool_file, file_rows);

static void spool_file_clear(struct spool_file *file) {
    shape_clear(&file_shape, file);
}

void spool_clear(struct spool *spool) {
    if (!spool)
        return;
    journal_entries_clear(&spool->entries);
    LIST_CLEAR(&spool->files, spool_file_clear);
    shape_clear(&header_shape, spool);
    *spool = (struct spool){ 0 };
}

/* ---- writing ---- */

static void add_line(struct text *out, const char *key, struct json *value) {
    AUTO(json_free) struct json *line = json_new_object();
    json_put(line, key, value);
    AUTO(string_free) char *words = json_write(line, JSON_CANONICAL);
    text_addf(out, "%s\n", words);
}

char *spool_write(struct spool *spool) {
    AUTO(text_clear) struct text lines = { 0 };
    char hash[DIGEST_HEX_BYTES];
    spool->format = SPOOL_FORMAT;
    add_line(&lines, HEADER, shape_write(&header_shape, spool));
    for (size_t i = 0; i < spool->entries.count; i++) {
        AUTO(string_free) char *entry = journal_write(&spool->entries.items[i]);
        text_addf(&lines, "%s\n", entry);
    }
    for (size_t i = 0; i < spool->files.count; i++)
        add_line(&lines, FILE_LINE, shape_write(&file_shape, &spool->files.items[i]));
    digest_sha256_hex(lines.bytes, lines.length, hash);
    struct json *end = json_new_object();
    json_put_int(end, "lines", (int64_t)(1 + spool->entries.count + spool->files.count));
    json_put_string(end, "sha256", hash);
    add_line(&lines, END_LINE, end);
    return xasprintf("%s\n%s%s\n", SPOOL_BEGIN, text_string(&lines), SPOOL_END);
}

/* ---- reading ---- */

struct span {
    const char *at;
    size_t length;
};

/* The next line, without what logs put at its end: blanks, carriage returns, a color that ends. */
static bool next_line(struct span *rest, struct span *line) {
    static const char colour_ends[] = "\033[0m";
    if (rest->length == 0)
        return false;
    const char *end = memchr(rest->at, '\n', rest->length);
    size_t whole = end ? (size_t)(end - rest->at) : rest->length, length = whole;
    for (bool more = true; more && length > 0;) {
        size_t tail = sizeof colour_ends - 1;
        if (strchr(" \t\r", rest->at[length - 1]) && rest->at[length - 1])
            length--;
        else if (length >= tail && memcmp(rest->at + length - tail, colour_ends, tail) == 0)
            length -= tail;
        else
            more = false;
    }
    *line = (struct span){ rest->at, length };
    rest->at += whole + (end ? 1 : 0);
    rest->length -= whole + (end ? 1 : 0);
    return true;
}

static bool ends_with(const struct span *line, const char *marker) {
    size_t length = strlen(marker);
    return line->length >= length && memcmp(line->at + line->length - length, marker, length) == 0;
}

/* A log may put a time or a name before each line, but nothing that looks like our JSON. */
static bool find_document(const struct span *line, struct span *document) {
    for (size_t i = 0; i + 1 < line->length; i++) {
        if (line->at[i] == '{' && line->at[i + 1] == '"') {
            *document = (struct span){ line->at + i, line->length - i };
            return true;
        }
    }
    return false;
}

static bool damaged(const char *name, const char *how, struct error *err) {
    error_set(err, ERROR_FORMAT, "the spool in '%s' is damaged: %s", name, how);
    return error_hint(err, "use a complete copy: the file of the run, or the job's complete log");
}

static bool begins_with(const struct span *line, const char *key) {
    AUTO(string_free) char *start = xasprintf("{\"%s\":{", key);
    return line->length > strlen(start) && memcmp(line->at, start, strlen(start)) == 0;
}

struct reading {
    const char *name;
    struct spool spool;
    struct text lines; /* as they were written: what the checksum is of */
    size_t count;
    bool ended;
};

static void reading_clear(struct reading *reading) {
    spool_clear(&reading->spool);
    text_clear(&reading->lines);
}
AUTO_VALUE(struct reading, reading_clear)

/* The value of a line's one member. */
static bool parse_member(const struct reading *reading, const struct span *line, const char *key,
                         struct json **document, const struct json **value, struct error *err) {
    if (!json_parse(line->at, line->length, reading->name, document, err))
        return damaged(reading->name, "a line is not a JSON document", err);
    *value = json_find(*document, key);
    return true;
}

static bool read_end(struct reading *reading, const struct span *line, struct error *err) {
    AUTO(json_free) struct json *document = NULL;
    const struct json *end = NULL;
    char hash[DIGEST_HEX_BYTES];
    if (!parse_member(reading, line, END_LINE, &document, &end, err))
        return false;
    const char *wanted = json_find_string(end, "sha256");
    digest_sha256_hex(text_string(&reading->lines), reading->lines.length, hash);
    reading->ended = true;
    if (json_find_int(end, "lines", -1) != (int64_t)reading->count)
        return damaged(reading->name, "lines are missing", err);
    return (wanted && strcmp(wanted, hash) == 0) ||
           damaged(reading->name, "a line was changed after it was written", err);
}

static bool read_header(struct reading *reading, const struct span *line, struct error *err) {
    AUTO(json_free) struct json *document = NULL;
    const struct json *header = NULL;
    if (!parse_member(reading, line, HEADER, &document, &header, err))
        return false;
    int64_t format = json_find_int(header, "format", 0);
    if (format != SPOOL_FORMAT && format > 0) {
        error_set(err, ERROR_FORMAT, "the spool in '%s' has format %" PRId64, reading->name,
                  format);
        return error_hint(err, "it was written by another version of ecmig: use that version");
    }
    return shape_read(&header_shape, header, &reading->spool, err) ||
           error_wrap(err, "'%s'", reading->name);
}

/* It becomes a path in the repository. */
static bool is_plain_name(const char *name) {
    return *name && *name != '/' && *name != '.' && !strstr(name, "..") && !strstr(name, "//") &&
           strncmp(name, "journal", 7) != 0 && name[strlen(name) - 1] != '/' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") ==
               strlen(name);
}

static bool read_file_line(struct reading *reading, const struct span *line, struct error *err) {
    AUTO(json_free) struct json *document = NULL;
    const struct json *value = NULL;
    struct spool_file file = { 0 };
    if (!parse_member(reading, line, FILE_LINE, &document, &value, err))
        return false;
    if (!shape_read(&file_shape, value, &file, err))
        return error_wrap(err, "'%s'", reading->name);
    *LIST_ADD(&reading->spool.files) = file;
    return is_plain_name(file.name) || damaged(reading->name, "a file has an invalid name", err);
}

static bool read_entry(struct reading *reading, const struct span *line, struct error *err) {
    struct journal_entry entry = { 0 };
    if (!journal_parse(line->at, line->length, reading->name, &entry, err))
        return damaged(reading->name, "a line is not a journal entry", err);
    char hash[DIGEST_HEX_BYTES];
    memcpy(hash, entry.hash, sizeof hash);
    string_free(journal_write(&entry));
    bool same = strcmp(hash, entry.hash) == 0;
    *LIST_ADD(&reading->spool.entries) = entry;
    return same || damaged(reading->name, "an entry has unknown fields", err);
}

static bool read_line(struct reading *reading, const struct span *line, struct error *err) {
    if (reading->ended)
        return damaged(reading->name, "there is content after its end", err);
    if ((reading->count == 0) != begins_with(line, HEADER))
        return damaged(reading->name, "its first line is missing", err);
    if (begins_with(line, END_LINE))
        return read_end(reading, line, err);
    text_add_bytes(&reading->lines, line->at, line->length);
    text_add_char(&reading->lines, '\n');
    reading->count++;
    return begins_with(line, HEADER)      ? read_header(reading, line, err)
           : begins_with(line, FILE_LINE) ? read_file_line(reading, line, err)
                                          : read_entry(reading, line, err);
}

/* The lines of the last spool. */
static bool find_block(const struct span *all, const char *name, struct span *block,
                       struct error *err) {
    struct span rest = *all, line, after_begin = { 0 }, found = { 0 };
    while (next_line(&rest, &line)) {
        if (ends_with(&line, SPOOL_BEGIN))
            after_begin = rest;
        else if (after_begin.at && ends_with(&line, SPOOL_END))
            found = (struct span){ after_begin.at, (size_t)(line.at - after_begin.at) };
    }
    if (!after_begin.at) {
        error_set(err, ERROR_NOT_FOUND, "there is no spool in '%s'", name);
        return error_hint(err, "a spool is between the lines %s and %s", SPOOL_BEGIN, SPOOL_END);
    }
    *block = found;
    return found.at == after_begin.at || damaged(name, "it is incomplete", err);
}

static bool check_chain(const struct spool *spool, const char *name, struct error *err) {
    if (!spool->entries.count)
        return damaged(name, "it has no entry", err);
    if (spool->after_seq < 0 || spool->after_seq > JOURNAL_ENTRIES_MAX)
        return damaged(name, "it begins where a journal cannot begin", err);
    for (size_t i = 0; i < spool->entries.count; i++) {
        const struct journal_entry *entry = &spool->entries.items[i];
        const char *before = i ? spool->entries.items[i - 1].hash : spool->after;
        if (entry->seq != spool->after_seq + 1 + (int64_t)i || strcmp(entry->prev, before) != 0 ||
            entry->epoch != spool->epoch)
            return damaged(name, "its entries do not follow each other", err);
    }
    return true;
}

bool spool_parse(const void *bytes, size_t length, const char *name, struct spool *out,
                 struct error *err) {
    struct span all = { bytes, length }, block = { 0 }, line, document;
    AUTO(reading_clear) struct reading reading = { .name = name };
    if (length > SPOOL_LOG_CEILING_BYTES) {
        error_set(err, ERROR_LIMIT, "'%s' is larger than 64 MiB", name);
        return error_hint(err, "cut the spool out, including its markers");
    }
    text_init(&reading.lines, SPOOL_LOG_CEILING_BYTES);
    if (!find_block(&all, name, &block, err))
        return false;
    while (next_line(&block, &line)) {
        if (find_document(&line, &document) && !read_line(&reading, &document, err))
            return false;
    }
    if (!reading.ended)
        return damaged(name, "its last line is missing", err);
    if (!check_chain(&reading.spool, name, err))
        return false;
    *out = MOVE(reading.spool);
    return true;
}
