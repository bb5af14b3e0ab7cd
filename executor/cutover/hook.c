#include "executor/cutover/hook.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/watch.h"
#include "executor/moment.h"
#include "executor/record/pins.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/secret.h"

#define HOOK_ATTEMPTS 3
#define HOOK_PAUSE_MS 1000
#define HOOK_SAID_BYTES ((size_t)200)
#define HOOK_OUTPUT_BYTES ((size_t)64 << 10)

static void environment(const struct site *site, const char *step_id, struct strings *out) {
    const char *address = site->target_address ? site->target_address : "";
    AUTO(strings_clear) struct strings nodes = { 0 };
    for (size_t i = 0; i < site->nodes.count; i++)
        strings_add(&nodes, site->nodes.items[i].address);
    AUTO(string_free) char *joined = strings_join(&nodes, " ");
    strings_addf(out, "ECMIG_MIGRATION=%s", site->config->migration);
    strings_addf(out, "ECMIG_RUN=%s", journal_run(site->journal));
    strings_addf(out, "ECMIG_STEP=%s", step_id);
    strings_addf(out, "ECMIG_TARGET_PRIMARY=%s", site->target_is_cluster ? "" : address);
    strings_addf(out, "ECMIG_TARGET_CONFIGURATION=%s", site->target_is_cluster ? address : "");
    strings_addf(out, "ECMIG_TARGET_READER=%s", site->target_reader ? site->target_reader : "");
    strings_addf(out, "ECMIG_TARGET_TLS=%s", site->target_tls ? site->target_tls : "");
    strings_addf(out, "ECMIG_TARGET_AUTH=%s", site->target_auth ? site->target_auth : "");
    strings_addf(out, "ECMIG_SOURCE_NODES=%s", joined);
}

/* The fence is watched also while a program runs. */
static bool insisted(void *context) {
    struct site *site = context;
    cutover_watch_beside(site);
    cutover_say_interrupted(site);
    return stop_insisted(site->stop);
}

static bool is_secret_of_file(const struct config *config, const char *variable) {
    struct config_secret_place place;
    for (size_t i = 0; config_secret_at(config, i, &place); i++)
        if (string_same(place.reference->env, variable))
            return true;
    return false;
}

/* A hook gets no secret that ecmig was given, under any name, unless its `env` asks for it. */
static void withhold(const struct site *site, const struct config_hook *hook, struct strings *out) {
    for (char **entry = environ; *entry; entry++) {
        const char *value = strchr(*entry, '=');
        AUTO(string_free) char *name = xstrndup(*entry, strcspn(*entry, "="));
        bool secret = config_is_secret_variable(name) || (value && secrets_include(value + 1));
        secret |= is_secret_of_file(site->config, name);
        if (secret && !strings_has(&hook->env, name))
            strings_add(out, name);
    }
}

/* What a hook says is recorded and shown, and it may say what its `env` gave it. */
static size_t hide_secrets(const struct config_hook *hook, char *bytes, size_t length) {
    for (char **entry = environ; *entry; entry++) {
        const char *value = strchr(*entry, '=');
        AUTO(string_free) char *name = xstrndup(*entry, strcspn(*entry, "="));
        if (value && (config_is_secret_variable(name) || strings_has(&hook->env, name)))
            length = secret_mask(bytes, length, value + 1, strlen(value + 1));
    }
    return secrets_mask(bytes, length);
}

/* One run of one of a hook's programs. */
struct hook_call {
    struct site *site;
    const char *step_id;
    const struct config_hook *hook;
    const struct strings *command; /* run, check or undo of it */
    const char *variable;          /* NAME=VALUE that it gets as well; or NULL */
    bool (*abandon)(void *context);
    void *context;
};

/* False when it could not be run to its end. */
static bool call_program(const struct hook_call *call, struct process_result *result,
                         struct error *err) {
    AUTO(strings_clear) struct strings variables = { 0 }, withheld = { 0 };
    struct site *site = call->site;
    const struct config_hook *hook = call->hook;
    const struct pins pins = site_pins(site);
    if (!pins_command(&pins, call->command, err))
        return false;
    environment(site, call->step_id, &variables);
    if (call->variable)
        strings_add(&variables, call->variable);
    withhold(site, hook, &withheld);
    const struct process_options options = { .command = call->command,
                                             .environment = &variables,
                                             .withheld = &withheld,
                                             .folder = site->config_folder,
                                             .output_ceiling_bytes = HOOK_OUTPUT_BYTES,
                                             .deadline_mono_ms = clock_mono_ms() + hook->timeout_ms,
                                             .abandon = call->abandon,
                                             .abandon_context = call->context };
    if (!process_run(&options, result, err)) {
        if (err->message)
            (void)hide_secrets(hook, err->message, strlen(err->message));
        return false;
    }
    if (result->output.bytes)
        result->output.length = hide_secrets(hook, result->output.bytes, result->output.length);
    return true;
}

/* One of the programs (run, check, undo), once. */
static bool hook_program(struct site *site, const char *step_id, const struct config_hook *hook,
                         const struct strings *command, struct process_result *result,
                         struct error *err) {
    const struct hook_call call = { .site = site,
                                    .step_id = step_id,
                                    .hook = hook,
                                    .command = command,
                                    .abandon = command == &hook->undo ? NULL : insisted,
                                    .context = site };
    return call_program(&call, result, err);
}

bool hook_is_done(struct site *site, const char *step_id, const struct config_hook *hook) {
    AUTO(process_result_clear) struct process_result result = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    return hook->check.count &&
           hook_program(site, step_id, hook, &hook->check, &result, &ignored) && result.status == 0;
}

static void note(const struct site *site, struct json *attempts, const struct strings *command,
                 const struct process_result *result) {
    struct json *entry = json_new_object();
    const struct pins pins = site_pins(site);
    AUTO(string_free) char *accepted = pins_accepted(&pins, command);
    json_put_string(entry, "command", command->items[0]);
    json_put_string(entry, "accepted", accepted);
    json_put_int(entry, "status", result->status);
    json_put_string(entry, "output", text_string(&result->output));
    json_append(attempts, entry);
}

/* What a program says last is most often why it failed, lines that are indented explain the one
 * before them; all of it is in the record. The caller frees. */
static char *last_words(const char *output) {
    const char *found = "";
    for (const char *line = output; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (!strchr(" \t\r\n", *line))
            found = line;
    size_t length = strcspn(found, "\r\n");
    return xstrndup(found, length < HOOK_SAID_BYTES ? length : HOOK_SAID_BYTES);
}

/* The check tells whether `run` is done; an undo has none. */
static bool try_once(struct site *site, const char *step_id, const struct config_hook *hook,
                     const struct strings *command, struct json *attempts, struct error *err) {
    AUTO(process_result_clear) struct process_result result = { 0 };
    bool ran = hook_program(site, step_id, hook, command, &result, err);
    bool is_checked = command == &hook->run && hook->check.count;
    moment("after a hook");
    if (!ran)
        return false;
    note(site, attempts, command, &result);
    if (result.status == 0 && (!is_checked || hook_is_done(site, step_id, hook)))
        return true;
    AUTO(string_free) char *said = last_words(text_string(&result.output));
    return error_set(err, ERROR_FAILED, "the hook '%s' ended with status %d%s%s%s",
                     command->items[0], result.status, result.status ? "" : ", but its check fails",
                     *said ? ": " : "", said);
}

bool hook_run(struct site *site, const char *step_id, const struct config_hook *hook,
              const struct strings *command, struct json *attempts, struct error *err) {
    const struct pins pins = site_pins(site);
    if (command == &hook->run && !pins_hook(&pins, hook, err)) /* its check and undo belong to it */
        return false;
    for (int attempt = 1;; attempt++) {
        if (try_once(site, step_id, hook, command, attempts, err))
            return true;
        if (err->code == ERROR_ABORTED)
            return error_hint(err,
                              "run the same apply command again as soon as you can to resolve it");
        if (attempt == HOOK_ATTEMPTS || err->code == ERROR_STALE)
            return false;
        error_clear(err);
        clock_sleep_ms(HOOK_PAUSE_MS);
    }
}

/* Asked while it runs: an interrupt ends it at once, and the lock must last. */
struct asking {
    struct step_run *run;
    struct error *err; /* why the lock could not be kept */
};

static bool stops_asking(void *context) {
    struct asking *asking = context;
    return stop_wanted(asking->run->site->stop) || asking->err->code != ERROR_NONE ||
           !step_keep_lock(asking->run, asking->err);
}

/* What was asked and did not say yes: why, in words. The caller frees. */
static char *refusal(const struct strings *command, const struct process_result *result,
                     const struct error *failure) {
    const char *program = command->items[0];
    if (failure->code != ERROR_NONE)
        return xasprintf("'%s' gave no answer: %s", program, failure->message);
    AUTO(string_free) char *said = last_words(text_string(&result->output));
    return xasprintf("'%s' ended with status %d%s%s", program, result->status, *said ? ": " : "",
                     said);
}

bool hook_ask(struct step_run *run, const struct config_hook *hook, struct json *answers,
              char **refused, struct error *err) {
    AUTO(process_result_clear) struct process_result result = { 0 };
    AUTO(error_clear) struct error failure = { 0 }, lost = { 0 };
    struct asking asking = { run, &lost };
    const struct hook_call call = { .site = run->site,
                                    .step_id = run->step->id,
                                    .hook = hook,
                                    .command = &hook->run,
                                    .variable = "ECMIG_TARGET_READ_ONLY=yes",
                                    .abandon = stops_asking,
                                    .context = &asking };
    bool ran = call_program(&call, &result, &failure);
    moment("after a ready hook");
    if (lost.code != ERROR_NONE)
        return error_move(err, &lost), false;
    if (failure.code == ERROR_ABORTED)
        return error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(run->site->stop));
    if (failure.code == ERROR_STALE)
        return error_move(err, &failure), false;
    if (ran)
        note(run->site, answers, &hook->run, &result);
    if (!ran || result.status != 0)
        *refused = refusal(&hook->run, &result, &failure);
    return true;
}
