#include <stdlib.h>
#include <string.h>

#include "providers/signature/keygen.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define SIGN_WITHIN_MS 30000 /* somebody may have to touch a token */

static const char begin[] = "-----BEGIN SSH SIGNATURE-----";
static const char end[] = "-----END SSH SIGNATURE-----";

/* stdout and stderr come as one. */
static char *signature_in(const char *output) {
    const char *first = strstr(output, begin);
    const char *last = first ? strstr(first, end) : NULL;
    return last ? xasprintf("%.*s\n", (int)(last + strlen(end) - first), first) : NULL;
}

static const char *public_key_in(const char *key) {
    static const char literal[] = "key::";
    if (strncmp(key, literal, strlen(literal)) == 0)
        return key + strlen(literal);
    return strncmp(key, "ssh-", 4) == 0 && strchr(key, ' ') ? key : NULL;
}

static char *path_of(const char *key) {
    const char *home = getenv("HOME");
    return strncmp(key, "~/", 2) == 0 && home ? path_join(home, key + 2) : xstrdup(key);
}

static bool refused(const char *key, const struct process_result *result, struct error *err) {
    AUTO(string_free) char *words = keygen_words(result);
    error_set(err, ERROR_CREDENTIALS, "the key '%s' does not sign: %s", key,
              words ? words : "ssh-keygen printed no message");
    if (words && strstr(words, "passphrase"))
        return error_hint(
            err,
            "ecmig does not ask for a passphrase: load the key into an agent first (ssh-add %s)",
            key);
    return error_hint(err, "try it by hand: ssh-keygen -Y sign -n test -f %s </dev/null", key);
}

bool ssh_signature_make(const char *key, const struct signature_message *message, char **armored,
                        struct error *err) {
    AUTO(keygen_files_close) struct keygen_files files = { 0 };
    AUTO(strings_clear) struct strings arguments = { 0 };
    AUTO(process_result_clear) struct process_result result = { 0 };
    const char *literal = public_key_in(key);
    AUTO(string_free) char *path = path_of(key);
    const char *file = path;
    if (literal) {
        AUTO(string_free) char *line = xasprintf("%s\n", literal);
        if (!keygen_files_open(&files, err) ||
            !(file = keygen_file(&files, "key.pub", line, strlen(line), err)))
            return false;
    } else if (!path_exists(path)) {
        error_set(err, ERROR_CREDENTIALS, "there is no key '%s'", key);
        return error_hint(err, "name the file of a private key, or of a public key whose private "
                               "key an agent holds");
    }
    const char *const words[] = { "-Y", "sign", "-n", message->purpose, "-f", file };
    for (size_t i = 0; i < COUNT(words); i++)
        strings_add(&arguments, words[i]);
    if (!keygen_run(&arguments, message, SIGN_WITHIN_MS, &result, err))
        return false;
    char *signature = result.status == 0 ? signature_in(text_string(&result.output)) : NULL;
    if (!signature)
        return refused(literal ? "the public key" : key, &result, err);
    *armored = signature;
    return true;
}
