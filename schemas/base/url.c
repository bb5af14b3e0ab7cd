#include "schemas/base/url.h"

#include <string.h>
#include <strings.h>

#include "schemas/base/language.h"

/* A token may hold a slash, which ends the host for the reader of the URL: an '@' in the middle of
 * a later segment tells. A segment may begin with one, as in /@team/state.git. */
static bool with_scheme(const char *authority, bool is_ssh) {
    size_t length = strcspn(authority, "/?#");
    for (const char *at = authority; (at = strchr(at, '@')); at++) {
        bool early = (size_t)(at - authority) < length;
        size_t before = early ? (size_t)(at - authority) : length;
        if ((early || at[-1] != '/') && (!is_ssh || memchr(authority, ':', before)))
            return true;
    }
    return false;
}

/* https:/token@host, with a slash too few. */
static bool is_mistyped(const char *url) {
    static const char *const schemes[] = { "http:", "https:", "ftp:", "ftps:" };
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

/* user@host:path is plain; user:pass@host:path and user:to/ken@host:path are not. */
static bool without_scheme(const char *url) {
    size_t colon = strcspn(url, ":/");
    const char *at = strchr(url, '@');
    if (url[colon] != ':' || !at || at < url + colon)
        return false;
    if (is_mistyped(url))
        return true;
    return !memchr(url + colon, '/', (size_t)(at - url) - colon) || strchr(at, ':');
}

bool url_carries_secret(const char *url) {
    const char *scheme = strstr(url, "://");
    if (strncasecmp(url, "file:", 5) == 0)
        return false; /* a path */
    return scheme ? with_scheme(scheme + 3, strncasecmp(url, "ssh://", 6) == 0)
                  : without_scheme(url);
}
