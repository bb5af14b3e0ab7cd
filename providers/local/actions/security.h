/* What requests say of encryption in transit, access control and durability, with the order in
 * which the service lets them change. */
#pragma once

#include "providers/local/actions/request.h"

struct security_wish {
    bool transit_given, access_given;
    enum transit transit;
    struct access access;
    const char *durability; /* NULL: not given */
};
/* Of CreateReplicationGroup, for a group of that engine, with its features as they will be. */
struct security_base {
    const char *engine, *version;
    bool cluster, multi_az;
};
MUST_CHECK bool security_of_new(struct request *request, const struct security_base *base,
                                struct security_wish *out);
/* Of ModifyReplicationGroup; a refusal leaves the group as it is. */
MUST_CHECK bool security_of_change(struct request *request, const struct group *group,
                                   struct security_wish *out);
/* Notes it as the group's wishes: it happens while the group is being modified. */
void security_want(struct group *group, const struct security_wish *wish);
void security_wish_clear(struct security_wish *wish);
AUTO_VALUE(struct security_wish, security_wish_clear)
/* AUTH tokens and passwords of users: 16 to 128 printable characters. */
bool password_is_fit(const char *password);
