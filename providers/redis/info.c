#include "providers/redis/info.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/number.h"

#define FIELD_CEILING_COUNT 100000 /* with a line for each database that holds keys */

static void add_line(struct info *info, const char *line, size_t length) {
    const char *colon = memchr(line, ':', length);
    if (!colon || colon == line || line[0] == '#')
        return;
    struct info_field *field = LIST_ADD(info);
    field->name = xstrndup(line, (size_t)(colon - line));
    field->value = xstrndup(colon + 1, (size_t)(line + length - colon - 1));
}

void info_parse(const char *bytes, size_t length, struct info *out) {
    struct info info = { 0 };
    size_t at = 0;
    while (at < length && info.count < FIELD_CEILING_COUNT) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t next = end ? (size_t)(end - bytes) : length;
        size_t stop = next > at && bytes[next - 1] == '\r' ? next - 1 : next;
        add_line(&info, bytes + at, stop - at);
        at = next + 1;
    }
    info_clear(out);
    *out = info;
}

const char *info_find(const struct info *info, const char *name) {
    for (size_t i = 0; i < info->count; i++)
        if (strcmp(info->items[i].name, name) == 0)
            return info->items[i].value;
    return NULL;
}

int64_t info_int(const struct info *info, const char *name, int64_t fallback) {
    return number_or(info_find(info, name), fallback);
}

char *info_part(const char *value, const char *key) {
    size_t length = strlen(key);
    while (value && *value) {
        size_t part = strcspn(value, ",");
        if (part > length && strncmp(value, key, length) == 0 && value[length] == '=')
            return xstrndup(value + length + 1, part - length - 1);
        value += value[part] ? part + 1 : part;
    }
    return NULL;
}

int64_t info_part_int(const char *value, const char *key, int64_t fallback) {
    AUTO(string_free) char *part = info_part(value, key);
    return number_or(part, fallback);
}

static void info_field_clear(struct info_field *field) {
    free(field->name);
    free(field->value);
}

void info_clear(struct info *info) {
    if (!info)
        return;
    LIST_CLEAR(info, info_field_clear);
}

int64_t info_version(const struct info *info) {
    const char *text = info_find(info, "redis_version");
    char *rest = NULL;
    long major = text ? strtol(text, &rest, 10) : 0;
    long minor = rest && *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
    return major < 0 || major > 999 || minor < 0 || minor > 99 ? 0 : major * 100 + minor;
}
