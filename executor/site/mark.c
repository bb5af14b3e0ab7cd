#include "executor/site/mark.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"

#define CALL_MS 30000
#define WATCH_EVERY_MS 10000
#define READ_BACK_TRIES 10 /* the service shows a tag a moment after it took it */
#define READ_BACK_MS 500

/* Whose mark a group carries, as far as that is told. */
struct group_mark {
    struct replication_group group;
    char *run, *record; /* NULL: none, or hidden */
    bool exists, hidden;
};

static void group_mark_clear(struct group_mark *mark) {
    replication_group_clear(&mark->group);
    free(mark->run);
    free(mark->record);
}
AUTO_VALUE(struct group_mark, group_mark_clear)

char *mark_own_record(const struct site *site) {
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(string_free) char *id = NULL, *place = gitstore_place(site->store), *where = NULL;
    char host[256] = "";
    if (!gitstore_root(site->store, &id, &ignored) || !id)
        return NULL;
    (void)gethostname(host, sizeof host - 1);
    if (!gitstore_is_remote(site->store))
        where = xasprintf("%s:%s", host, place);
    return mark_record(id, where ? where : place);
}

static bool mark_is_own(const struct site *site, const char *run) {
    const char *own = journal_run(site->journal);
    return own && run && strcmp(own, run) == 0;
}

bool mark_is_known(const struct site *site, const char *run) {
    AUTO(strings_clear) struct strings runs = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    return mark_is_own(site, run) ||
           (journal_runs(site->store, site->config->migration, &runs, &ignored) &&
            strings_has(&runs, run));
}

static bool is_foreign(const struct site *site, const char *run) {
    return run && *run && !mark_is_known(site, run) &&
           !(site->plan && plan_adopts(site->plan, run));
}

static bool refuse(const struct site *site, struct error *err) {
    const char *file = site->config_file ? site->config_file : "FILE";
    return error_hint(err,
                      "nothing was done to it; look at both records first ('ecmig status' on "
                      "each), and resume the right run with its own record (--state); 'ecmig plan "
                      "%s' and 'ecmig explain other-run' show more",
                      file);
}

/* A newer holder of the same lock is told by the lock. */
static bool continued_elsewhere(const struct site *site, const char *run, const char *address,
                                struct error *err) {
    if (!journal_confirm_lock(site->journal, 0, err))
        return false;
    return error_set(err, ERROR_BLOCKED,
                     "another process is running run %s from a copy of its record, and is working "
                     "on '%s'",
                     run, address) ||
           refuse(site, err);
}

bool mark_clients(const struct site *site, const char *address, const struct clients *clients,
                  struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
    for (size_t i = 0; i < clients->count; i++)
        mark_connection_add(clients->items[i].name, &names);
    strings_sort(&names);
    for (size_t i = 0; i < names.count; i++) {
        AUTO(string_free) char *run = mark_connection_run(names.items[i]);
        if (mark_is_own(site, run) &&
            mark_connection_epoch(names.items[i]) > journal_epoch(site->journal))
            return continued_elsewhere(site, run, address, err);
        if (is_foreign(site, run))
            return error_set(err, ERROR_BLOCKED,
                             "run %s, which is not in this record, is working on '%s'", run,
                             address) ||
                   refuse(site, err);
    }
    return true;
}

static bool read_tags(struct site *site, struct group_mark *mark, struct error *err) {
    AUTO(pairs_clear) struct pairs tags = { 0 };
    if (!elasticache_tags(site->service, mark->group.arn, clock_mono_ms() + CALL_MS, &tags, err)) {
        mark->hidden = error_is_remote(err, "InvalidReplicationGroupState") ||
                       err->code == ERROR_ACCESS_DENIED;
        if (mark->hidden)
            error_clear(err);
        return mark->hidden;
    }
    if (pairs_find(&tags, MARK_TAG_RUN)) {
        string_replace(&mark->run, pairs_find(&tags, MARK_TAG_RUN));
        string_replace(&mark->record, pairs_find(&tags, MARK_TAG_RECORD));
    }
    return true;
}

static bool read_mark(struct site *site, struct group_mark *out, struct error *err) {
    const char *name = site->config->target.replication_group;
    if (!elasticache_describe(site->service, name, clock_mono_ms() + CALL_MS, &out->group, err)) {
        bool absent = err->code == ERROR_NOT_FOUND;
        if (absent)
            error_clear(err);
        return absent;
    }
    out->exists = true;
    (void)mark_description_read(out->group.description, &out->run, &out->record);
    return read_tags(site, out, err);
}

static bool judge(const struct site *site, const struct group_mark *mark, struct error *err) {
    AUTO(string_free) char *place = gitstore_place(site->store);
    bool may_move = !site->plan || site->plan->core.mode == PLAN_ABORT ||
                    plan_waives(site->plan, "record-moved", mark->run);
    if (mark->run && !may_move && mark_is_known(site, mark->run) &&
        mark_record_moved(mark->record, place))
        return error_set(err, ERROR_BLOCKED,
                         "run %s began with its record at %s, but this record is %s: a copy of it",
                         mark->run, mark->record, place) ||
               refuse(site, err);
    if (!is_foreign(site, mark->run))
        return true;
    return error_set(err, ERROR_BLOCKED,
                     "group '%s' carries the mark of run %s, which is not in this record%s%s",
                     site->config->target.replication_group, mark->run,
                     mark->record ? ": its record is " : "", mark->record ? mark->record : "") ||
           refuse(site, err);
}

bool mark_judge(struct site *site, struct error *err) {
    AUTO(group_mark_clear) struct group_mark mark = { 0 };
    return read_mark(site, &mark, err) && judge(site, &mark, err);
}

static bool set_tags(struct site *site, const struct group_mark *before, struct error *err) {
    AUTO(pairs_clear) struct pairs tags = { 0 };
    AUTO(string_free) char *record = mark_own_record(site);
    const char *run = journal_run(site->journal);
    pairs_set(&tags, MARK_TAG_RUN, run);
    pairs_set(&tags, MARK_TAG_MIGRATION, site->config->migration);
    if (record)
        pairs_set(&tags, MARK_TAG_RECORD, record);
    if (!journal_confirm_lock(site->journal, JOURNAL_FRESH_MS, err) ||
        !elasticache_tag(site->service, before->group.arn, &tags, clock_mono_ms() + CALL_MS, err))
        return error_wrap(err, "the mark of this run on group '%s'", before->group.id);
    for (int i = 0; i < READ_BACK_TRIES; i++) {
        AUTO(group_mark_clear) struct group_mark seen = { 0 };
        if (!read_mark(site, &seen, err) || !judge(site, &seen, err))
            return false;
        if (seen.run && strcmp(seen.run, run) == 0)
            return true;
        stop_sleep(site->stop, READ_BACK_MS);
    }
    error_set(err, ERROR_FAILED, "group '%s' does not show the mark of this run", before->group.id);
    return error_hint(err, "apply again; the tag " MARK_TAG_RUN
                           " must stay on the group until the migration is over");
}

bool mark_hold(struct site *site, struct error *err) {
    AUTO(group_mark_clear) struct group_mark mark = { 0 };
    if (site->marked || !site->journal || site->plan->core.mode != PLAN_MIGRATE)
        return true;
    if (!read_mark(site, &mark, err) || !judge(site, &mark, err))
        return false;
    if (!mark.exists)
        return true;
    bool settled = strcmp(mark.group.status, "available") == 0 && !mark.hidden;
    bool ours = mark.run && strcmp(mark.run, journal_run(site->journal)) == 0;
    if (settled && !ours && !set_tags(site, &mark, err))
        return false;
    site->marked = true;
    return true;
}

static bool is_started(const struct site *site) {
    const struct journal_state *state = journal_state(site->journal);
    return journal_progress_of(state, step_key_start_migration) == PROGRESS_DONE &&
           state->cutover == JOURNAL_MARK_COUNT;
}

static bool group_is_ours(struct site *site, struct error *err) {
    AUTO(group_mark_clear) struct group_mark mark = { 0 };
    if (!read_mark(site, &mark, err) || !judge(site, &mark, err))
        return false;
    if (!is_started(site) || !mark.exists || strcmp(mark.group.status, "available") != 0)
        return true;
    const char *file = site->config_file ? site->config_file : "FILE";
    error_set(err, ERROR_BLOCKED,
              "group '%s' no longer replicates from the source, and this run did not end that",
              mark.group.id);
    return error_hint(
        err,
        "find out who did (its events, its tags, 'ecmig status %s') and whether applications use "
        "it; a fence on the source stays until that is known; then abort this run: ecmig abort %s",
        file, file);
}

static bool source_is_ours(struct site *site, struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    if (!site->nodes.count)
        return true;
    site_list(site, SITE_PRIMARIES, &nodes);
    for (size_t i = 0; i < nodes.count; i++)
        if (!nodes.items[i])
            return true;
    if (!many_call(&nodes, REDIS_NOW, &replies, err, "CLIENT", "LIST", NULL))
        return false;
    for (size_t i = 0; i < replies.count; i++) {
        AUTO(clients_clear) struct clients clients = { 0 };
        clients_read(replies.items[i], &clients);
        if (!mark_clients(site, redis_name(nodes.items[i]), &clients, err))
            return false;
    }
    return true;
}

bool mark_watch(struct site *site, bool group, struct error *err) {
    int64_t now_mono_ms = clock_mono_ms();
    if (site->watched_mono_ms && now_mono_ms - site->watched_mono_ms < WATCH_EVERY_MS)
        return true;
    site->watched_mono_ms = now_mono_ms;
    if (source_is_ours(site, err) && (!group || group_is_ours(site, err)))
        return true;
    if (err->code == ERROR_BLOCKED)
        return false;
    error_clear(err);
    return true;
}
