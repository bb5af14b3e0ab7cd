#include <inttypes.h>

#include "planner/applications.h"
#include "planner/checks/check.h"
#include "schemas/base/memory.h"

#define NAMES_SHOWN 5

/* Who plans with a user of its own shows nothing of the applications. */
static bool is_ours(const struct check_input *input, const char *user) {
    return input->config->source.username && check_is(user, input->config->source.username);
}

/* Another process of ecmig may be among those of its own user: that does not block. */
static bool find_connected(const struct check_input *input, const struct observed_node *node,
                           struct findings *out) {
    AUTO(text_clear) struct text clients = { 0 }, own = { 0 };
    const struct observed_use *use;
    for (size_t at = 0; (use = applications_next(node, "user", &at));)
        applications_add_use(is_ours(input, use->what) ? &own : &clients, use);
    if (*text_string(&clients))
        finding_detail(check_found(input, out, node->address,
                                   "clients are logged in as ACL users, which are not copied"),
                       "%s", text_string(&clients));
    if (*text_string(&own))
        finding_detail(check_found_as(input, out, SEVERITY_WARNING, node->address,
                                      "clients without a name of ecmig are logged in as the user "
                                      "of source.username"),
                       "%s", text_string(&own));
    return *text_string(&clients) != '\0';
}

static void find_users(const struct check_input *input, const struct observed_node *node,
                       struct findings *out) {
    AUTO(text_clear) struct text names = { 0 };
    int64_t count = node->applications.users_count, shown = 0;
    for (size_t i = 0; i < node->applications.users.count; i++) {
        const char *user = node->applications.users.items[i];
        if (is_ours(input, user))
            count--;
        else if (shown < NAMES_SHOWN)
            text_addf(&names, "%s%s", shown++ ? ", " : "", user);
    }
    if (count <= 0)
        return;
    if (count > shown)
        text_addf(&names, " and %" PRId64 " more", count - shown);
    finding_detail(check_found_as(input, out, SEVERITY_WARNING, node->address,
                                  "it has ACL users, which are not copied"),
                   "%s", text_string(&names));
}

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (!input->situation->promoted && !find_connected(input, node, out))
        find_users(input, node, out);
}

const struct check check_source_acl_users = {
    .title = "No application logs in as a named ACL user",
    .reads = "ACL USERS; CLIENT LIST user",
    .cause = "The source has ACL users besides default. Users are not part of the data set, and a "
             "target cannot have a user group while TLS is off, which a migration requires. The "
             "user of source.username is left out while nothing but ecmig uses it.",
    .risk = "Applications that log in by a user name get WRONGPASS from the target at the moment "
            "of the switch, and there is no way back.",
    .remedy = "let these applications connect without a user name before the switch, or change "
              "their credentials in the switch hook; create the users in ElastiCache (CreateUser, "
              "CreateUserGroup) for when the target has TLS; waive this if only people and "
              "monitoring log in by name",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .of_moment = true,
    .facts = "ACL+USERS CLIENT+LIST",
    .unread = SEVERITY_NOTE,
    .run_node = run_node,
};
