#include "planner/group.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/strings.h"
#include "schemas/base/units.h"

#define GROUP_FROM 3       /* fewer are shown one by one */
#define EXCEPTIONS_NAMED 3 /* of those that are not meant, when most are */
#define NAMES_SHOWN 3      /* of a list that is longer than the next */
#define NAMES_WHOLE 4

enum kind { KIND_NONE, KIND_NODE, KIND_PRIMARY, KIND_TARGET_SHARD };

/* What a finding can be about, and which of it one group is. */
struct members {
    const char *noun;
    const char **names;
    bool *has;
    size_t total;
};

static void members_clear(struct members *members) {
    free(members->names);
    free(members->has);
    *members = (struct members){ 0 };
}
AUTO_VALUE(struct members, members_clear)

static const char *shard_name(const struct observed_target_shard *shard) {
    return shard->id ? shard->id : "?";
}

static void list_members(const struct situation *situation, enum kind kind, struct members *out) {
    const struct observed_source *source = &situation->observed->source;
    const struct observed_target *target = &situation->observed->target;
    size_t room = source->nodes.count + target->shard_list.count;
    const struct observed_node *node;
    struct primary_walk walk = { 0 };
    out->names = xcalloc(room + 1, sizeof *out->names);
    out->has = xcalloc(room + 1, sizeof *out->has);
    out->noun = kind == KIND_NODE ? "node" : kind == KIND_PRIMARY ? "primary" : "shard";
    if (kind == KIND_NODE)
        for (size_t i = 0; i < source->nodes.count; i++)
            out->names[out->total++] = source->nodes.items[i].address;
    else if (kind == KIND_TARGET_SHARD)
        for (size_t i = 0; i < target->shard_list.count; i++)
            out->names[out->total++] = shard_name(&target->shard_list.items[i]);
    else
        while ((node = situation_next_primary(situation, &walk)))
            out->names[out->total++] = node->address;
}

static bool find_member(const struct members *members, const char *name, size_t *at) {
    for (size_t i = 0; i < members->total; i++) {
        /* Findings come in the order of the members: the search continues after the last one. */
        size_t index = (*at + i) % members->total;
        if (members->names[index] && strcmp(members->names[index], name) == 0) {
            *at = index;
            return true;
        }
    }
    return false;
}

static void add_plural(struct text *text, const char *noun, size_t count) {
    size_t length = strlen(noun);
    bool ends_in_y = length && noun[length - 1] == 'y';
    if (count == 1)
        text_add(text, noun);
    else
        text_addf(text, "%.*s%s", (int)(length - ends_in_y), noun, ends_in_y ? "ies" : "s");
}

static void add_names(struct text *text, const char *const *names, const bool *has, bool wanted,
                      size_t total) {
    bool is_first = true;
    for (size_t i = 0; i < total; i++) {
        if (has[i] != wanted)
            continue;
        text_addf(text, "%s%s", is_first ? "" : ", ", names[i] ? names[i] : "?");
        is_first = false;
    }
}

void group_add_members(struct text *text, const char *noun, const char *const *names,
                       const bool *has, size_t total) {
    size_t count = 0;
    for (size_t i = 0; i < total; i++)
        count += has[i];
    if (count != total) {
        units_add_count(text, (int64_t)count);
        text_add(text, " of ");
    }
    if (count == total && total == 2) {
        text_add(text, "both ");
    } else {
        text_add(text, count == total ? "all " : "");
        units_add_count(text, (int64_t)total);
        text_add_char(text, ' ');
    }
    add_plural(text, noun, total);
    if (count == total)
        return;
    bool by_exception = total - count <= EXCEPTIONS_NAMED && count > 2 * (total - count);
    text_add(text, by_exception ? " (all but " : ": ");
    add_names(text, names, has, !by_exception, total);
    text_add(text, by_exception ? ")" : "");
}

char *group_shortened(const char *members) {
    const char *colon = strstr(members, ": "), *start = colon ? colon + 2 : NULL, *cut = start;
    size_t names = 1;
    for (const char *at = start; at && (at = strstr(at, ", ")); at += 2) {
        cut = names == NAMES_SHOWN ? at : cut;
        names++;
    }
    if (!start || names <= NAMES_WHOLE)
        return xstrdup(members);
    return xasprintf("%.*s and %zu more", (int)(cut - members), members, names - NAMES_SHOWN);
}

char *group_of_nodes(const struct situation *situation, const bool *has) {
    AUTO(members_clear) struct members members = { 0 };
    AUTO(text_clear) struct text text = { 0 };
    size_t count = 0, primaries = 0, only = 0;
    list_members(situation, KIND_NODE, &members);
    for (size_t i = 0; i < members.total; i++) {
        members.has[i] = has[i];
        count += has[i];
        primaries +=
            has[i] && situation_is_primary(situation, &situation->observed->source.nodes.items[i]);
        only = has[i] ? i : only;
    }
    if (count == 1)
        return xstrdup(members.names[only]);
    if (count == primaries && count == situation->primaries && count < members.total) {
        members.noun = "primary";
        members.total = count;
        memset(members.has, true, count * sizeof *members.has);
    }
    group_add_members(&text, members.noun, members.names, members.has, members.total);
    AUTO(string_free) char *shortened = group_shortened(text_string(&text));
    const char *colon = strstr(shortened, ": ");
    return colon ? xasprintf("%.*s (%s)", (int)(colon - shortened), shortened, colon + 2)
                 : TAKE(shortened);
}

static enum kind kind_of(const struct situation *situation, bool of_primaries,
                         const char *subject) {
    if (!subject)
        return KIND_NONE;
    if (strncmp(subject, SUBJECT_OF_SHARD, strlen(SUBJECT_OF_SHARD)) == 0)
        return KIND_TARGET_SHARD;
    if (situation_node_index(situation, subject, strlen(subject)) < 0)
        return KIND_NONE;
    return of_primaries ? KIND_PRIMARY : KIND_NODE;
}

static bool belong_together(const struct finding *left, const struct finding *right) {
    return left->severity == right->severity && string_same(left->summary, right->summary) &&
           string_same(left->remedy, right->remedy);
}

static const char *member_name(enum kind kind, const char *subject) {
    return kind == KIND_TARGET_SHARD ? subject + strlen(SUBJECT_OF_SHARD) : subject;
}

static bool same_details(const struct findings *list, const size_t *leaders, size_t leader) {
    for (size_t i = leader; i < list->count; i++)
        if (leaders[i] == leader && !string_same(list->items[i].detail, list->items[leader].detail))
            return false;
    return true;
}

/* The first of a group speaks for all of it from here on. */
static void name_all(const struct situation *situation, enum kind kind, const size_t *leaders,
                     size_t leader, struct findings *list) {
    AUTO(members_clear) struct members members = { 0 };
    AUTO(text_clear) struct text subject = { 0 };
    struct finding *finding = &list->items[leader];
    size_t at = 0;
    list_members(situation, kind, &members);
    for (size_t i = leader; i < list->count; i++)
        if (leaders[i] == leader &&
            find_member(&members, member_name(kind, list->items[i].subject), &at))
            members.has[at] = true;
    if (finding->detail && !same_details(list, leaders, leader)) {
        AUTO(string_free) char *own = finding->detail;
        finding->detail = xasprintf("for example %s: %s", finding->subject, own);
    }
    group_add_members(&subject, members.noun, members.names, members.has, members.total);
    string_replace(&finding->subject, text_string(&subject));
}

/* For each finding the first that says the same, itself when there is none before. */
static size_t *find_leaders(const struct situation *situation, bool of_primaries, size_t first,
                            const struct findings *list, enum kind *kinds) {
    size_t *leaders = xcalloc(list->count + 1, sizeof *leaders);
    for (size_t i = 0; i < list->count; i++) {
        leaders[i] = i;
        if (i < first)
            continue;
        kinds[i] = kind_of(situation, of_primaries, list->items[i].subject);
        for (size_t k = first; k < i && kinds[i] != KIND_NONE && leaders[i] == i; k++)
            if (leaders[k] == k && kinds[k] == kinds[i] &&
                belong_together(&list->items[k], &list->items[i]))
                leaders[i] = k;
    }
    return leaders;
}

void findings_group(const struct situation *situation, bool of_primaries, size_t first,
                    struct findings *list) {
    if (list->count - first < GROUP_FROM)
        return;
    AUTO(findings_clear) struct findings said = { 0 };
    enum kind *kinds = xcalloc(list->count, sizeof *kinds);
    size_t *leaders = find_leaders(situation, of_primaries, first, list, kinds);
    size_t *sizes = xcalloc(list->count, sizeof *sizes), kept = first;
    for (size_t i = first; i < list->count; i++)
        sizes[leaders[i]]++;
    for (size_t i = first; i < list->count; i++)
        if (leaders[i] == i && sizes[i] >= GROUP_FROM)
            name_all(situation, kinds[i], leaders, i, list);
    for (size_t i = first; i < list->count; i++) {
        bool speaks = leaders[i] == i || sizes[leaders[i]] < GROUP_FROM;
        *(speaks ? &list->items[kept++] : LIST_ADD(&said)) = list->items[i];
    }
    list->count = kept;
    free(kinds);
    free(leaders);
    free(sizes);
}
