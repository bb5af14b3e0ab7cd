/* What the address of a state repository says. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/memory.h"

/* ssh://[user@]host[:port]/path or [user@]host:path; an IPv6 address stands in brackets. */
struct ssh_address {
    char *user; /* NULL: as the user's ssh configuration says */
    char *host;
    int64_t port; /* 0: as above */
    char *path; /* on the host; relative to the home folder, ~/ and ~user/ are its shell's matter */
};
/* ERROR_CONFIG: no host or no path, a port out of range, or what `ssh` would take for an option. */
MUST_CHECK bool ssh_address_parse(const char *url, struct ssh_address *out, struct error *err);
void ssh_address_clear(struct ssh_address *address);
AUTO_VALUE(struct ssh_address, ssh_address_clear)
