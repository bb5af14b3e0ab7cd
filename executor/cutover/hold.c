/* The hold: writers wait, on every shard at once, and the waits within the section keep it alive.
 */
#include "executor/cutover/cutover.h"
#include "executor/cutover/hook.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define HOLD_MS "10000" /* renewed every 3 s, and over by itself when we die */
#define HOLD_RENEW_MS 3000

static bool is_by_hook(const struct site *site) {
    return site->config->cutover.writes == WRITES_HOOK;
}

/* An abort has no step that holds, but one that starts the writers. */
static const char *hold_step(const struct site *site) {
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        enum step_kind kind = site->plan->core.steps.items[i].kind;
        if (kind == STEP_HOLD || kind == STEP_START_WRITERS)
            return site->plan->core.steps.items[i].id;
    }
    return "";
}

static bool pause_primaries(struct site *site, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    bool held =
        many_call(&primaries, REDIS_NOW, NULL, err, "CLIENT", "PAUSE", HOLD_MS, "WRITE", NULL);
    moment("after CLIENT PAUSE");
    return held;
}

static bool stop_writers(struct site *site, struct error *err) {
    const struct config_hook *hook = &site->config->cutover.hold;
    return hook_is_done(site, hold_step(site), hook) ||
           hook_run(site, hold_step(site), hook, &hook->run, cutover_hooks(site->cutover), err);
}

bool cutover_hold(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    int64_t now_mono_ms = clock_mono_ms();
    if (!cutover->held)
        cutover->held_mono_ms = now_mono_ms;
    /* Also where only some of them are held: then there is something to release. */
    cutover->held = true;
    if (!(is_by_hook(site) ? stop_writers(site, err) : pause_primaries(site, err)))
        return error_wrap(err, "holding the writers");
    cutover->renewed_mono_ms = now_mono_ms;
    return true;
}

bool cutover_renew_hold(struct site *site, struct error *err) {
    const struct cutover *cutover = site->cutover;
    bool due = cutover->held && clock_mono_ms() - cutover->renewed_mono_ms >= HOLD_RENEW_MS;
    return !due || is_by_hook(site) || cutover_hold(site, err);
}

static bool unpause_primaries(struct site *site, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    bool released = many_call(&primaries, REDIS_NOW, NULL, err, "CLIENT", "UNPAUSE", NULL);
    moment("after CLIENT UNPAUSE");
    return released;
}

static bool start_writers(struct site *site, struct error *err) {
    const struct config_hook *hook = &site->config->cutover.hold;
    return hook_run(site, hold_step(site), hook, &hook->undo, cutover_hooks(site->cutover), err);
}

bool cutover_release(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    if (!cutover->held)
        return true;
    if (!(is_by_hook(site) ? start_writers(site, err) : unpause_primaries(site, err)))
        return error_wrap(err, "releasing the writers");
    cutover->held = false;
    if (cutover->held_mono_ms)
        cutover->waited_ms = clock_mono_ms() - cutover->held_mono_ms;
    return true;
}

bool cutover_start_writers(struct site *site, struct json *record, struct error *err) {
    AUTO(cutover_free) struct cutover *cutover = xcalloc(1, sizeof *cutover);
    cutover->held = true;
    site->cutover = cutover;
    bool started = cutover_release(site, err);
    site->cutover = NULL;
    cutover_put_hooks(cutover, record);
    return started;
}

bool cutover_wait(struct site *site, int64_t milliseconds, int64_t deadline_mono_ms,
                  struct error *err) {
    struct cutover *cutover = site->cutover;
    cutover_say_interrupted(site);
    if (stop_insisted(site->stop)) {
        bool refused = cutover->fenced;
        if (cutover->held && !refused && !cutover_release(site, err))
            return false;
        error_set(err, ERROR_ABORTED, "interrupted a second time inside the cutover: %s",
                  refused ? "THE WRITERS ARE STILL REFUSED" : "the writers have the source");
        return error_hint(err, "resolve it now with the same command: ecmig apply %s",
                          site->config_file ? site->config_file : "FILE");
    }
    if (clock_mono_ms() >= deadline_mono_ms)
        return error_set(err, ERROR_DEADLINE, "the time limit of the cutover has passed");
    clock_sleep_ms(milliseconds);
    return cutover_watch(site, err) && cutover_renew_hold(site, err);
}
