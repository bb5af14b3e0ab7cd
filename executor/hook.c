#include "executor/hook.h"

#include <stdlib.h>
#include <string.h>

#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define HOOK_ATTEMPTS 3
#define HOOK_PAUSE_MS 1000
#define HOOK_SAID_BYTES ((size_t)200)
#define HOOK_OUTPUT_BYTES ((size_t)64 << 10)
#define SECRET_BYTES_MINIMUM 4 /* what is shorter stands in many a word */

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
    strings_addf(out, "ECMIG_SOURCE_NODES=%s", joined);
}

static bool insisted(void *stop) {
    return stop_insisted(stop);
}

/* In place. */
static size_t hide(char *bytes, size_t length, const char *secret) {
    static const char mask[] = "***";
    size_t size = secret ? strlen(secret) : 0, mask_size = strlen(mask);
    if (size < SECRET_BYTES_MINIMUM)
        return length;
    for (char *at = bytes; (at = memmem(at, length - (size_t)(at - bytes), secret, size));) {
        memcpy(at, mask, mask_size);
        at += mask_size;
        length -= size - mask_size;
        memmove(at, at + size - mask_size, length - (size_t)(at - bytes));
    }
    bytes[length] = '\0';
    return length;
}

/* What a hook says is recorded and shown. It has our environment, and one that traces its commands
 * says what it was given. */
static size_t hide_secrets(const struct site *site, char *bytes, size_t length) {
    const char *const variables[] = { "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                      "ECMIG_GIT_TOKEN", site->config->source.password.env,
                                      site->config->state.token.env };
    for (size_t i = 0; i < COUNT(variables); i++)
        if (variables[i])
            length = hide(bytes, length, getenv(variables[i]));
    return site->source_password ? hide(bytes, length, secret_bytes(site->source_password))
                                 : length;
}

bool hook_program(const struct site *site, const char *step_id, const struct config_hook *hook,
                  const struct strings *command, struct process_result *result, struct error *err) {
    AUTO(strings_clear) struct strings variables = { 0 };
    environment(site, step_id, &variables);
    const struct process_options options = { .command = command,
                                             .environment = &variables,
                                             .folder = site->config_folder,
                                             .output_ceiling_bytes = HOOK_OUTPUT_BYTES,
                                             .deadline_mono_ms = clock_mono_ms() + hook->timeout_ms,
                                             .abandon = command == &hook->undo ? NULL : insisted,
                                             .abandon_context = site->stop };
    if (!process_run(&options, result, err)) {
        if (err->message)
            (void)hide_secrets(site, err->message, strlen(err->message));
        return false;
    }
    if (result->output.bytes)
        result->output.length = hide_secrets(site, result->output.bytes, result->output.length);
    return true;
}

bool hook_is_done(const struct site *site, const char *step_id, const struct config_hook *hook) {
    AUTO(process_result_clear) struct process_result result = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    return hook->check.count &&
           hook_program(site, step_id, hook, &hook->check, &result, &ignored) && result.status == 0;
}

static void note(struct json *attempts, const struct strings *command,
                 const struct process_result *result) {
    struct json *entry = json_new_object();
    json_put_string(entry, "command", command->items[0]);
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
static bool try_once(const struct site *site, const char *step_id, const struct config_hook *hook,
                     const struct strings *command, struct json *attempts, struct error *err) {
    AUTO(process_result_clear) struct process_result result = { 0 };
    bool ran = hook_program(site, step_id, hook, command, &result, err);
    bool is_checked = command == &hook->run && hook->check.count;
    moment("after a hook");
    if (!ran)
        return false;
    note(attempts, command, &result);
    if (result.status == 0 && (!is_checked || hook_is_done(site, step_id, hook)))
        return true;
    AUTO(string_free) char *said = last_words(text_string(&result.output));
    return error_set(err, ERROR_FAILED, "the hook '%s' ended with status %d%s%s%s",
                     command->items[0], result.status,
                     result.status ? "" : ", but its check does not pass", *said ? ": " : "", said);
}

bool hook_run(const struct site *site, const char *step_id, const struct config_hook *hook,
              const struct strings *command, struct json *attempts, struct error *err) {
    for (int attempt = 1;; attempt++) {
        if (try_once(site, step_id, hook, command, attempts, err))
            return true;
        if (err->code == ERROR_ABORTED)
            return error_hint(err, "the same apply command settles it: run it as soon as you can");
        if (attempt == HOOK_ATTEMPTS)
            return false;
        error_clear(err);
        clock_sleep_ms(HOOK_PAUSE_MS);
    }
}
