#include "executor/steps/step.h"

#include <stdarg.h>
#include <string.h>

#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CHECKPOINT_EVERY_MS (5 * 60 * 1000)
#define PROGRESS_EVERY_MS 1000

static bool checkpoint(struct step_run *run, struct error *err) {
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "waiting");
    run->last_checkpoint_mono_ms = clock_mono_ms();
    AUTO(string_free) char *subject = xasprintf("%s %s continues", run->step->id, run->step->key);
    return journal_record_outcome(
        run->site->journal, subject,
        &(struct journal_fact){ .type = JOURNAL_CHECKPOINT, .step = run->step->key, .data = data },
        err);
}

bool step_keep_lock(struct step_run *run, struct error *err) {
    int64_t now_mono_ms = clock_mono_ms();
    if (!run->last_checkpoint_mono_ms)
        run->last_checkpoint_mono_ms = now_mono_ms;
    bool plain = step_kind_section(run->step->kind) == SECTION_PLAIN;
    return !plain ||
           now_mono_ms - run->last_checkpoint_mono_ms < moment_span_ms(CHECKPOINT_EVERY_MS) ||
           checkpoint(run, err);
}

bool step_wait(struct step_run *run, int64_t milliseconds, struct error *err) {
    stop_sleep(run->site->stop, milliseconds);
    const struct site_watch *watch = run->site->watch;
    if (watch)
        watch->beside(run->site);
    if (stop_wanted(run->site->stop))
        return error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(run->site->stop));
    if (clock_mono_ms() >= run->deadline_mono_ms)
        return error_set(err, ERROR_DEADLINE, "not done within %lld s",
                         (long long)run->step->timeout_s);
    return (!watch || watch->settings(run->site, err)) && step_keep_lock(run, err);
}

void step_progress(struct step_run *run, const char *format, ...) {
    int64_t now_mono_ms = clock_mono_ms();
    if (run->last_progress_mono_ms && now_mono_ms - run->last_progress_mono_ms < PROGRESS_EVERY_MS)
        return;
    run->last_progress_mono_ms = now_mono_ms;
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *message = xvasprintf(format, arguments);
    va_end(arguments);
    events_emit(run->site->events,
                &(struct event_fact){ .kind = EVENT_STEP_PROGRESS, .step = run->step->id }, "%s",
                message);
}

bool step_may_act(struct step_run *run, struct error *err) {
    return journal_confirm_lock(run->site->journal, JOURNAL_FRESH_MS, err);
}

bool step_event_mark(struct site *site, int64_t *at_ms, struct error *err) {
    AUTO(service_events_clear) struct service_events events = { 0 };
    if (!elasticache_events(site->service, site->config->target.replication_group, 0,
                            clock_mono_ms() + 30000, &events, err))
        return false;
    *at_ms = events.count ? events.items[events.count - 1].at_ms : 0;
    return true;
}

bool step_event_since(struct site *site, int64_t mark_ms, enum migration_event *kind,
                      int64_t *at_ms, char **message, struct error *err) {
    AUTO(service_events_clear) struct service_events events = { 0 };
    if (!elasticache_events(site->service, site->config->target.replication_group, mark_ms,
                            clock_mono_ms() + 30000, &events, err))
        return false;
    *kind = MIGRATION_EVENT_OTHER;
    for (size_t i = events.count; i-- > 0;) {
        enum migration_event seen = elasticache_classify(events.items[i].message);
        if (events.items[i].at_ms <= mark_ms)
            break;
        if (seen == MIGRATION_EVENT_OTHER || seen == MIGRATION_EVENT_STARTED)
            continue;
        *kind = seen;
        *at_ms = events.items[i].at_ms;
        string_replace(message, events.items[i].message);
        break;
    }
    return true;
}
