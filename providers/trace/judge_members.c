/* What stands in an answer. */
#include <fnmatch.h>
#include <string.h>

#include "providers/elasticache/elasticache.h"
#include "providers/trace/judge.h"
#include "schemas/base/memory.h"
#include "schemas/trace/aliases.h"

static const struct {
    const char *action, *items, *member;
} required[] = {
#define REQUIRED(action, items, member) { action, items, member },
#include "providers/trace/beliefs/required.def"
#undef REQUIRED
};

static const struct {
    const char *member, *parent, *words;
} words[] = {
#define MEMBER_WORDS(member, parent, values) { member, parent, values },
#include "providers/trace/beliefs/words.def"
#undef MEMBER_WORDS
};

static const char *const texts[] = {
#define EVENT_TEXT(pattern) pattern,
#include "providers/trace/beliefs/events.def"
#undef EVENT_TEXT
};

static void judge_message(struct judge *judge, const char *message) {
    if (elasticache_classify(message) != MIGRATION_EVENT_OTHER)
        return;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (fnmatch(texts[i], message, 0) == 0)
            return;
    judge_differs(judge, "unknown-event",
                  "it decides nothing here; if it tells how a migration stands, a step waits for "
                  "its timeout instead",
                  "the service's event '%.200s' is not recognized", message);
}

static void judge_value(struct judge *judge, const char *parent, const struct xml *element) {
    const char *name = xml_name(element), *value = xml_text(element, "");
    if (!value)
        return;
    if (strcmp(name, "Message") == 0 && strcmp(parent, "Event") == 0)
        judge_message(judge, value);
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcmp(words[i].member, name) == 0 &&
            (!*words[i].parent || strcmp(words[i].parent, parent) == 0) &&
            !judge_has_word(words[i].words, ',', value))
            judge_differs(judge, "unknown-value",
                          "it is shown as it is; what waits for another word waits on",
                          "%s of %s is '%.60s', not one of: %s", name, parent, value,
                          words[i].words);
}

/* The names of elements: the action's own wrappers apart, those of the service's model. */
static void walk(struct judge *judge, const char *action, const struct xml *parent) {
    for (const struct xml *child = xml_first(parent, NULL); child; child = xml_next(child, NULL)) {
        bool known = false;
        const char *name = xml_name(child);
        size_t length = strlen(action);
        bool is_wrapper =
            strncmp(name, action, length) == 0 && strcmp(name + length, "Result") == 0;
        (void)alias_kind_of_member(name, xml_name(parent), &known);
        if (!known && !is_wrapper)
            judge_differs(judge, "unknown-member",
                          "ecmig ignores it; look whether it changes what a plan should say",
                          "%s: '%.60s' in '%.60s' is not in the service's model of 2026-11", action,
                          name, xml_name(parent));
        judge_value(judge, xml_name(parent), child);
        walk(judge, action, child);
    }
}

static void judge_item(struct judge *judge, const char *action, const struct xml *item,
                       const char *member) {
    if (!xml_text(item, member))
        judge_differs(judge, "missing-member",
                      "what is made from it is unknown: a step or a check may fail, or say too "
                      "little",
                      "%s: '%s' has no '%s'", action, xml_name(item), member);
}

/* "A/B": every B in every A; "" is the result itself. */
static void judge_items(struct judge *judge, const char *action, const struct xml *from,
                        const char *path, const char *member) {
    size_t length = strcspn(path, "/");
    if (!length) {
        judge_item(judge, action, from, member);
        return;
    }
    AUTO(string_free) char *name = xstrndup(path, length);
    const char *rest = path[length] ? path + length + 1 : "";
    for (const struct xml *at = xml_first(from, name); at; at = xml_next(at, name))
        judge_items(judge, action, at, rest, member);
}

void judge_members(struct judge *judge, const char *action, const struct xml *root) {
    AUTO(string_free) char *name = xasprintf("%sResult", action);
    const struct xml *result = xml_first(root, name);
    walk(judge, action, root);
    for (size_t i = 0; result && i < COUNT(required); i++)
        if (strcmp(required[i].action, action) == 0)
            judge_items(judge, action, result, required[i].items, required[i].member);
}
