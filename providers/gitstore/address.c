#include <stdlib.h>
#include <string.h>

#include "providers/gitstore/store.h"
#include "schemas/base/digest.h"
#include "schemas/base/files.h"

static const char file_scheme[] = "file://";

bool gitstore_is_url(const char *repository) {
    size_t length = strcspn(repository, ":/");
    return repository[length] == ':';
}

/* A password in a URL would end up in the plan, the journal and the logs. */
static bool refuse_password(const char *url, struct error *err) {
    const char *scheme = strstr(url, "://");
    const char *authority = scheme ? scheme + 3 : url;
    const char *end = authority + strcspn(authority, "/");
    const char *at = memchr(authority, '@', (size_t)(end - authority));
    if (!scheme || !at || !memchr(authority, ':', (size_t)(at - authority)))
        return true;
    (void)error_set(err, ERROR_CONFIG, "the URL of the state repository carries a password");
    return error_hint(err, "leave it out, and put it into the environment as ECMIG_GIT_TOKEN");
}

static bool known_scheme(const char *url, struct error *err) {
    static const char *const schemes[] = { "ssh://", "https://", "http://", "git://" };
    const char *scheme = strstr(url, "://");
    if (!scheme) /* user@host:path */
        return true;
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
            return true;
    (void)error_set(err, ERROR_CONFIG, "state repository '%s': there is no way to '%.*s'", url,
                    (int)(scheme - url), url);
    return error_hint(err, "use ssh, https, http, git or file, or a directory");
}

static int hex_digit(char digit) {
    static const char digits[] = "0123456789abcdef";
    const char *at = digit ? strchr(digits, digit | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* file:///a%20b -> /a b */
static bool path_of_file_url(const char *url, char **out, struct error *err) {
    const char *at = url + strlen(file_scheme);
    if (strncmp(at, "localhost/", 10) == 0)
        at += 9;
    if (*at != '/')
        return error_set(err, ERROR_CONFIG, "state repository '%s' names no path of this machine",
                         url);
    char *path = xcalloc(strlen(at) + 1, 1);
    for (size_t i = 0; *at; i++) {
        int high = *at == '%' ? hex_digit(at[1]) : -1, low = high < 0 ? -1 : hex_digit(at[2]);
        path[i] = low < 0 ? *at : (char)(high * 16 + low);
        at += low < 0 ? 1 : 3;
    }
    *out = path;
    return true;
}

static bool clone_path(const char *url, char **out, struct error *err) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char digest[DIGEST_HEX_BYTES];
    if ((!state || *state != '/') && (!home || *home != '/'))
        return error_set(err, ERROR_IO, "there is no place for the private clone of '%s'", url) ||
               error_hint(err, "set HOME or XDG_STATE_HOME");
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
    if (!known_scheme(repository, err) || !refuse_password(repository, err) ||
        !clone_path(repository, &store->path, err))
        return false;
    store->url = xstrdup(repository);
    return true;
}
