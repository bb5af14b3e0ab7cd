#include "planner/settings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "planner/sizes.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/text.h"
#include "schemas/base/units.h"
#include "schemas/observed/room.h"

#define REPL_TIMEOUT_S 300

static char *wanted_backlog_ttl(const struct situation *situation, const char *current) {
    (void)situation;
    return strcmp(current, "0") == 0 ? NULL : xstrdup("0");
}

static char *wanted_backlog_size(const struct situation *situation, const char *current) {
    int64_t have, size = situation->backlog.size_bytes;
    if (!setting_number(current, &have) || have >= size)
        return NULL;
    return xasprintf("%" PRId64, size);
}

/* The words of one class in "normal 0 0 0 slave 268435456 67108864 60 pubsub …". */
static const char *replica_class(const char *limits, size_t *name_length) {
    static const char *const names[] = { "slave ", "replica " };
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *at = strstr(limits, names[i]);
        if (at && (at == limits || at[-1] == ' ')) {
            *name_length = strlen(names[i]);
            return at;
        }
    }
    return NULL;
}

/* Hard limit, soft limit, soft seconds; answers what follows them, NULL when they are not there. */
static const char *read_limits(const char *at, int64_t numbers[3]) {
    for (size_t i = 0; i < 3; i++) {
        if (!setting_number(at, &numbers[i]))
            return NULL;
        at += strcspn(at, " ");
        at += i < 2 && *at;
    }
    return at;
}

static char *wanted_buffer_limit(const struct situation *situation, const char *current) {
    size_t name_length;
    const char *at = replica_class(current, &name_length);
    if (!at)
        return NULL;
    int64_t numbers[3];
    const char *rest = read_limits(at + name_length, numbers);
    if (!rest)
        return NULL;
    int64_t need = situation->buffer.size_bytes;
    bool hard_fits = !numbers[0] || numbers[0] >= need;
    bool soft_fits = !numbers[1] || numbers[1] >= need;
    if (hard_fits && soft_fits)
        return NULL;
    int64_t limit = numbers[0] > need ? numbers[0] : need; /* nothing that is larger is lowered */
    return xasprintf("%.*s%" PRId64 " %" PRId64 " 0%s", (int)(at + name_length - current), current,
                     limit, limit, rest);
}

static char *wanted_diskless_sync(const struct situation *situation, const char *current) {
    (void)situation;
    return strcmp(current, "no") == 0 ? xstrdup("yes") : NULL;
}

static char *wanted_diskless_delay(const struct situation *situation, const char *current) {
    int64_t have;
    (void)situation;
    return setting_number(current, &have) && have > 0 ? xstrdup("0") : NULL;
}

static char *wanted_protected_mode(const struct situation *situation, const char *current) {
    (void)situation;
    return strcmp(current, "yes") == 0 ? xstrdup("no") : NULL;
}

static char *wanted_repl_timeout(const struct situation *situation, const char *current) {
    int64_t have;
    (void)situation;
    if (!setting_number(current, &have) || have >= REPL_TIMEOUT_S)
        return NULL;
    return xasprintf("%d", REPL_TIMEOUT_S);
}

static const struct source_setting settings[] = {
    { "client-output-buffer-limit", false, false,
      "the link must survive the writes that arrive while the target loads the copy",
      wanted_buffer_limit },
    { "protected-mode", true, true, "the target's nodes connect from other machines",
      wanted_protected_mode },
    { "repl-backlog-size", false, false, "a short disconnect must not cause a full copy",
      wanted_backlog_size },
    { "repl-backlog-ttl", false, false, "the audit after the cutover reads the backlog",
      wanted_backlog_ttl },
    { "repl-diskless-sync", true, true, "the copy must not use the source's disk",
      wanted_diskless_sync },
    { "repl-diskless-sync-delay", true, true, "the copy must not wait for other replicas",
      wanted_diskless_delay },
    { "repl-timeout", true, true, "fork, transfer and load must finish within the link's timeout",
      wanted_repl_timeout },
};

const struct source_setting *setting_at(size_t index) {
    return index < COUNT(settings) ? &settings[index] : NULL;
}

static char *lacking(const struct situation *situation, const struct source_setting *setting,
                     const struct observed_node *node) {
    const char *current = pairs_find(&node->settings, setting->name);
    if (!node->reachable || !current ||
        (setting->primary_only && !situation_is_primary(situation, node)))
        return NULL;
    return setting->wanted(situation, current);
}

char *setting_wanted(const struct situation *situation, const struct source_setting *setting,
                     const struct observed_node *node) {
    if (setting->only_when_listed && !setting_is_listed(situation->config, setting->name))
        return NULL;
    return lacking(situation, setting, node);
}

char *setting_raised(const struct situation *situation, const struct observed_node *node,
                     const char *name) {
    for (size_t i = 0; i < COUNT(settings); i++)
        if (strcmp(settings[i].name, name) == 0)
            return setting_wanted(situation, &settings[i], node);
    return NULL;
}

char *setting_lacking(const struct situation *situation, const char *name,
                      const struct observed_node *node) {
    for (size_t i = 0; i < COUNT(settings); i++)
        if (strcmp(settings[i].name, name) == 0)
            return lacking(situation, &settings[i], node);
    return NULL;
}

bool setting_is_listed(const struct config *config, const char *name) {
    return strings_has(&config->source.manage, name);
}

const char *setting_original(const struct situation *situation, const struct observed_node *node,
                             const char *name) {
    AUTO(string_free) char *key = xasprintf("%s %s", node->address, name);
    const char *before = pairs_find(&situation->observed->history.settings_before, key);
    return before ? before : pairs_find(&node->settings, name);
}

/* 256mb, as CONFIG SET reads it. */
static void add_size(struct text *text, int64_t bytes) {
    static const char *const names[] = { "", "kb", "mb", "gb", "tb" };
    size_t step = 0;
    while (bytes && bytes % 1024 == 0 && step + 1 < COUNT(names)) {
        bytes /= 1024;
        step++;
    }
    text_addf(text, "%" PRId64 "%s", bytes, names[step]);
}

char *setting_shown(const char *name, const char *value) {
    AUTO(text_clear) struct text text = { 0 };
    size_t name_length;
    int64_t numbers[3];
    const char *at = replica_class(value, &name_length);
    if (strcmp(name, "client-output-buffer-limit") == 0 && at &&
        read_limits(at + name_length, numbers)) {
        text_add_bytes(&text, at, name_length);
        add_size(&text, numbers[0]);
        text_add_char(&text, ' ');
        add_size(&text, numbers[1]);
        text_addf(&text, " %" PRId64, numbers[2]);
    } else if (strcmp(name, "repl-backlog-size") == 0 && setting_number(value, &numbers[0])) {
        add_size(&text, numbers[0]);
    } else {
        text_add(&text, value);
    }
    return text_take(&text);
}
