#include "executor/cutover/marker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/record/history.h"
#include "executor/site/orders.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"
#include "schemas/observed/fence.h"

#define EVERY_MS 1000
#define ANSWER_MS 60000 /* beyond the interval, for servers that are slow to answer */

void markers_clear(struct markers *markers) {
    for (size_t i = 0; i < markers->count; i++) {
        struct marker *marker = &markers->items[i];
        free(marker->address);
        free(marker->setting);
        free(marker->before);
        free(marker->set);
        free(marker->other);
        free(marker->found);
    }
    free(markers->items);
    *markers = (struct markers){ 0 };
}

static const char *file_of(const struct site *site) {
    return site->config_file ? site->config_file : "FILE";
}

static bool refuse_used(const struct site *site, const char *address,
                        const struct fence_values *values, struct error *err) {
    error_set(err, ERROR_BLOCKED, "no marker is set: something else uses %s on '%s' (it is %s)",
              values->write_name, address, values->write);
    return error_hint(err,
                      "find out what sets it, and stop it until the migration is over if it does "
                      "so repeatedly; without a marker: ecmig drill %s",
                      file_of(site));
}

static bool choose(struct site *site, struct markers *out, struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 };
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    site_list(site, SITE_NODES, &nodes);
    if (!fence_read(&nodes, &now, err))
        return false;
    for (size_t i = 0; i < now.count; i++) {
        const struct fence_values *values = &now.items[i];
        const char *address = site->nodes.items[i].address;
        if (strcmp(values->write, "0") != 0)
            return refuse_used(site, address, values, err);
        *LIST_ADD(out) = (struct marker){ .address = xstrdup(address),
                                          .setting = xstrdup(values->lag_name),
                                          .before = xstrdup(values->lag),
                                          .set = marker_value(values->lag) };
    }
    return true;
}

static bool record(struct site *site, const char *state, struct json *data, struct error *err) {
    AUTO(string_free) char *subject = xasprintf("drill %s", state);
    json_put_string(data, "state", state);
    json_put_string(data, "actor", site->actor);
    return journal_record(site->journal, subject,
                          &(struct journal_fact){ .type = JOURNAL_DRILL, .data = data }, err);
}

static bool record_marking(struct site *site, const struct markers *markers, struct error *err) {
    AUTO(json_free) struct json *data = json_new_object();
    struct json *list = json_new_object();
    for (size_t i = 0; i < markers->count; i++) {
        const struct marker *marker = &markers->items[i];
        struct json *one = json_new_object();
        json_put_string(one, "setting", marker->setting);
        json_put_string(one, "before", marker->before);
        json_put_string(one, "set", marker->set);
        json_put(list, marker->address, one);
    }
    json_put(data, "markers", list);
    return record(site, "marking", data, err);
}

static bool set(struct site *site, const struct markers *markers, struct error *err) {
    AUTO(orders_clear) struct orders orders = { 0 };
    for (size_t i = 0; i < markers->count; i++)
        orders_add(&orders, site->nodes.items[i].connection, markers->items[i].setting,
                   markers->items[i].set);
    return orders_send(&orders, err) || error_wrap(err, "setting the marker");
}

static void judge(struct marker *marker, const struct fence_values *now, int64_t set_mono_ms) {
    bool used = now->write && strcmp(now->write, "0") != 0;
    if (!now->write || marker->found || (!used && strcmp(now->lag, marker->set) == 0))
        return;
    marker->other = xstrdup(used ? now->write_name : now->lag_name);
    marker->found = xstrdup(used ? now->write : now->lag);
    marker->found_at_ms = clock_wall_ms();
    marker->back_after_ms = clock_mono_ms() - set_mono_ms;
}

/* A node that does not answer may be restarting; the last look needs all of them. */
static bool look(struct site *site, struct markers *markers, int64_t set_mono_ms, bool last,
                 struct error *err) {
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    bool fine = cutover_see_fences(site, &now, err);
    markers->set_back = 0;
    for (size_t i = 0; i < now.count && i < markers->count; i++) {
        judge(&markers->items[i], &now.items[i], set_mono_ms);
        markers->set_back += markers->items[i].found != NULL;
    }
    markers->waited_ms = clock_mono_ms() - set_mono_ms;
    if (!fine && !last && (err->code == ERROR_UNREACHABLE || err->code == ERROR_DEADLINE))
        error_clear(err);
    return err->code == ERROR_NONE;
}

static bool watch(struct step_run *run, int64_t interval_ms, struct markers *markers,
                  struct error *err) {
    int64_t set_mono_ms = clock_mono_ms();
    for (;;) {
        int64_t left_ms = set_mono_ms + interval_ms - clock_mono_ms();
        if (left_ms <= 0 || markers->set_back == markers->count)
            return look(run->site, markers, set_mono_ms, true, err);
        AUTO(string_free) char *left = units_duration(left_ms);
        step_progress(run, "a marker (%s) is set on %zu of %zu source nodes, %s left",
                      markers->items[0].setting, markers->count - markers->set_back, markers->count,
                      left);
        if (!step_wait(run, left_ms < EVERY_MS ? left_ms : EVERY_MS, err) ||
            !look(run->site, markers, set_mono_ms, false, err))
            return false;
    }
}

static const struct pair *marker_of(const struct pairs *before, const char *address,
                                    const char *setting) {
    AUTO(string_free) char *name = xasprintf("%s %s", address, setting);
    for (size_t i = 0; i < before->count; i++)
        if (strcmp(before->items[i].name, name) == 0)
            return &before->items[i];
    return NULL;
}

/* The marker that still stands on that node, or NULL. Under a fence it stays: a lag limit of 0
 * would disable that. `before` as observed_history.markers. */
static const struct pair *standing(const struct site *site, size_t index,
                                   const struct fence_values *values, const struct pairs *before) {
    const struct pair *marker =
        marker_of(before, site->nodes.items[index].address, values->lag_name);
    AUTO(string_free) char *ours = marker ? marker_value(marker->value) : NULL;
    bool stands = ours && strcmp(values->lag, ours) == 0 && !fence_is_any(values->write);
    return stands ? marker : NULL;
}

/* Read back: what is said of it afterwards is what stands there. */
static bool all_off(const struct site *site, const struct many *nodes, const struct pairs *before,
                    struct error *err) {
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    if (!fence_read(nodes, &now, err))
        return false;
    for (size_t i = 0; i < now.count; i++)
        if (standing(site, i, &now.items[i], before))
            return error_set(err, ERROR_FAILED, "%s on '%s' still reads %s", now.items[i].lag_name,
                             site->nodes.items[i].address, now.items[i].lag);
    return true;
}

/* Only a value that is still ours is given back. */
static bool take_off(struct site *site, const struct pairs *before, struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 };
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    AUTO(orders_clear) struct orders orders = { 0 };
    if (!site_source(site, SITE_NODES, err) ||
        !journal_confirm_lock(site->journal, JOURNAL_FRESH_MS, err))
        return false;
    site_list(site, SITE_NODES, &nodes);
    if (!fence_read(&nodes, &now, err))
        return false;
    for (size_t i = 0; i < now.count; i++) {
        const struct pair *marker = standing(site, i, &now.items[i], before);
        if (marker)
            orders_add(&orders, nodes.items[i], now.items[i].lag_name, marker->value);
    }
    return orders_send(&orders, err) && all_off(site, &nodes, before, err);
}

static bool take_off_and_record(struct site *site, const struct pairs *before, const char *state,
                                struct json *data, struct error *err) {
    if (take_off(site, before, err) && record(site, state, data, err))
        return true;
    error_wrap(err, "removing the drill's marker");
    return error_hint(err,
                      "it has no effect; 'ecmig drill %s' and 'ecmig apply %s' remove it first",
                      file_of(site), file_of(site));
}

static void put_seen(const struct markers *markers, struct json *data) {
    AUTO(strings_clear) struct strings names = { 0 };
    for (size_t i = 0; i < markers->count; i++)
        if (markers->items[i].found)
            strings_addf(&names, "%s %s", markers->items[i].address, markers->items[i].other);
    json_put_int(data, "watched_ms", markers->waited_ms);
    if (names.count)
        json_put_strings(data, "set_back", &names);
}

static bool blame_for(const struct site *site, struct error *err) {
    return error_hint(err,
                      "it would also remove the fence: stop what applies its own settings there (a "
                      "Kubernetes operator, a chart, configuration management) until the migration "
                      "is over, then drill again: ecmig drill --reconcile 3m %s",
                      file_of(site));
}

/* Of those that the run raised, one went back meanwhile, as a warning has said. */
static bool blame_raised(const struct site *site, struct error *err) {
    error_set(err, ERROR_BLOCKED,
              "something else manages the source's settings: a setting that this run had "
              "raised was reset during the drill, and was set again");
    return blame_for(site, err);
}

static bool blame(const struct site *site, const struct markers *markers, struct error *err) {
    const struct marker *first = NULL;
    for (size_t i = 0; i < markers->count; i++)
        if (markers->items[i].found &&
            (!first || markers->items[i].back_after_ms < first->back_after_ms))
            first = &markers->items[i];
    if (!first)
        return true;
    AUTO(string_free) char *after = units_duration(first->back_after_ms);
    error_set(err, ERROR_BLOCKED,
              "something else manages the source's settings: %s on '%s' was set to %s after %s%s",
              first->other, first->address, first->found, after,
              markers->set_back > 1 ? ", and on others" : "");
    return blame_for(site, err);
}

static void list_before(const struct markers *markers, struct pairs *out) {
    for (size_t i = 0; i < markers->count; i++) {
        AUTO(string_free)
        char *name = xasprintf("%s %s", markers->items[i].address, markers->items[i].setting);
        pairs_set(out, name, markers->items[i].before);
    }
}

bool marker_watch(struct step_run *run, int64_t interval_ms, struct markers *out,
                  struct error *err) {
    struct site *site = run->site;
    AUTO(pairs_clear) struct pairs before = { 0 };
    AUTO(json_free) struct json *data = json_new_object();
    AUTO(error_clear) struct error left = { 0 };
    int64_t raised_back_mono_ms = site->settings_back_mono_ms;
    run->deadline_mono_ms = clock_mono_ms() + interval_ms + ANSWER_MS;
    if (!choose(site, out, err) || !record_marking(site, out, err))
        return false;
    bool fine = step_may_act(run, err) && set(site, out, err) && watch(run, interval_ms, out, err);
    if (fine && site->settings_back_mono_ms != raised_back_mono_ms)
        fine = blame_raised(site, err);
    put_seen(out, data);
    list_before(out, &before);
    const char *state = out->set_back ? "settings_set_back" : fine ? "settings_stay" : "unmarked";
    bool taken_off = take_off_and_record(site, &before, state, data, &left);
    if (fine && !taken_off)
        error_move(err, &left);
    return fine && taken_off && blame(site, out, err);
}

/* Of this run; else of one before it that was given up. */
static bool find_left(struct site *site, struct pairs *out, struct error *err) {
    const struct journal_state *state = journal_state(site->journal);
    const char *migration = site->config->migration;
    const struct journal_reading reading = { site->store, migration, site->policy };
    AUTO(strings_clear) struct strings runs = { 0 };
    AUTO(observed_clear) struct observed seen = { 0 };
    history_read_markers(state->markers, out);
    if (state->markers || state->marker_ended)
        return true;
    if (!journal_runs(site->store, migration, &runs, err))
        return false;
    if (runs.count < 2)
        return true;
    if (!history_read(&reading, &seen.history, err))
        return false;
    for (size_t i = 0; i < seen.history.markers.count; i++)
        pairs_set(out, seen.history.markers.items[i].name, seen.history.markers.items[i].value);
    return true;
}

bool marker_end(struct site *site, struct error *err) {
    AUTO(pairs_clear) struct pairs before = { 0 };
    AUTO(json_free) struct json *data = json_new_object();
    return find_left(site, &before, err) &&
           (!before.count || take_off_and_record(site, &before, "unmarked", data, err));
}
