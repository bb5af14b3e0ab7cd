/* Who we are to a remote: an ssh agent or key file, or a token from the environment. libgit2 asks
 * again after each refusal, so that each call offers the next one. */
#include <stdlib.h>
#include <string.h>

#include "providers/gitstore/transfer.h"
#include "schemas/base/files.h"

#define OFFERS_MAX 8

static int deny(struct transfer *transfer, const char *message, const char *hint) {
    (void)error_set(&transfer->denied, ERROR_CREDENTIALS, "%s", message);
    (void)error_hint(&transfer->denied, "%s", hint);
    return GIT_EUSER;
}

static bool is_loopback(const char *url) {
    return strncmp(url, "http://127.", 11) == 0 || strncmp(url, "http://localhost", 16) == 0 ||
           strncmp(url, "http://[::1]", 12) == 0;
}

static int offer_token(git_credential **out, struct transfer *transfer, const char *user) {
    const char *token = getenv("ECMIG_GIT_TOKEN"), *name = getenv("ECMIG_GIT_USERNAME");
    if (!token || !*token)
        return deny(transfer, "the state repository asks who we are",
                    "set ECMIG_GIT_TOKEN (and ECMIG_GIT_USERNAME, where the host wants a name)");
    if (strncmp(transfer->store->url, "http://", 7) == 0 && !is_loopback(transfer->store->url))
        return deny(transfer, "the token is not sent over http, where everybody can read it",
                    "use an https URL");
    if (transfer->offers++ > 0)
        return deny(transfer, "the state repository does not accept the token",
                    "look at ECMIG_GIT_TOKEN and ECMIG_GIT_USERNAME");
    return git_credential_userpass_plaintext_new(out, name ? name : user ? user : "git", token);
}

/* The nth key file that exists; the caller frees. */
static char *key_file(int wanted) {
    static const char *const names[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
    const char *given = getenv("ECMIG_GIT_SSH_KEY"), *home = getenv("HOME");
    if (given)
        return wanted == 0 ? xstrdup(given) : NULL;
    for (size_t i = 0; home && i < COUNT(names); i++) {
        AUTO(string_free) char *path = xasprintf("%s/.ssh/%s", home, names[i]);
        if (path_exists(path) && wanted-- == 0)
            return TAKE(path);
    }
    return NULL;
}

static int offer_key(git_credential **out, struct transfer *transfer, const char *user) {
    const char *name = user ? user : "git";
    int agent = getenv("SSH_AUTH_SOCK") ? 1 : 0, offer = transfer->offers++;
    if (agent && offer == 0)
        return git_credential_ssh_key_from_agent(out, name);
    AUTO(string_free) char *path = offer < OFFERS_MAX ? key_file(offer - agent) : NULL;
    if (!path)
        return deny(transfer, "the state repository accepts no ssh key of ours",
                    "load the key into an ssh agent, or name one without a passphrase with "
                    "ECMIG_GIT_SSH_KEY; ~/.ssh/config is not read");
    return git_credential_ssh_key_new(out, name, NULL, path, "");
}

int transfer_credentials(git_credential **out, const char *url, const char *user, unsigned allowed,
                         void *context) {
    struct transfer *transfer = context;
    (void)url;
    if (allowed & GIT_CREDENTIAL_USERNAME)
        return git_credential_username_new(out, user ? user : "git");
    if (allowed & GIT_CREDENTIAL_SSH_KEY)
        return offer_key(out, transfer, user);
    if (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT)
        return offer_token(out, transfer, user);
    return deny(transfer, "the state repository asks for a proof that is not known here",
                "use an ssh key, or a token over https");
}
