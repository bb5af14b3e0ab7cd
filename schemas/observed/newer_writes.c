#include "schemas/observed/newer_writes.h"

#include <stddef.h>
#include <strings.h>

#include "schemas/base/language.h"

static const struct newer_write rows[] = {
#define NEWER_WRITE(name, redis, valkey) { name, redis, valkey },
#include "schemas/observed/newer_writes.def"
#undef NEWER_WRITE
};

const struct newer_write *newer_write_find(const char *name) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
