#include <stdlib.h>
#include <string.h>

#include "providers/signature/keygen.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CHECK_WITHIN_MS 10000

struct question {
    struct keygen_files files;
    const char *signature, *allowed, *revoked;
    const struct signature_message *message;
};

static void question_close(struct question *question) {
    keygen_files_close(&question->files);
}
AUTO_VALUE(struct question, question_close)

static bool question_open(const struct signature_trust *trust, const char *armored,
                          struct question *out, struct error *err) {
    struct keygen_files *files = &out->files;
    if (!keygen_files_open(files, err))
        return false;
    out->signature = keygen_file(files, "signature", armored, strlen(armored), err);
    if (!out->signature)
        return false;
    out->allowed =
        keygen_file(files, "allowed_signers", trust->allowed, strlen(trust->allowed), err);
    if (!out->allowed)
        return false;
    if (!trust->revoked)
        return true;
    out->revoked = keygen_file(files, "revoked_keys", trust->revoked, trust->revoked_length, err);
    return out->revoked != NULL;
}

/* "Good "NS" signature [for WHO ]with ED25519 key SHA256:…" */
static char *key_in(const char *output) {
    const char *with = NULL;
    for (const char *at = strstr(output, " with "); at; at = strstr(at + 1, " with "))
        with = at + strlen(" with ");
    const char *key = with ? strstr(with, " key SHA256:") : NULL;
    if (!key)
        return NULL;
    const char *print = key + strlen(" key ");
    return xasprintf("%.*s %.*s", (int)(key - with), with, (int)strcspn(print, " \r\n"), print);
}

static bool ask(const struct question *question, const struct strings *arguments, char **key,
                char **why, struct error *err) {
    AUTO(process_result_clear) struct process_result result = { 0 };
    if (!keygen_run(arguments, question->message, CHECK_WITHIN_MS, &result, err))
        return false;
    string_free(*key);
    string_free(*why);
    *key = result.status == 0 ? key_in(text_string(&result.output)) : NULL;
    *why = *key ? NULL : keygen_words(&result);
    return true;
}

static bool verify(const struct question *question, const struct signature_claim *claim,
                   bool revoked, struct signature_seen *seen, struct error *err) {
    AUTO(strings_clear) struct strings arguments = { 0 };
    const char *const words[] = { "-Y", "verify",           "-f", question->allowed,
                                  "-I", claim->signer,      "-n", question->message->purpose,
                                  "-s", question->signature };
    for (size_t i = 0; i < COUNT(words); i++)
        strings_add(&arguments, words[i]);
    if (claim->at_ms) {
        char at[CLOCK_TEXT_BYTES];
        clock_format(claim->at_ms, at); /* 2026-11-28T07:45:44.000Z */
        strings_addf(&arguments, "-Overify-time=%.4s%.2s%.2s%.2s%.2s%.2s", at, at + 5, at + 8,
                     at + 11, at + 14, at + 17);
    }
    if (revoked) {
        strings_add(&arguments, "-r");
        strings_add(&arguments, question->revoked);
    }
    return ask(question, &arguments, &seen->key, &seen->why, err);
}

static bool is_of_message(const struct question *question, struct signature_seen *seen,
                          struct error *err) {
    AUTO(strings_clear) struct strings arguments = { 0 };
    const char *const words[] = { "-Y", "check-novalidate", "-n", question->message->purpose,
                                  "-s", question->signature };
    for (size_t i = 0; i < COUNT(words); i++)
        strings_add(&arguments, words[i]);
    return ask(question, &arguments, &seen->key, &seen->why, err);
}

/* In the order in which somebody would look: is it a signature of this, of whom, and revoked? */
bool ssh_signature_check(const struct signature_trust *trust, const struct signature_claim *claim,
                         const struct signature_message *message, struct signature_seen *out,
                         struct error *err) {
    AUTO(question_close) struct question question = { .message = message };
    AUTO(signature_seen_clear) struct signature_seen seen = { 0 }, named = { 0 };
    if (!question_open(trust, claim->armored, &question, err) ||
        !verify(&question, claim, question.revoked != NULL, &seen, err))
        return false;
    if (!seen.key) {
        if (!is_of_message(&question, &named, err))
            return false;
        seen.verdict = named.key ? SIGNATURE_UNKNOWN : SIGNATURE_MALFORMED;
        if (named.key && question.revoked) {
            if (!verify(&question, claim, false, &seen, err))
                return false;
            seen.verdict = seen.key ? SIGNATURE_REVOKED : SIGNATURE_UNKNOWN;
        }
        string_replace(&seen.key, named.key);
    }
    *out = MOVE(seen);
    return true;
}

void signature_seen_clear(struct signature_seen *seen) {
    if (!seen)
        return;
    string_free(seen->key);
    string_free(seen->why);
    *seen = (struct signature_seen){ 0 };
}

bool ssh_signature_principals(const struct signature_trust *trust, const char *armored,
                              struct strings *out, struct error *err) {
    AUTO(question_close) struct question question = { 0 };
    AUTO(strings_clear) struct strings arguments = { 0 };
    AUTO(process_result_clear) struct process_result result = { 0 };
    if (!question_open(trust, armored, &question, err))
        return false;
    const char *const words[] = { "-Y", "find-principals", "-f", question.allowed,
                                  "-s", question.signature };
    for (size_t i = 0; i < COUNT(words); i++)
        strings_add(&arguments, words[i]);
    if (!keygen_run(&arguments, NULL, CHECK_WITHIN_MS, &result, err))
        return false;
    const char *at = result.status == 0 ? text_string(&result.output) : "";
    for (; *at; at += strcspn(at, "\n,"), at += *at == '\n' || *at == ',') {
        AUTO(string_free) char *name = xstrndup(at, strcspn(at, "\r\n,"));
        if (*name && !strings_has(out, name))
            strings_add(out, name);
    }
    return true;
}
