#include "cmd/migration/open_run.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

static void sink(void *context, const struct event *event) {
    struct output *output = context;
    if (event->type == EVENT_STEP_PROGRESS)
        output_progress(output, PROGRESS_MEASURE, "%s", event->msg);
    else if (event->type == EVENT_WRITES)
        output_say(output, "%s", event->msg);
    else if (event->level == SEVERITY_NOTE)
        output_detail(output, "%s", event->msg);
    else
        output_warn(output, "%s", event->msg);
}

static bool read_run(struct open_run *run, const char *digest, const char *id, struct error *err) {
    struct session *session = &run->session;
    const char *migration = session->config.migration;
    AUTO(text_clear) struct text document = { 0 };
    if (!journal_read_plan(session->store, migration, digest, &document, err) ||
        !plan_parse(document.bytes, document.length, &run->plan, err) ||
        !journal_read_run(session->store, migration, id, &run->files, err))
        return error_wrap(err, "open run %s", id);
    AUTO(json_free) struct json *now = shape_write(config_shape(), &session->config);
    if (!json_same(now, run->plan.core.config)) {
        error_set(err, ERROR_STALE, "the migration file changed since the open run began");
        return error_hint(err, "restore the file as it was");
    }
    return signing_same(&run->plan, &session->config, session->folder, session->words, err);
}

bool open_run_find(const struct call *call, struct open_run *out, struct error *err) {
    AUTO(observed_clear) struct observed holder = { 0 };
    struct observed_history *history = &holder.history;
    struct session *session = &out->session;
    out->call = call;
    out->actor = session_actor();
    out->events = (struct events){ .sink = sink, .context = call->output };
    return session_open(call, false, session, err) && stop_open(0, &out->stop, err) &&
           journal_open(session->store, session->config.migration, out->actor, NULL, &out->journal,
                        err) &&
           session_history(session, history, err) &&
           (!history->open || read_run(out, history->last_digest, history->last_run, err));
}

bool open_run_take(struct open_run *run, struct error *err) {
    struct session *session = &run->session;
    if (!signing_open(run->call, session->store, &run->plan, session->folder, &run->signing, err))
        return false;
    journal_sign(run->journal, &run->signing.entries);
    journal_heed(run->journal, &session->keys);
    if (!journal_resume(run->journal, run->files.record.run, run->actor, err))
        return false;
    run->events.migration = session->config.migration;
    run->events.run = journal_run(run->journal);
    run->events.epoch = journal_epoch(run->journal);
    run->site = (struct site){ .config = &session->config,
                               .config_folder = session->folder,
                               .config_file = session->words,
                               .plan = &run->plan,
                               .actor = run->actor,
                               .policy = &run->signing.policy,
                               .signer = &run->signing.entries,
                               .approver = &run->signing.approvals,
                               .service = session->service,
                               .store = session->store,
                               .journal = run->journal,
                               .events = &run->events,
                               .stop = run->stop,
                               .source_password = session->password,
                               .source_tls = session->tls,
                               .target_access = &session->target,
                               .auth_token = session->auth_token };
    return true;
}

bool open_run_leave(struct open_run *run, struct error *err) {
    const struct journal_state *before = &run->files.state;
    const char *interrupted = exit_class_name(EXIT_CLASS_INTERRUPTED);
    AUTO(run_result_clear)
    struct run_result result = {
        .exit_code = before->class ? before->exit_code : exit_class_status(EXIT_CLASS_INTERRUPTED),
        .class = xstrdup(before->class ? before->class : interrupted),
        .resumable = true
    };
    return journal_finish(run->journal, &result, err);
}

void open_run_close(struct open_run *run) {
    site_close(&run->site);
    journal_close(run->journal);
    session_close(&run->session);
    stop_close(run->stop);
    plan_clear(&run->plan);
    signing_close(&run->signing);
    journal_run_files_clear(&run->files);
    free(run->actor);
}
