/* The first migration file, from what is live: what is known is filled in, what a person has to
 * decide is there as a comment. Pure. */
#pragma once

#include "schemas/base/text.h"
#include "schemas/observed/observed.h"

struct starter {
    const char *migration;
    const char *password_env;                    /* NULL: the source asks for none */
    const char *replication_group;               /* the target's id */
    const char *region, *endpoint_url, *profile; /* NULL: from the AWS configuration */
    const struct config *config;                 /* the source as it was looked at */
    const struct observed *observed;             /* a primary was reachable; target.exists is false
                                                    where nobody asked for the target */
};

void starter_add(const struct starter *starter, struct text *out);
