#include "executor/gates/settings.h"

#include <stdlib.h>
#include <string.h>

#include "executor/steps/setting.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define EVERY_MS 1000
#define SETTLED_MS 3000 /* how long one that was set again has to stand before the gate opens */
#define SETTLING_MS 200

enum place { AT_GATE, IN_WAIT, IN_CUTOVER };

/* One pass over the settings of the run. */
struct round {
    struct site *site;
    enum place place;
    int64_t deadline_mono_ms;
    struct strings again; /* "HOST:PORT name" that were set again */
};

static const char *file_of(const struct step_run *run) {
    return run->site->config_file ? run->site->config_file : "FILE";
}

/* Somebody else's value was chosen for a reason, and is not overwritten. */
static bool refuse(const struct step_run *run, const struct setting_node *node, struct error *err) {
    error_set(err, ERROR_STALE, "'%s' on '%s' is '%s'; %s set it to '%s'",
              plan_step_setting(run->step), node->address, node->value, run->step->id, node->after);
    return error_hint(
        err, "set it to '%s' and apply again, or plan the rest with this value: ecmig plan %s",
        node->after, file_of(run));
}

static bool put_on_record(const struct step_run *run, const struct setting_node *node, bool refused,
                          struct error *err) {
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "setting_back");
    json_put_string(data, "setting", plan_step_setting(run->step));
    json_put_string(data, "node", node->address);
    json_put_string(data, "found", node->value);
    json_put_string(data, "wanted", node->after);
    json_put_bool(data, "refused", refused);
    return journal_add(
        run->site->journal,
        &(struct journal_fact){ .type = JOURNAL_CHECKPOINT, .step = run->step->key, .data = data },
        err);
}

/* Once may be a restart, or a person. Twice is a program that does so again after the fence. */
static bool refuse_manager(const struct step_run *run, const struct setting_node *node,
                           int64_t first_at_ms, struct error *err) {
    char first[CLOCK_TEXT_BYTES], now[CLOCK_TEXT_BYTES];
    clock_format_seconds(first_at_ms, first);
    clock_format_seconds(clock_wall_ms(), now);
    if (!put_on_record(run, node, true, err))
        return false;
    error_set(err, ERROR_STALE,
              "something else manages the source's settings: '%s' on '%s' was reset to '%s' "
              "at %s, was set to '%s' again, and is back at '%s' at %s",
              plan_step_setting(run->step), node->address, node->value, first, node->after,
              node->value, now);
    return error_hint(err,
                      "it would also remove the fence: pause what applies its own settings there "
                      "(a Kubernetes operator, a chart, configuration management), or have it set "
                      "'%s', then apply again: ecmig apply %s",
                      node->after, file_of(run));
}

static void say_again(const struct step_run *run, const struct setting_node *node,
                      struct strings *again) {
    strings_addf(again, "%s %s", node->address, plan_step_setting(run->step));
    events_warn(run->site->events, run->step->id,
                "'%s' on '%s' was reset to '%s' and is set to '%s' again: if an operator or "
                "configuration management applies its own settings there, stop it before the "
                "cutover, because it would also remove the fence",
                plan_step_setting(run->step), node->address, node->value, node->after);
}

static const char *before_of(const struct step_run *run, const char *address) {
    const struct json *before = run->intent ? json_find(run->intent, "before") : NULL;
    return json_find_string(before, address);
}

/* Whether the node has to be told again, in node->ordered. */
static bool judge(const struct round *round, const struct step_run *run, struct setting_node *node,
                  struct error *err) {
    const char *before = before_of(run, node->address);
    if (!node->value || strcmp(node->value, node->after) == 0)
        return true;
    if (!before || strcmp(node->value, before) != 0)
        return round->place != AT_GATE || refuse(run, node, err);
    int64_t first_at_ms = journal_setting_back_at(journal_state(run->site->journal),
                                                  plan_step_setting(run->step), node->address);
    if (first_at_ms && round->place != IN_CUTOVER)
        return refuse_manager(run, node, first_at_ms, err);
    node->ordered = true;
    return true;
}

/* A node that does not say is judged by those who need its answer. */
static bool stands(struct round *round, struct step_run *run, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes nodes = { 0 };
    size_t ordered = 0;
    if (!setting_read(run, &nodes, err))
        return false;
    for (size_t i = 0; i < nodes.count; i++) {
        struct setting_node *node = &nodes.items[i];
        if (!judge(round, run, node, err))
            return false;
        ordered += node->ordered;
        if (!node->ordered)
            continue;
        say_again(run, node, &round->again);
        if (!put_on_record(run, node, false, err))
            return false;
        round->site->settings_back_mono_ms = clock_mono_ms();
    }
    return !ordered || setting_apply(run, &nodes, err);
}

static bool look(struct round *round, struct error *err) {
    struct site *site = round->site;
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        const struct plan_step *step = &site->plan->core.steps.items[i];
        const struct journal_step *known =
            journal_step_find(journal_state(site->journal), step->key);
        if (step->kind != STEP_SOURCE_SETTING || !known || known->state != PROGRESS_DONE)
            continue;
        AUTO(json_free) struct json *evidence = json_new_object();
        struct step_run run = { .site = site,
                                .step = step,
                                .evidence = evidence,
                                .intent = known->intent,
                                .deadline_mono_ms = round->deadline_mono_ms };
        if (!stands(round, &run, err))
            return false;
    }
    site->settings_mono_ms = clock_mono_ms();
    return true;
}

/* A program that resets it at short intervals is found here, and not behind the fence. */
static bool settle(struct round *round, struct error *err) {
    struct site *site = round->site;
    while (site->settings_back_mono_ms &&
           clock_mono_ms() - site->settings_back_mono_ms < SETTLED_MS) {
        stop_sleep(site->stop, SETTLING_MS);
        if (stop_wanted(site->stop))
            return error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(site->stop));
        if (!look(round, err))
            return false;
    }
    return true;
}

bool settings_stand(struct step_run *gate, struct error *err) {
    struct round round = { .site = gate->site,
                           .place = AT_GATE,
                           .deadline_mono_ms = gate->deadline_mono_ms };
    bool fine = look(&round, err) && settle(&round, err);
    if (round.again.count)
        json_put_strings(gate->evidence, "settings_set_again", &round.again);
    strings_clear(&round.again);
    return fine;
}

static bool is_away(const struct error *err) {
    return err->code == ERROR_UNREACHABLE || err->code == ERROR_DEADLINE;
}

static bool look_in_time(struct site *site, enum place place, struct error *err) {
    int64_t now_mono_ms = clock_mono_ms();
    struct round round = { .site = site,
                           .place = place,
                           .deadline_mono_ms = now_mono_ms + site->config->source.timeout_ms };
    if (!site->journal || site->plan->core.mode != PLAN_MIGRATE || !site->nodes.count ||
        (site->settings_mono_ms && now_mono_ms - site->settings_mono_ms < EVERY_MS))
        return true;
    site->settings_mono_ms = now_mono_ms;
    bool fine = look(&round, err);
    strings_clear(&round.again);
    return fine;
}

bool settings_watch(struct site *site, struct error *err) {
    const struct journal_state *state = site->journal ? journal_state(site->journal) : NULL;
    if (!state || state->cutover != JOURNAL_MARK_COUNT || look_in_time(site, IN_WAIT, err))
        return true;
    if (!is_away(err))
        return false;
    error_clear(err);
    return true;
}

void settings_keep(struct site *site, bool at_once) {
    AUTO(error_clear) struct error failure = { 0 };
    const struct journal_state *state = site->journal ? journal_state(site->journal) : NULL;
    if (at_once)
        site->settings_mono_ms = 0;
    if (!state || journal_progress_of(state, step_key_audit) == PROGRESS_DONE ||
        look_in_time(site, IN_CUTOVER, &failure) || is_away(&failure))
        return;
    events_warn(site->events, NULL, "a setting of the source could not be kept: %s",
                failure.message);
}
