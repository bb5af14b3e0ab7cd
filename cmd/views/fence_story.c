#include "cmd/views/fence_story.h"

#include <inttypes.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"
#include "schemas/plan/plan.h"

/* Of the last "sending": every source node had been read back then. */
static int64_t set_at(const struct journal_state *run) {
    const struct json *sent = run->marks[JOURNAL_MARK_SENDING].last;
    return sent ? json_find_int(sent, "refused_at_ms", 0) : 0;
}

static int64_t lifted_at(const struct journal_state *run) {
    const struct journal_mark *lifted = &run->marks[JOURNAL_MARK_LIFTED];
    return lifted->seq > run->marks[JOURNAL_MARK_SENDING].seq ? lifted->at_ms : 0;
}

/* The steps at whose end the fence is read, and set again where it is missing. */
static const struct journal_step *last_reader(const struct journal_state *run) {
    static const char *const keys[] = { step_key_keep_fence, step_key_keep_fence_in_memory,
                                        step_key_audit };
    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct journal_step *step = journal_step_find(run, keys[i]);
        if (step && step->state == PROGRESS_DONE)
            return step;
    }
    return NULL;
}

static void say_instant(const char *name, int64_t at_ms, const char *words, struct sheet *sheet) {
    char when[CLOCK_TEXT_BYTES];
    clock_format_seconds(at_ms, when);
    text_addf(sheet_label(sheet, name), "at %s%s", when, words);
}

static void say_missing(const struct json *missing, struct sheet *sheet) {
    char seen[CLOCK_TEXT_BYTES], missed[CLOCK_TEXT_BYTES];
    const char *node = json_find_string(missing, "node");
    const char *found = json_find_string(missing, "found");
    clock_format_seconds(json_find_int(missing, "seen_at_ms", 0), seen);
    clock_format_seconds(json_find_int(missing, "found_at_ms", 0), missed);
    text_addf(sheet_more(sheet), "%s: min-replicas-to-write was %s, last seen %s, found missing %s",
              node ? node : "?", found ? found : "?", seen, missed);
}

static void say_reset(const struct json *reset, struct sheet *sheet) {
    char again[CLOCK_TEXT_BYTES];
    const char *node = json_find_string(reset, "node");
    clock_format_seconds(json_find_int(reset, "set_at_ms", 0), again);
    text_addf(sheet_more(sheet), "%s: set again and read back %s", node ? node : "?", again);
}

void fence_story_fill(const struct journal_state *run, struct sheet *sheet) {
    const struct journal_step *reader = last_reader(run);
    int64_t set_at_ms = set_at(run), lifted_at_ms = lifted_at(run);
    if (!set_at_ms)
        return;
    text_add(sheet_heading(sheet), "fence");
    say_instant("set", set_at_ms, " on every source node", sheet);
    if (run->fence_missing_count) {
        AUTO(string_free) char *missing = units_duration(run->fence_missing_ms);
        text_addf(sheet_label(sheet, "missing"), "%" PRId64 " times, for up to %s in total",
                  run->fence_missing_count, missing);
    }
    for (size_t i = 0; i < run->fence_missing.count; i++)
        say_missing(run->fence_missing.items[i], sheet);
    for (size_t i = 0; i < run->fence_resets.count; i++)
        say_reset(run->fence_resets.items[i], sheet);
    if (lifted_at_ms)
        say_instant("lifted", lifted_at_ms, "", sheet);
    else if (reader) {
        AUTO(string_free) char *words = xasprintf(", at the end of %s", reader->key);
        say_instant("stood", reader->ended_at_ms, words, sheet);
        text_add(sheet_label(sheet, "now"), "see: ecmig status FILE");
    }
}

static void put_times(struct json *story, const char *name, struct json *const *items,
                      size_t count) {
    struct json *times = json_new_array();
    for (size_t i = 0; i < count; i++)
        if (items[i])
            json_append(times, json_share(items[i]));
    json_put(story, name, times);
}

struct json *fence_story_json(const struct journal_state *run) {
    struct json *story = json_new_object();
    const struct journal_step *reader = last_reader(run);
    json_put_int(story, "set_at_ms", set_at(run));
    json_put_int(story, "lifted_at_ms", lifted_at(run));
    json_put_int(story, "stood_at_ms", reader ? reader->ended_at_ms : 0);
    json_put_int(story, "missing_ms", run->fence_missing_ms);
    put_times(story, "missing", run->fence_missing.items, run->fence_missing.count);
    put_times(story, "set_again", run->fence_resets.items, run->fence_resets.count);
    return story;
}
