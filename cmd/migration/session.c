#include "cmd/migration/session.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/frame/faults.h"
#include "cmd/migration/names.h"
#include "cmd/migration/policy.h"
#include "cmd/migration/programs.h"
#include "cmd/migration/state.h"
#include "executor/moment.h"
#include "executor/record/history.h"
#include "planner/planner.h"
#include "providers/observe/observe.h"
#include "providers/process/process.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define SERVICE_MS 60000 /* for all that is asked of the service while observing */

static bool show_faults(const struct call *call, const struct session *session,
                        const struct findings *faults, struct error *err) {
    size_t count = findings_count(faults, SEVERITY_ERROR);
    AUTO(string_free) char *file = render_quoted(session->file);
    faults_say(call->output, faults);
    error_set(err, ERROR_CONFIG, "%zu error%s in the migration file", count, count == 1 ? "" : "s");
    return error_hint(err, "fix the errors above; 'ecmig validate %s' checks only the file", file);
}

static bool read_config(const struct call *call, struct session *session, struct error *err) {
    AUTO(findings_clear) struct findings faults = { 0 };
    const char *bytes = text_string(&session->config_yaml);
    if (!config_parse(bytes, session->config_yaml.length, session->file, &session->config, &faults))
        return show_faults(call, session, &faults, err);
    session->folder = path_folder(session->file);
    return true;
}

static char *resolved(const char *path) {
    char *real = realpath(path, NULL);
    char *copy = real ? xstrdup(real) : NULL;
    free(real);
    return copy;
}

static bool is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 &&
           (!path[length] || path[length] == '/' || folder[length - 1] == '/');
}

bool session_plan_folder(const struct plan *plan, const char *file, char **out, struct error *err) {
    const char *stated = plan->context.config_folder;
    if (stated && !path_exists(stated)) {
        error_set(err, ERROR_CONFIG,
                  "the plan was made in '%s', which does not exist here: its relative paths "
                  "start there",
                  stated);
        return error_hint(err, "name the migration file: ecmig apply --approve sha256:%s FILE",
                          plan->digest);
    }
    AUTO(string_free) char *folder = path_folder(file), *real = stated ? resolved(stated) : NULL;
    AUTO(string_free) char *here = resolved("."), *beside = resolved(folder);
    if (!stated || (real && here && is_below(real, here)) ||
        (real && beside && is_below(real, beside))) {
        *out = xstrdup(stated ? stated : ".");
        return true;
    }
    AUTO(string_free) char *place = render_quoted(stated);
    error_set(err, ERROR_CONFIG,
              "the plan says that its relative paths start at '%s', which is neither here "
              "nor beside the plan, and its digest does not cover that",
              stated);
    return error_hint(err,
                      "if that is the right folder, change to it: cd %s; or name the migration "
                      "file: ecmig apply --approve sha256:%s FILE",
                      place, plan->digest);
}

static bool read_plan(struct session *session, struct error *err) {
    AUTO(text_clear) struct text document = MOVE(session->config_yaml);
    if (!plan_parse(document.bytes, document.length, &session->given, err))
        return error_wrap(err, "%s", session->file);
    session->has_plan = true;
    return session_plan_folder(&session->given, session->file, &session->folder, err) &&
           plan_config(&session->given, &session->config, err);
}

/* A plan is a JSON object; no migration file begins like one. */
static bool is_plan(const struct text *content) {
    const char *start = text_string(content);
    return start[strspn(start, " \t\r\n")] == '{';
}

static bool read_file(const struct call *call, bool plan_too, struct session *session,
                      struct error *err) {
    session->file = xstrdup(call->arguments->items[0]);
    if (!file_read(session->file, JSON_DOCUMENT_CEILING_BYTES, &session->config_yaml, err)) {
        err->code = ERROR_CONFIG;
        return err->hint
                   ? false
                   : error_hint(err,
                                "'ecmig init' writes one; 'ecmig help config' describes its keys");
    }
    return plan_too && is_plan(&session->config_yaml) ? read_plan(session, err)
                                                      : read_config(call, session, err);
}

static bool open_store(const struct call *call, struct session *session, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    if (!state_open_config(call, &session->config, session->folder, &state, err))
        return false;
    const char *given = options_string(call->options, "state");
    const char *named = given ? given : session->config.state.repository;
    session->store = TAKE(state.store);
    session->keys = state.keys;
    state.keys = (struct approval_policy){ 0 };
    session->relative_state = !gitstore_is_url(named) && *named != '/';
    return true;
}

bool session_tls(const struct config_tls *tls, const char *folder, struct redis_tls **out,
                 struct error *err) {
    if (!config_tls_is_given(tls))
        return true;
    AUTO(string_free) char *ca = tls->ca_file ? config_path(folder, tls->ca_file) : NULL;
    AUTO(string_free)
    char *certificate = tls->cert_file ? config_path(folder, tls->cert_file) : NULL;
    AUTO(string_free)
    char *key = tls->key_file ? config_path(folder, tls->key_file) : NULL;
    const struct redis_tls_files files = { ca, certificate, key, tls->server_name };
    return redis_tls_new(&files, out, err) || error_wrap(err, "source.tls");
}

/* To the group's nodes once they have TLS again. A group with a token is entered by that. */
static bool open_target_access(struct session *session, struct error *err) {
    const struct config_after_cutover *after = &session->config.target.after_cutover;
    AUTO(string_free)
    char *ca = after->ca_file ? config_path(session->folder, after->ca_file) : NULL;
    const struct redis_tls_files files = { .ca_file = ca };
    if (!config_tls_later(&session->config.target))
        return true;
    if (!process_secret(&after->auth_token, session->folder, "target.after_cutover.auth_token",
                        &session->auth_token, err) ||
        !process_secret(&after->password, session->folder, "target.after_cutover.password",
                        &session->target_password, err))
        return false;
    if (!redis_tls_new(&files, &session->target_tls, err))
        return error_wrap(err, "target.after_cutover.ca_file");
    session->target.tls = session->target_tls;
    /* By name: while a token is possible but not required, AUTH without one is an error. */
    session->target.username = after->username ? after->username : "default";
    session->target.password =
        session->target_password ? session->target_password : session->auth_token;
    return true;
}

/* A rehearsal's switches in the environment of a production job would end it in the cutover, or
 * shorten a wait that a write depends on. */
static bool refuse_test_switches(const struct session *session, struct error *err) {
    const char *variable = moment_variable();
    bool rehearsal = session->service && elasticache_is_local(session->service);
    if (!variable || rehearsal)
        return true;
    error_set(err, ERROR_CONFIG, "%s is set, which is only for tests with a local endpoint",
              variable);
    return error_hint(err, "unset %s", variable);
}

bool session_open(const struct call *call, bool plan_too, struct session *out, struct error *err) {
    AUTO(session_close) struct session session = { 0 };
    if (!read_file(call, plan_too, &session, err))
        return false;
    names_learn(&session.config);
    session.words = state_words(call, session.file);
    session.config_words =
        state_words(call, session.has_plan ? session.given.context.config_file : session.file);
    if (!file_policy_holds(call, &session.config, session.folder, err) ||
        (session.has_plan && !programs_of_given(call, &session, err)) ||
        !open_store(call, &session, err) ||
        (plan_too && !session.has_plan && !programs_of_record(call, &session, err)) ||
        !process_secret(&session.config.source.password, session.folder, "source.password",
                        &session.password, err) ||
        !session_tls(&session.config.source.tls, session.folder, &session.tls, err) ||
        !open_target_access(&session, err))
        return false;
    const struct elasticache_options options = { .region = session.config.target.region,
                                                 .endpoint_url = session.config.target.endpoint_url,
                                                 .profile = session.config.target.profile };
    if (!elasticache_open(&options, &session.service, &session.service_problem))
        session.service = NULL;
    if (!refuse_test_switches(&session, err))
        return false;
    *out = MOVE(session);
    return true;
}

void session_close(struct session *session) {
    if (!session)
        return;
    free(session->file);
    free(session->words);
    free(session->config_words);
    free(session->folder);
    config_clear(&session->config);
    text_clear(&session->config_yaml);
    plan_clear(&session->given);
    approval_policy_clear(&session->keys);
    gitstore_close(session->store);
    elasticache_close(session->service);
    error_clear(&session->service_problem);
    secret_free(session->password);
    redis_tls_free(session->tls);
    secret_free(session->auth_token);
    secret_free(session->target_password);
    redis_tls_free(session->target_tls);
    *session = (struct session){ 0 };
}

/* Dates are compared as text: both are YYYY-MM-DD, in UTC. */
static void find_expired(const struct config *config, struct strings *out) {
    char today[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), today);
    for (size_t i = 0; i < config->waive.count; i++) {
        const struct config_waiver *waiver = &config->waive.items[i];
        if (waiver->until && strncmp(waiver->until, today, 10) < 0)
            strings_add(out, waiver->finding);
    }
    strings_sort(out);
}

static bool is_called_off(void *stop) {
    return stop_wanted(stop);
}

static void look_around(struct session *session, struct observed *out) {
    clock_watch(session->stop ? is_called_off : NULL, session->stop);
    observe_target(&session->config, session->service, &session->service_problem, &session->target,
                   clock_mono_ms() + SERVICE_MS, &out->target);
    const struct observe_source_options source = { .config = &session->config,
                                                   .password = session->password,
                                                   .tls = session->tls,
                                                   .target = &out->target };
    observe_source(&source, &out->source);
    clock_watch(NULL, NULL);
}

struct journal_reading session_reading(const struct session *session) {
    return (struct journal_reading){ session->store, session->config.migration, &session->keys };
}

bool session_history(struct session *session, struct observed_history *out, struct error *err) {
    const struct journal_reading reading = session_reading(session);
    return history_read(&reading, out, err) ||
           ((err->code == ERROR_FORMAT || err->code == ERROR_BLOCKED) && !err->hint &&
            error_hint(err, "'ecmig log %s --verify' lists everything that does not verify",
                       session->words));
}

/* By which the environment says that this is a job of CI, or NULL. */
static const char *session_ci_variable(void) {
    static const char *const names[] = { "GITHUB_ACTIONS", "GITLAB_CI",   "BUILDKITE", "CIRCLECI",
                                         "TF_BUILD",       "JENKINS_URL", "CI" };
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
            return names[i];
    }
    return NULL;
}

/* The state repository that is used, and what runs of this migration it knows. */
static bool session_record(struct session *session, struct observed_record *out,
                           struct error *err) {
    out->place = gitstore_place(session->store);
    out->relative = session->relative_state;
    out->ci = xstrdup(session_ci_variable());
    return gitstore_root(session->store, &out->id, err) &&
           journal_runs(session->store, session->config.migration, &out->runs, err);
}

bool session_observe(struct session *session, struct observed *out, struct error *err) {
    AUTO(observed_clear) struct observed seen = { 0 };
    if (!session_history(session, &seen.history, err) ||
        !session_record(session, &seen.record, err))
        return error_wrap(err, "state repository");
    look_around(session, &seen);
    for (size_t i = 0; i < seen.source.nodes.count; i++)
        history_hide_markers(&seen.history, &seen.source.nodes.items[i]);
    if (stop_wanted(session->stop)) {
        error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(session->stop));
        return error_hint(err, "run the same command again to resume");
    }
    observe_hooks(&session->config, session->folder, &seen.hook_digests);
    observe_secret_programs(&session->config, session->folder, &seen.secret_programs);
    observe_signers(&session->config.approvals, session->folder, &seen.signers);
    find_expired(&session->config, &seen.expired_waivers);
    *out = MOVE(seen);
    return true;
}

bool session_plan(struct session *session, enum plan_mode mode, struct plan *out,
                  struct json **facts, struct error *err) {
    AUTO(observed_clear) struct observed seen = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(string_free) char *folder = NULL;
    char now[CLOCK_TEXT_BYTES];
    if (!session_observe(session, &seen, err))
        return false;
    iam_requests(&session->config, &seen, mode, &actions);
    observe_rights(&session->config, session->service, &actions, &seen.target);
    if (!planner_plan(&session->config, &seen, mode, &plan, err) ||
        !path_absolute(session->folder, &folder, err))
        return false;
    clock_format_seconds(clock_wall_ms(), now);
    string_replace(&plan.context.created_at, now);
    string_replace(&plan.context.tool_version, ECMIG_VERSION);
    string_replace(&plan.context.config_file, session->file);
    string_replace(&plan.context.config_folder, folder);
    if (facts)
        *facts = observed_facts(&seen);
    *out = MOVE(plan);
    return true;
}

char *session_ci(void) {
    const char *server = getenv("GITHUB_SERVER_URL"), *repository = getenv("GITHUB_REPOSITORY");
    const char *run = getenv("GITHUB_RUN_ID"), *job = getenv("CI_JOB_URL");
    if (server && repository && run)
        return xasprintf("%s/%s/actions/runs/%s", server, repository, run);
    return xstrdup(job ? job : getenv("BUILD_URL"));
}

/* The person who triggered the job, in CI; what the job's environment says, which nothing checks.
 */
static const char *ci_person(void) {
    static const char login_characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@[]-";
    static const struct {
        const char *marks, *person;
    } hosts[] = {
        { "GITHUB_ACTIONS", "GITHUB_ACTOR" },
        { "GITLAB_CI", "GITLAB_USER_LOGIN" },
        { "BUILDKITE", "BUILDKITE_BUILD_CREATOR" },
        { "CIRCLECI", "CIRCLE_USERNAME" },
    };
    for (size_t i = 0; i < COUNT(hosts); i++) {
        const char *person = getenv(hosts[i].marks) ? getenv(hosts[i].person) : NULL;
        /* It stands in commit messages: anything else than a login name is refused. */
        if (person && *person && strspn(person, login_characters) == strlen(person))
            return person;
    }
    return NULL;
}

char *session_actor(void) {
    char host[256] = "unknown";
    const struct passwd *user = getpwuid(getuid());
    const char *person = ci_person();
    (void)gethostname(host, sizeof host - 1);
    AUTO(string_free)
    char *machine = xasprintf("%s@%s", user ? user->pw_name : "unknown", host);
    return person ? xasprintf("%.100s as %s", person, machine) : xstrdup(machine);
}
