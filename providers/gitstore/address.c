#include "providers/gitstore/address.h"

#include <stdlib.h>
#include <string.h>

#include "providers/gitstore/store.h"
#include "schemas/base/digest.h"
#include "schemas/base/files.h"
#include "schemas/base/url.h"

static const char file_scheme[] = "file://";

bool gitstore_is_url(const char *repository) {
    size_t length = strcspn(repository, ":/");
    return repository[length] == ':';
}

/* It would end up in the plan, the journal and the logs. */
static bool refuse_password(const char *url, struct error *err) {
    if (!url_carries_secret(url))
        return true;
    error_set(err, ERROR_CONFIG, "the URL of the state repository contains a name or a password");
    return error_hint(err, "remove the part before '@', and set the token in the environment as "
                           "ECMIG_GIT_TOKEN (and the name as ECMIG_GIT_USERNAME)");
}

static bool known_scheme(const char *url, struct error *err) {
    static const char *const schemes[] = { "ssh://", "https://", "http://", "git://" };
    const char *scheme = strstr(url, "://");
    if (!scheme) /* user@host:path */
        return true;
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
            return true;
    error_set(err, ERROR_CONFIG, "state repository '%s': the scheme '%.*s' is not supported", url,
              (int)(scheme - url), url);
    return error_hint(err, "use ssh, https, http, git or file, or a directory");
}

static int hex_digit(char digit) {
    static const char digits[] = "0123456789abcdef";
    const char *at = digit ? strchr(digits, digit | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* "a%20b" is "a b"; the caller frees. */
static char *percent_decoded(const char *words) {
    char *out = xcalloc(strlen(words) + 1, 1);
    for (size_t i = 0; *words; i++) {
        int high = *words == '%' ? hex_digit(words[1]) : -1;
        int low = high < 0 ? -1 : hex_digit(words[2]);
        out[i] = low < 0 ? *words : (char)(high * 16 + low);
        words += low < 0 ? 1 : 3;
    }
    return out;
}

static bool path_of_file_url(const char *url, char **out, struct error *err) {
    const char *at = url + strlen(file_scheme);
    if (strncmp(at, "localhost/", 10) == 0)
        at += 9;
    if (*at != '/')
        return error_set(err, ERROR_CONFIG,
                         "state repository '%s' does not name a path on this machine", url);
    *out = percent_decoded(at);
    return true;
}

/* [user@]host, where the host may be an IPv6 address in brackets; how much of it was read. */
static size_t read_authority(const char *words, const char *ends, struct ssh_address *out) {
    size_t length = strcspn(words, "/");
    const char *at = memrchr(words, '@', length);
    const char *host = at ? at + 1 : words;
    const char *close = *host == '[' ? strchr(host, ']') : NULL;
    size_t host_length = close ? (size_t)(close - host - 1) : strcspn(host, ends);
    out->user = at ? xstrndup(words, (size_t)(at - words)) : NULL;
    out->host = xstrndup(close ? host + 1 : host, host_length);
    return (size_t)((close ? close + 1 : host + host_length) - words);
}

static bool read_port(const char **at, int64_t *out) {
    if (**at != ':')
        return true;
    for (++*at; **at >= '0' && **at <= '9' && *out < 65536; ++*at)
        *out = *out * 10 + (**at - '0');
    return *out > 0 && *out < 65536;
}

/* A host or user like -oProxyCommand=… would be an option of ssh. */
static bool is_plain(const char *word) {
    return !word || (*word && *word != '-' && !strpbrk(word, " \t\r\n"));
}

bool ssh_address_parse(const char *url, struct ssh_address *out, struct error *err) {
    static const char scheme[] = "ssh://";
    AUTO(ssh_address_clear) struct ssh_address address = { 0 };
    AUTO(string_free) char *decoded = NULL;
    const char *at;
    bool fine;
    if (strncmp(url, scheme, strlen(scheme)) == 0) {
        decoded = percent_decoded(url + strlen(scheme));
        at = decoded + read_authority(decoded, ":/", &address);
        fine = read_port(&at, &address.port) && *at == '/';
        address.path = xstrdup(fine && at[1] == '~' ? at + 1 : at);
    } else {
        at = url + read_authority(url, ":/", &address);
        fine = *at == ':';
        address.path = xstrdup(fine ? at + 1 : at);
    }
    if (!fine || !is_plain(address.user) || !is_plain(address.host) || !*address.path ||
        *address.path == '-') {
        error_set(err, ERROR_CONFIG, "'%s' is not an address that ssh can reach", url);
        return error_hint(err, "write ssh://user@host:port/path or user@host:path");
    }
    *out = MOVE(address);
    return true;
}

void ssh_address_clear(struct ssh_address *address) {
    free(address->user);
    free(address->host);
    free(address->path);
    *address = (struct ssh_address){ 0 };
}

/* The name before the host may be a token where the scheme is one of http. */
char *gitstore_place(const struct gitstore *store) {
    AUTO(string_free) char *where = xstrdup(store->url ? store->url : store->path);
    for (char *dot = store->url ? NULL : strstr(where, "/./"); dot; dot = strstr(where, "/./"))
        memmove(dot, dot + 2, strlen(dot + 2) + 1);
    const char *scheme = store->url ? strstr(where, "://") : NULL;
    const char *authority = scheme ? scheme + 3 : where;
    const char *at = scheme && strncmp(where, "http", 4) == 0
                         ? memchr(authority, '@', strcspn(authority, "/"))
                         : NULL;
    int head = at ? (int)(authority - where) : 0;
    bool usual = strcmp(store->branch, "main") == 0;
    return xasprintf("%.*s%s%s%s", head, where, at ? at + 1 : where, usual ? "" : " branch ",
                     usual ? "" : store->branch);
}

bool gitstore_is_remote(const struct gitstore *store) {
    return store->url != NULL;
}

static bool clone_path(const char *url, char **out, struct error *err) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char digest[DIGEST_HEX_BYTES];
    if ((!state || *state != '/') && (!home || *home != '/')) {
        error_set(err, ERROR_IO, "no folder for the private clone of '%s' can be determined", url);
        return error_hint(err, "set HOME or XDG_STATE_HOME");
    }
    digest_sha256_hex(url, strlen(url), digest);
    *out = state && *state == '/' ? xasprintf("%s/ecmig/%.32s", state, digest)
                                  : xasprintf("%s/.local/state/ecmig/%.32s", home, digest);
    return true;
}

bool store_locate(struct gitstore *store, const char *repository, struct error *err) {
    if (!gitstore_is_url(repository))
        return path_absolute(repository, &store->path, err);
    if (strncmp(repository, file_scheme, strlen(file_scheme)) == 0)
        return path_of_file_url(repository, &store->path, err);
    if (!refuse_password(repository, err) || !known_scheme(repository, err) ||
        !clone_path(repository, &store->path, err))
        return false;
    store->url = xstrdup(repository);
    return true;
}
