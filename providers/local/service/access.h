/* Who may log in to a group's nodes: AUTH tokens and user groups, as users of the servers. */
#pragma once

#include "providers/local/state/endpoint.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

/* Lines of redis.conf; none for a group that never had access control. */
void access_lines(const struct state *state, const struct group *group, struct strings *out);
/* Makes it that of the running nodes, too. */
MUST_CHECK bool access_change(struct endpoint *endpoint, struct group *group,
                              const struct access *to, struct error *err);
/* What the group's wanted_access asks for; a failure is logged, and ends it. */
void access_settle(struct endpoint *endpoint, struct group *group);
/* A password as the servers keep it; the caller frees. */
char *access_hash(const char *password);
