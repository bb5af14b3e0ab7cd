/* Who we are to a remote over http(s): a token. libgit2 asks again after a refusal. (Over ssh that
 * is the matter of the ssh program.) */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "providers/gitstore/transfer.h"

static int deny(struct transfer *transfer, const char *message, const char *hint) {
    error_set(&transfer->denied, ERROR_CREDENTIALS, "%s", message);
    error_hint(&transfer->denied, "%s", hint);
    return GIT_EUSER;
}

/* Only http to this very machine, as no name can be made to look like. */
static bool is_loopback(const char *url) {
    static const char *const hosts[] = { "localhost", "[::1]" };
    const char *host = url + strlen("http://");
    size_t length = *host == '[' ? strcspn(host, "]/") + 1 : strcspn(host, ":/");
    for (size_t i = 0; i < COUNT(hosts); i++)
        if (strlen(hosts[i]) == length && strncmp(host, hosts[i], length) == 0)
            return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length;
}

/* How much of a URL says to whom it goes: scheme, host and port. */
static size_t origin_length(const char *url) {
    const char *scheme = strstr(url, "://");
    return scheme ? (size_t)(scheme + 3 - url) + strcspn(scheme + 3, "/?#") : strlen(url);
}

/* The host may have sent us on to another one: the token was not given for that. */
static bool is_same_origin(const char *asked, const char *given) {
    size_t length = origin_length(given);
    return origin_length(asked) == length && strncasecmp(asked, given, length) == 0;
}

static int offer_token(git_credential **out, struct transfer *transfer, const char *user) {
    const struct secret *given = transfer->store->token;
    const char *token = given ? secret_bytes(given) : getenv("ECMIG_GIT_TOKEN");
    const char *name = getenv("ECMIG_GIT_USERNAME");
    if (!token || !*token)
        return deny(transfer, "the state repository requires authentication",
                    "set ECMIG_GIT_TOKEN or name a token with state.token (and set "
                    "ECMIG_GIT_USERNAME if the host requires a name)");
    if (strncmp(transfer->store->url, "http://", 7) == 0 && !is_loopback(transfer->store->url))
        return deny(transfer,
                    "the token is not sent over http, because the connection is not encrypted",
                    "use an https URL");
    if (transfer->offers++ > 0)
        return deny(transfer, "the state repository does not accept the token",
                    given ? "check state.token and ECMIG_GIT_USERNAME"
                          : "check ECMIG_GIT_TOKEN and ECMIG_GIT_USERNAME");
    return git_credential_userpass_plaintext_new(out, name ? name : user ? user : "git", token);
}

int transfer_credentials(git_credential **out, const char *url, const char *user, unsigned allowed,
                         void *context) {
    struct transfer *transfer = context;
    if (!is_same_origin(url, transfer->store->url))
        return deny(transfer, "a host other than that of the state repository asks for its token",
                    "use the address of the host that answers, if you trust it");
    if (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT)
        return offer_token(out, transfer, user);
    return deny(transfer,
                "the state repository requires an authentication method that is not supported",
                "use an ssh address, or a token over https");
}
