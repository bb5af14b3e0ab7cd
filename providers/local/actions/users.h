/* Users and user groups, as several actions read and show them. */
#pragma once

#include "providers/local/actions/request.h"

/* The members of <User> and of <UserGroup>. */
void answer_user(struct request *request, const struct user *user);
void answer_user_group(struct request *request, const struct user_group *group);
/* By the parameter UserId or UserGroupId. */
MUST_CHECK bool request_user(struct request *request, struct user **out);
MUST_CHECK bool request_user_group(struct request *request, struct user_group **out);
/* An identifier that begins with a letter, and is no longer than 40. */
MUST_CHECK bool check_user_id(struct request *request, const char *name, const char *id);
/* redis or valkey. */
MUST_CHECK bool request_user_engine(struct request *request, const char **out);
/* Whether a replication group has it, or will have. */
const struct group *user_group_holder(const struct state *state, const char *id);
