#include "schemas/observed/mark.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define TAG_VALUE_BYTES 256   /* of the service */
#define DESCRIPTION_BYTES 255 /* likewise */

static const char connection_prefix[] = "ecmig:";
static const char description_prefix[] = "created by ecmig, run ";
static const char description_record[] = ", record ";

char *mark_connection(int64_t epoch, const char *run) {
    return xasprintf("%s%" PRId64 "%s%s", connection_prefix, epoch, run ? ":" : "", run ? run : "");
}

char *mark_connection_run(const char *name) {
    size_t length = sizeof connection_prefix - 1;
    if (strncmp(name, connection_prefix, length) != 0)
        return NULL;
    const char *run = strchr(name + length, ':');
    return xstrdup(run ? run + 1 : "");
}

int64_t mark_connection_epoch(const char *name) {
    size_t length = sizeof connection_prefix - 1;
    return strncmp(name, connection_prefix, length) == 0 ? strtoll(name + length, NULL, 10) : 0;
}

void mark_connection_add(const char *name, struct strings *out) {
    if (strncmp(name, connection_prefix, sizeof connection_prefix - 1) == 0 &&
        !strings_has(out, name))
        strings_add(out, name);
}

char *mark_record(const char *id, const char *place) {
    char *words = xasprintf("%.12s %s", id, place);
    for (char *at = words; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr(" +-=._:/@", *at))
            *at = '_';
    if (strlen(words) > TAG_VALUE_BYTES)
        words[TAG_VALUE_BYTES] = '\0';
    return words;
}

bool mark_record_moved(const char *record, const char *place) {
    const char *where = record ? strchr(record, ' ') : NULL;
    const char *path = where ? strstr(where, ":/") : NULL;
    if (!path || path[2] == '/' || !place || *place != '/' ||
        memchr(where, '@', (size_t)(path - where)))
        return false;
    AUTO(string_free) char *own = mark_record("", place);
    size_t kept = strlen(path + 1); /* the service cuts it short */
    bool cut = strlen(record) >= DESCRIPTION_BYTES - sizeof description_prefix - 64;
    return cut ? strncmp(own + 1, path + 1, kept) != 0 : strcmp(own + 1, path + 1) != 0;
}

char *mark_description(const char *run, const char *record) {
    char *words =
        xasprintf("%s%s%s%s", description_prefix, run, description_record, record ? record : "");
    if (strlen(words) > DESCRIPTION_BYTES)
        words[DESCRIPTION_BYTES] = '\0';
    return words;
}

bool mark_description_read(const char *text, char **run, char **record) {
    size_t length = sizeof description_prefix - 1;
    if (!text || strncmp(text, description_prefix, length) != 0)
        return false;
    const char *name = text + length, *end = strstr(name, description_record);
    if (!end)
        return false;
    *run = xstrndup(name, (size_t)(end - name));
    *record = xstrdup(end + sizeof description_record - 1);
    return true;
}
