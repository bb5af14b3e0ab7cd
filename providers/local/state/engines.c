#include "providers/local/state/engines.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "providers/process/resident.h"
#include "schemas/base/memory.h"

const struct node_type node_types[] = {
#define NODE_TYPE(name, bytes) { "cache." name, bytes },
#include "providers/local/state/node_types.def"
#undef NODE_TYPE
};
const size_t node_type_count = COUNT(node_types);

const struct parameter family_parameters[] = {
#define PARAMETER(...) { __VA_ARGS__ },
#include "providers/local/state/parameters.def"
#undef PARAMETER
};
const size_t family_parameter_count = COUNT(family_parameters);

const struct node_type *node_type_find(const char *name) {
    for (size_t i = 0; i < node_type_count; i++)
        if (strcmp(node_types[i].name, name) == 0)
            return &node_types[i];
    return NULL;
}

const struct parameter *parameter_find(const char *name) {
    for (size_t i = 0; i < family_parameter_count; i++)
        if (strcmp(family_parameters[i].name, name) == 0)
            return &family_parameters[i];
    return NULL;
}

bool engine_parse(const char *output, char **name, char **version) {
    bool valkey = strncmp(output, "Valkey server v=", 16) == 0;
    if (!valkey && strncmp(output, "Redis server v=", 15) != 0)
        return false;
    const char *at = output + (valkey ? 16 : 15);
    size_t length = strspn(at, "0123456789.");
    if (!length || length > 32)
        return false;
    *name = xstrdup(valkey ? "valkey" : "redis");
    *version = xstrndup(at, length);
    return true;
}

int engine_major(const char *version) {
    return (int)strtol(version, NULL, 10);
}

char *engine_family(const char *name, const char *version) {
    int major = engine_major(version);
    if (strcmp(name, "valkey") == 0 || major >= 7)
        return xasprintf("%s%d", name, major);
    if (major == 6)
        return xstrdup("redis6.x");
    return xasprintf("redis%.3s", version);
}

static bool version_names(const char *asked, const char *version) {
    size_t length = strlen(asked);
    return strncmp(asked, version, length) == 0 && (version[length] == 0 || version[length] == '.');
}

const struct engine *engines_pick(const struct engines *engines, const char *name,
                                  const char *version) {
    for (size_t i = 0; i < engines->count; i++) {
        const struct engine *engine = &engines->items[i];
        if (strcmp(engine->name, name) == 0 &&
            (!version || version_names(version, engine->version)))
            return engine;
    }
    return NULL;
}

bool engines_choose(const struct engines *engines, const char *words, const struct engine **out,
                    struct error *err) {
    const char *dash = strchr(words, '-');
    AUTO(string_free) char *name = xstrndup(words, strcspn(words, "-"));
    AUTO(strings_clear) struct strings offered = { 0 };
    *out = engines_pick(engines, name, dash ? dash + 1 : NULL);
    if (*out)
        return true;
    for (size_t i = 0; i < engines->count; i++)
        strings_addf(&offered, "%s-%s", engines->items[i].name, engines->items[i].version);
    AUTO(string_free) char *list = strings_join(&offered, ", ");
    error_set(err, ERROR_USAGE, "there is no server '%s'", words);
    return error_hint(err, "available: %s; --engine VERSION=PATH adds more", list);
}

/* By name, then the newest first. */
static int newer_first(const void *left_at, const void *right_at) {
    const struct engine *left = left_at, *right = right_at;
    int order = strcmp(left->name, right->name);
    return order ? order : strverscmp(right->version, left->version);
}

static bool add_engine(struct engines *engines, const char *path, const char *asked,
                       struct error *err) {
    AUTO(string_free) char *output = NULL;
    AUTO(string_free) char *name = NULL;
    AUTO(string_free) char *version = NULL;
    if (!resident_output((const char *const[]){ path, "--version", NULL }, &output, err))
        return false;
    if (!engine_parse(output, &name, &version))
        return error_set(err, ERROR_USAGE, "'%s' is not a redis-server or valkey-server", path);
    if (asked && !version_names(asked, version))
        return error_set(err, ERROR_USAGE, "'%s' is version %s, not %s", path, version, asked);
    for (size_t i = 0; i < engines->count; i++) {
        if (strcmp(engines->items[i].name, name) == 0 &&
            strcmp(engines->items[i].version, version) == 0)
            return true;
    }
    struct engine *engine = LIST_ADD(engines);
    engine->name = TAKE(name);
    engine->version = TAKE(version);
    engine->path = xstrdup(path);
    return true;
}

static bool add_extra(struct engines *engines, const char *word, struct error *err) {
    const char *equals = strchr(word, '=');
    if (!equals || equals == word || !equals[1]) {
        error_set(err, ERROR_USAGE, "'%s' is not VERSION=PATH", word);
        return error_hint(err, "write --engine 7.0.15=/usr/bin/redis-server");
    }
    AUTO(string_free) char *asked = xstrndup(word, (size_t)(equals - word));
    return add_engine(engines, equals + 1, asked, err);
}

bool engines_find(const struct strings *extra, struct engines *out, struct error *err) {
    AUTO(engines_clear) struct engines found = { 0 };
    for (size_t i = 0; i < extra->count; i++)
        if (!add_extra(&found, extra->items[i], err))
            return false;
    AUTO(error_clear) struct error absent = { 0 };
    (void)!add_engine(&found, "redis-server", NULL, &absent);
    (void)!add_engine(&found, "valkey-server", NULL, &absent);
    if (!found.count) {
        error_set(err, ERROR_NOT_FOUND, "no redis-server or valkey-server on PATH");
        return error_hint(err, "install redis-server, or name one with --engine VERSION=PATH");
    }
    qsort(found.items, found.count, sizeof *found.items, newer_first);
    *out = MOVE(found);
    return true;
}

static void engine_clear(struct engine *engine) {
    free(engine->name);
    free(engine->version);
    free(engine->path);
}

void engines_clear(struct engines *engines) {
    if (!engines)
        return;
    LIST_CLEAR(engines, engine_clear);
}
