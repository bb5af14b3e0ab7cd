#include "executor/steps/comparison.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "executor/cutover/watch.h"
#include "executor/site/memory.h"
#include "executor/site/positions.h"
#include "executor/verify/checkpoint.h"
#include "executor/verify/pairs.h"
#include "executor/verify/replicas.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"
#include "schemas/observed/mark.h"
#include "schemas/observed/room.h"

#define RECORDED_COUNT ((size_t)20)
#define HOT_FILE_CEILING_BYTES ((size_t)256 << 20)

static bool own_path(struct site *site, const char *what, char **out, struct error *err) {
    AUTO(string_free) char *folder = NULL;
    if (!gitstore_private_folder(site->store, &folder, err))
        return false;
    AUTO(string_free) char *name = xasprintf("%s-%s.json", journal_run(site->journal), what);
    *out = path_join(folder, name);
    return true;
}

/* Of more than are kept by name the number is kept: those stay open for good. */
static bool remember(struct site *site, const struct verify_result *result, struct error *err) {
    const struct verify_keys *hot = &result->hot;
    AUTO(string_free) char *path = NULL;
    if (!own_path(site, "hot", &path, err))
        return false;
    if (!hot->count) {
        (void)unlink(path);
        return true;
    }
    AUTO(json_free) struct json *list = verify_keys_write(hot);
    struct json *rest = json_new_object();
    json_put_int(rest, "unnamed", result->keys_hot - (int64_t)hot->count);
    json_append(list, rest);
    AUTO(string_free) char *document = json_write(list, JSON_CANONICAL);
    return file_write(path, document, strlen(document), 0600, err);
}

static bool recall(struct site *site, struct verify_keys *out, int64_t *unnamed,
                   struct error *err) {
    AUTO(string_free) char *path = NULL;
    AUTO(text_clear) struct text document = { 0 };
    AUTO(json_free) struct json *list = NULL;
    if (!own_path(site, "hot", &path, err))
        return false;
    if (!path_exists(path))
        return true;
    if (!file_read(path, HOT_FILE_CEILING_BYTES, &document, err) ||
        !json_parse(document.bytes, document.length, path, &list, err))
        return false;
    verify_keys_read(list, out);
    *unnamed =
        json_count(list) ? json_find_int(json_at(list, json_count(list) - 1), "unnamed", 0) : 0;
    return true;
}

struct asking {
    struct step_run *run;
    int64_t start_mono_ms;
};

static bool progress(void *context, int64_t done, int64_t total) {
    const struct asking *asking = context;
    struct step_run *run = asking->run;
    AUTO(string_free)
    char *line = verify_progress_line(clock_mono_ms() - asking->start_mono_ms, done, total);
    if (total > 0)
        step_progress(run, "%s", line);
    if (step_kind_section(run->step->kind) == SECTION_CUTOVER) {
        cutover_watch_beside(run->site);
        return true;
    }
    AUTO(error_clear) struct error lost = { 0 };
    return step_keep_lock(run, &lost) && !stop_wanted(run->site->stop);
}

/* The record of the step has the sums; the file of the run has the shards and all that differs. */
static bool record(struct step_run *run, const char *name, const struct verify_result *result,
                   struct error *err) {
    struct verify_result sums = *result;
    sums.shards.count = 0;
    if (sums.mismatches.count > RECORDED_COUNT)
        sums.mismatches.count = RECORDED_COUNT;
    json_put(run->evidence, name, shape_write(&verify_result_shape, &sums));
    AUTO(json_free) struct json *whole = shape_write(&verify_result_shape, result);
    AUTO(string_free) char *document = json_write(whole, JSON_PRETTY);
    bool is_first = strcmp(name, "comparison") == 0 && !result->detached;
    AUTO(string_free)
    char *file =
        is_first ? xstrdup("verify.json") : xasprintf("evidence/%s-%s.json", run->step->id, name);
    return journal_attach(run->site->journal, file, document, strlen(document), NULL, err);
}

static bool conclude(struct step_run *run, const char *name, const struct verify_result *result,
                     struct error *err) {
    AUTO(string_free) char *line = verify_result_line(result);
    if (!record(run, name, result, err))
        return false;
    events_emit(run->site->events,
                &(struct event_fact){ .kind = EVENT_DIAGNOSTIC,
                                      .level = result->verdict == VERDICT_MISMATCH ? SEVERITY_ERROR
                                                                                   : SEVERITY_NOTE,
                                      .step = run->step->id },
                "%s", line);
    if (result->verdict != VERDICT_MISMATCH)
        return true;
    error_set(err, ERROR_FAILED, "source and target differ: %s", line);
    return error_hint(err, "to list them: ecmig verify %s",
                      run->site->config_file ? run->site->config_file : "FILE");
}

static bool find_pairs(struct site *site, struct verify_pairs *out, struct error *err) {
    AUTO(positions_clear) struct positions seen = { 0 };
    if (!positions_look(site, NULL, &seen, err))
        return false;
    verify_pairs_of(site, &seen, out);
    return true;
}

struct own_connections {
    struct many opened;
};

static void own_connections_close(struct own_connections *own) {
    for (size_t i = 0; i < own->opened.count; i++)
        redis_close(own->opened.items[i]);
    many_clear(&own->opened);
}
AUTO_VALUE(struct own_connections, own_connections_close)

/* The fence is watched over the site's connections while a comparison has replies under way: inside
 * the cutover the comparison reads the source over connections of its own. */
static bool separate(struct site *site, struct verify_pairs *pairs, struct own_connections *own,
                     struct error *err) {
    AUTO(strings_clear) struct strings addresses = { 0 };
    AUTO(string_free)
    char *name = mark_connection(journal_epoch(site->journal), journal_run(site->journal));
    for (size_t i = 0; i < pairs->count; i++)
        strings_add(&addresses, redis_name(pairs->items[i].source));
    if (!site_dial(site, &addresses, name, true, &own->opened, err))
        return error_wrap(err, "source");
    for (size_t i = 0; i < pairs->count; i++)
        pairs->items[i].source = own->opened.items[i];
    return true;
}

bool comparison_of_hot_keys(struct step_run *run, bool detached, int64_t deadline_mono_ms,
                            struct error *err) {
    struct site *site = run->site;
    AUTO(verify_keys_clear) struct verify_keys hot = { 0 };
    AUTO(verify_pairs_clear) struct verify_pairs pairs = { 0 };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    int64_t unnamed = 0;
    if (!recall(site, &hot, &unnamed, err))
        return false;
    if (!hot.count)
        return true;
    const struct verify_options options = { .mode = VERIFY_SAMPLE,
                                            .detached = detached,
                                            .deadline_mono_ms = deadline_mono_ms };
    if (!find_pairs(site, &pairs, err) || !verify_keys_pairs(&options, &pairs, &hot, &result, err))
        return false;
    result.keys_hot += unnamed;
    if (unnamed > 0 && result.verdict == VERDICT_EQUAL)
        result.verdict = VERDICT_OPEN;
    return conclude(run, "residual", &result, err);
}

bool comparison_run(struct step_run *run, const struct config_verify_step *asked, bool detached,
                    struct error *err) {
    struct site *site = run->site;
    AUTO(verify_pairs_clear) struct verify_pairs pairs = { 0 };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    AUTO(own_connections_close) struct own_connections own = { 0 };
    AUTO(string_free) char *checkpoint = NULL;
    bool in_section = step_kind_section(run->step->kind) == SECTION_CUTOVER;
    if (!site_source(site, SITE_PRIMARIES, err) || !site_targets(site, err) ||
        (!in_section && asked->mode != VERIFY_COUNT && !memory_allows(run->site, err)) ||
        !find_pairs(site, &pairs, err) || (in_section && !separate(site, &pairs, &own, err)) ||
        !own_path(site, detached ? "place-detached" : "place", &checkpoint, err))
        return false;
    struct asking asking = { run, clock_mono_ms() };
    const struct verify_options options = { .mode = asked->mode,
                                            .keys = asked->keys,
                                            .detached = detached,
                                            .max_source_share =
                                                detached ? 0 : ROOM_COMPARISON_SHARE,
                                            .checkpoint_path = checkpoint,
                                            .deadline_mono_ms = run->deadline_mono_ms,
                                            .progress = progress,
                                            .context = &asking };
    return verify_run_pairs(&options, &pairs, &result, err) &&
           (detached || remember(site, &result, err)) && conclude(run, "comparison", &result, err);
}
