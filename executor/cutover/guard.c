#include "executor/cutover/guard.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define AWAY_EVERY_MS (10 * 1000)    /* of a node that does not answer: it holds up the others */
#define CURRENT_EVERY_MS (60 * 1000) /* the record is read for it */
#define SAY_EVERY_MS (60 * 1000)

static void fence_guard_node_clear(struct fence_guard_node *node) {
    free(node->run_id);
    free(node->problem);
}

void fence_guard_clear(struct fence_guard *guard) {
    if (!guard)
        return;
    LIST_CLEAR(&guard->nodes, fence_guard_node_clear);
    fence_standing_clear(&guard->standing);
    *guard = (struct fence_guard){ 0 };
}

static struct json *node_json(const struct fence_guard *guard, size_t index) {
    const struct fence_guard_node *node = &guard->nodes.items[index];
    struct json *entry = json_new_object();
    json_put_string(entry, "node", guard->standing.nodes.items[index].address);
    json_put_bool(entry, "stands", guard->standing.nodes.items[index].stands);
    json_put_int(entry, "stood_at_ms", node->stood_at_ms);
    json_put_int(entry, "times_missing", node->times);
    json_put_int(entry, "missing_ms", node->missing_ms);
    json_put_int(entry, "changes", node->changes);
    json_put_bool(entry, "changes_counted", !node->uncounted);
    json_put_string(entry, "problem", guard->standing.nodes.items[index].problem);
    return entry;
}

struct json *fence_guard_json(const struct fence_guard *guard) {
    struct json *nodes = json_new_array();
    for (size_t i = 0; i < guard->nodes.count; i++)
        json_append(nodes, node_json(guard, i));
    return nodes;
}

static bool has_restarted(const struct fence_guard_node *node,
                          const struct fence_standing_node *seen) {
    return node->run_id && seen->run_id && strcmp(node->run_id, seen->run_id) != 0;
}

/* The likely cause. One that comes repeatedly is a program, not an operator. */
static char *name_cause(const struct fence_guard_node *node, const struct fence_standing_node *seen,
                        int64_t now_ms) {
    if (has_restarted(node, seen))
        return xstrdup(
            "the server was restarted, and its configuration file does not contain the fence");
    if (!node->last_lifted_at_ms)
        return xstrdup(
            "the likely cause is a program that manages this setting, such as a Kubernetes "
            "operator, a chart or configuration management; or you lifted the fence");
    AUTO(string_free) char *between = units_duration(now_ms - node->last_lifted_at_ms);
    return xasprintf("it was reset %s after the last time: stop the program that manages this "
                     "setting, such as a Kubernetes operator, a chart or configuration management",
                     between);
}

static void say_missing(struct fence_guard *guard, size_t index, int64_t now_ms) {
    const struct fence_guard_node *node = &guard->nodes.items[index];
    const struct fence_standing_node *seen = &guard->standing.nodes.items[index];
    AUTO(string_free) char *cause = name_cause(node, seen, now_ms);
    AUTO(text_clear) struct text stood = { 0 };
    struct json *data = node_json(guard, index);
    json_put_string(data, "state", "fence_missing");
    json_put_string(data, "found", seen->values.write);
    json_put_string(data, "found_lag", seen->values.lag);
    json_put_string(data, "cause", cause);
    json_put_bool(data, "restarted", has_restarted(node, seen));
    if (node->stood_at_ms) {
        char when[CLOCK_TEXT_BYTES];
        clock_format_seconds(node->stood_at_ms, when);
        text_addf(&stood, "it was last seen at %s", when);
    } else {
        text_add(&stood, "it was missing at the first check");
    }
    events_emit(
        guard->events,
        &(struct event_fact){
            .kind = EVENT_WRITES, .level = SEVERITY_ERROR, .state = "accepted", .data = data },
        "the fence is MISSING on '%s', which accepts writes that the target does not get: "
        "min-replicas-to-write is %s, min-replicas-max-lag %s; %s. %s",
        seen->address, seen->values.write, seen->values.lag, text_string(&stood), cause);
}

/* What the source accepted since the fence was last seen. Its counter starts again when it saves,
 * and one that became a replica meanwhile tells of its primary. */
static void count_changes(struct fence_guard_node *node, const struct fence_standing_node *seen) {
    if (seen->is_replica && (node->was_replica || !node->stood_at_ms))
        return;
    int64_t before = node->changes_before;
    bool whole = before >= 0 && seen->changes >= before && !has_restarted(node, seen) &&
                 !seen->is_replica && seen->saved_at_s == node->saved_before_s;
    node->changes += seen->changes < 0 ? 0 : whole ? seen->changes - before : 0;
    if (before >= 0 && !whole && seen->changes > 0)
        node->changes += seen->changes; /* since the restart, or since it was saved */
    node->uncounted |= !whole;
}

static char *changes_words(const struct fence_guard_node *node) {
    if (node->changes)
        return xasprintf("%s%" PRId64 " changes that the target does not have",
                         node->uncounted ? "at least " : "", node->changes);
    return xstrdup(node->uncounted ? "an unknown number of changes" : "no change");
}

static void note_standing(struct fence_guard_node *node, const struct fence_standing_node *seen) {
    node->stood_at_ms = clock_wall_ms();
    node->changes_before = seen->changes;
    node->saved_before_s = seen->saved_at_s;
    node->was_replica = seen->is_replica;
    string_replace(&node->run_id, seen->run_id);
}

static void note_found_again(struct fence_guard *guard, size_t index, bool by_us) {
    struct fence_guard_node *node = &guard->nodes.items[index];
    const struct fence_standing_node *seen = &guard->standing.nodes.items[index];
    int64_t now_ms = clock_wall_ms();
    int64_t since_ms = node->stood_at_ms ? node->stood_at_ms : node->missing_since_ms;
    int64_t away_ms = now_ms > since_ms ? now_ms - since_ms : 0;
    count_changes(node, seen);
    node->missing_ms += away_ms;
    node->last_lifted_at_ms = now_ms;
    node->missing_since_ms = 0;
    struct json *data = node_json(guard, index);
    AUTO(string_free) char *away = units_duration(away_ms);
    AUTO(string_free) char *changes = changes_words(node);
    json_put_string(data, "state", by_us ? "fence_set_again" : "fence_back");
    events_emit(
        guard->events,
        &(struct event_fact){
            .kind = EVENT_WRITES, .level = SEVERITY_WARNING, .state = "refused", .data = data },
        "the fence on '%s' %s; it was missing for up to %s, and the source accepted %s",
        seen->address, by_us ? "is set again" : "is set again by itself", away, changes);
    note_standing(node, seen);
}

static void say_problem(struct fence_guard *guard, size_t index) {
    struct fence_guard_node *node = &guard->nodes.items[index];
    const struct fence_standing_node *seen = &guard->standing.nodes.items[index];
    const char *problem = seen->problem;
    if (!problem && !seen->stands && !fence_standing_node_is_missing(seen))
        problem = "it carries the fence of another run, which is left as it is";
    if (!string_same(problem, node->problem)) {
        struct json *data = node_json(guard, index);
        json_put_string(data, "state", problem ? "unknown" : "answers");
        events_emit(guard->events,
                    &(struct event_fact){ .kind = EVENT_DIAGNOSTIC,
                                          .level = problem ? SEVERITY_WARNING : SEVERITY_NOTE,
                                          .data = data },
                    "'%s' %s%s", seen->address, problem ? "cannot be checked: " : "answers again",
                    problem ? problem : "");
    }
    string_replace(&node->problem, problem);
    node->asked_mono_ms = clock_mono_ms();
}

static void judge(struct fence_guard *guard, size_t index) {
    struct fence_guard_node *node = &guard->nodes.items[index];
    const struct fence_standing_node *seen = &guard->standing.nodes.items[index];
    int64_t now_ms = clock_wall_ms();
    say_problem(guard, index);
    if (seen->stands && node->missing_since_ms)
        note_found_again(guard, index, false);
    else if (seen->stands)
        note_standing(node, seen);
    else if (fence_standing_node_is_missing(seen) && !node->missing_since_ms) {
        node->times++;
        node->missing_since_ms = now_ms;
        say_missing(guard, index, now_ms);
    }
}

static bool is_current(struct fence_guard *guard, struct error *err) {
    AUTO(error_clear) struct error failure = { 0 };
    if (guard->is_current(guard->context, &failure))
        return true;
    if (failure.code == ERROR_STALE) {
        error_move(err, &failure);
        return false;
    }
    events_warn(guard->events, NULL, "the record cannot be read: %s", failure.message);
    return true;
}

/* Reading the record took a while: only what is missing still is set. */
static bool set_again(struct fence_guard *guard, bool *missing, struct error *err) {
    if (!is_current(guard, err))
        return false;
    fence_standing_ask(guard->source, missing, &guard->standing);
    for (size_t i = 0; i < guard->nodes.count; i++)
        missing[i] = missing[i] && fence_standing_node_is_missing(&guard->standing.nodes.items[i]);
    fence_standing_set(guard->source, missing, &guard->standing);
    for (size_t i = 0; i < guard->nodes.count; i++)
        if (missing[i] && guard->standing.nodes.items[i].stands)
            note_found_again(guard, i, true);
        else if (missing[i])
            say_problem(guard, i);
    return true;
}

static bool look(struct fence_guard *guard, struct error *err) {
    size_t count = guard->nodes.count, missing_count = 0;
    bool *asked = xcalloc(count + 1, sizeof *asked), *missing = xcalloc(count + 1, sizeof *missing);
    for (size_t i = 0; i < count; i++)
        asked[i] = !guard->nodes.items[i].problem ||
                   clock_mono_ms() - guard->nodes.items[i].asked_mono_ms >= AWAY_EVERY_MS;
    fence_standing_ask(guard->source, asked, &guard->standing);
    for (size_t i = 0; i < count; i++) {
        if (!asked[i])
            continue;
        judge(guard, i);
        missing[i] = fence_standing_node_is_missing(&guard->standing.nodes.items[i]);
        missing_count += missing[i];
    }
    bool fine = !guard->keep || !missing_count || set_again(guard, missing, err);
    guard->looks++;
    free(asked);
    free(missing);
    return fine;
}

static void say_alive(struct fence_guard *guard) {
    size_t stands = 0;
    for (size_t i = 0; i < guard->nodes.count; i++)
        stands += guard->standing.nodes.items[i].stands;
    struct json *data = json_new_object();
    json_put(data, "nodes", fence_guard_json(guard));
    events_emit(guard->events, &(struct event_fact){ .kind = EVENT_OBSERVED, .data = data },
                "the fence is set on %zu of %zu source nodes", stands, guard->nodes.count);
}

static bool judge_changes(const struct fence_guard *guard, struct error *err) {
    bool uncounted = false;
    int64_t changes = 0;
    for (size_t i = 0; i < guard->nodes.count; i++) {
        uncounted |= guard->nodes.items[i].uncounted || guard->nodes.items[i].missing_since_ms;
        changes += guard->nodes.items[i].changes;
    }
    if (!uncounted && !changes)
        return true;
    if (changes)
        error_set(err, ERROR_STEP_FAILED,
                  "the source accepted %s%" PRId64 " changes while the fence was missing",
                  uncounted ? "at least " : "", changes);
    else
        error_set(err, ERROR_UNPROVEN,
                  "the fence was missing, and the source may have accepted writes meanwhile");
    return error_hint(err,
                      "those writes are on the source only: keep it, and compare it with the "
                      "target: ecmig verify %s",
                      guard->words);
}

static bool judge_end(struct fence_guard *guard, struct error *err) {
    for (size_t i = 0; i < guard->nodes.count; i++)
        if (guard->nodes.items[i].missing_since_ms && !guard->standing.nodes.items[i].problem)
            count_changes(&guard->nodes.items[i], &guard->standing.nodes.items[i]);
    for (size_t i = 0; guard->once && !guard->keep && i < guard->nodes.count; i++)
        if (guard->nodes.items[i].missing_since_ms) {
            error_set(err, ERROR_BLOCKED, "the fence is missing on '%s', which accepts writes",
                      guard->standing.nodes.items[i].address);
            return error_hint(err, "set it again: ecmig watch-fence --keep %s", guard->words);
        }
    if (!judge_changes(guard, err))
        return false;
    bool over = guard->once || (guard->end_mono_ms && clock_mono_ms() >= guard->end_mono_ms);
    if (!over) {
        error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(guard->stop));
        return error_hint(
            err, "the fence is unchanged, and it is no longer watched: ecmig watch-fence %s%s",
            guard->keep ? "--keep " : "", guard->words);
    }
    for (size_t i = 0; i < guard->nodes.count; i++)
        if (guard->standing.nodes.items[i].problem)
            return error_set(err, ERROR_UNREACHABLE, "'%s': %s",
                             guard->standing.nodes.items[i].address,
                             guard->standing.nodes.items[i].problem);
    return true;
}

bool fence_guard_watch(struct fence_guard *guard, struct error *err) {
    int64_t current_mono_ms = clock_mono_ms(), said_mono_ms = 0;
    while (guard->nodes.count < guard->standing.nodes.count)
        LIST_ADD(&guard->nodes)->changes_before = -1;
    for (;;) {
        int64_t begun_mono_ms = clock_mono_ms();
        if (!look(guard, err))
            return false;
        if (!said_mono_ms || begun_mono_ms - said_mono_ms >= SAY_EVERY_MS) {
            say_alive(guard);
            said_mono_ms = begun_mono_ms;
        }
        int64_t next_mono_ms = begun_mono_ms + guard->every_ms, now_mono_ms = clock_mono_ms();
        if (guard->end_mono_ms && next_mono_ms > guard->end_mono_ms)
            next_mono_ms = guard->end_mono_ms;
        if (!guard->once && next_mono_ms > now_mono_ms)
            stop_sleep(guard->stop, next_mono_ms - now_mono_ms);
        bool over = guard->end_mono_ms && clock_mono_ms() >= guard->end_mono_ms;
        if (guard->once || over || stop_wanted(guard->stop))
            return judge_end(guard, err);
        if (clock_mono_ms() - current_mono_ms < CURRENT_EVERY_MS)
            continue;
        current_mono_ms = clock_mono_ms();
        if (!is_current(guard, err))
            return false;
    }
}
