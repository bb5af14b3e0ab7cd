/* Commands that change data and that not every engine knows; rows in newer_writes.def. */
#pragma once

struct newer_write {
    const char *name;  /* lower case */
    int redis, valkey; /* first version, 100 * major + minor; 0: none */
};
/* By its name in any case; NULL for a command that every engine knows, or that writes nothing. */
const struct newer_write *newer_write_find(const char *name);
