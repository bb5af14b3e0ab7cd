/* Parts of a URL that do not belong to an address. Pure. */
#pragma once

#include <stdbool.h>

/* Does the URL of a repository (or user@host:path) carry a password, or a name that is a token as
 * often as not? Over ssh a name alone is who we are. A token may hold a slash, which a reader of
 * URLs takes for the end of the host. */
bool url_carries_secret(const char *url);
