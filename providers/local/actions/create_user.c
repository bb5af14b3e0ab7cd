#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/security.h"
#include "providers/local/actions/users.h"
#include "providers/local/service/access.h"
#include "schemas/base/memory.h"

#define PASSWORDS_CEILING 2

/* It becomes a line of redis.conf. */
static bool check_text(struct request *request, const char *name, const char *value) {
    for (const char *at = value; *at; at++)
        if (*at < ' ' || *at > '~' || strchr("\"'\\#>", *at))
            return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid value for %s: %s",
                          name, value);
    return true;
}

static bool read_passwords(struct request *request, struct strings *hashes, bool *none) {
    AUTO(strings_clear) struct strings passwords = { 0 };
    const char *type = request_value(request, "AuthenticationMode.Type");
    if (type && strcmp(type, "iam") == 0)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "The local endpoint does not offer IAM authentication.");
    if (!request_bool(request, "NoPasswordRequired", none))
        return false;
    *none |= type && strcmp(type, "no-password-required") == 0;
    request_strings(request, "Passwords.member", &passwords);
    request_strings(request, "AuthenticationMode.Passwords.member", &passwords);
    if (*none == (passwords.count != 0) || passwords.count > PASSWORDS_CEILING)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "A user must have one or two passwords, or no password required.");
    for (size_t i = 0; i < passwords.count; i++) {
        AUTO(string_free) char *hash = access_hash(passwords.items[i]);
        if (!password_is_fit(passwords.items[i]))
            return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                          "Passwords must be 16 to 128 printable characters.");
        strings_add(hashes, hash);
    }
    return true;
}

bool serve_create_user(struct request *request) {
    AUTO(strings_clear) struct strings hashes = { 0 };
    const char *id = NULL, *name = NULL, *engine = NULL, *access = NULL;
    bool no_password = false;
    if (!request_required(request, "UserId", &id) ||
        !request_required(request, "UserName", &name) || !request_user_engine(request, &engine) ||
        !request_required(request, "AccessString", &access) ||
        !check_user_id(request, "UserId", id) || !check_user_id(request, "UserName", name) ||
        !check_text(request, "AccessString", access) ||
        !read_passwords(request, &hashes, &no_password))
        return false;
    if (state_user(&request->endpoint->state, id))
        return refuse(request->refusal, API_ERROR_USER_EXISTS, "User %s already exists.", id);
    struct user *user = LIST_ADD(&request->endpoint->state.users);
    *user = (struct user){ .id = xstrdup(id),
                           .name = xstrdup(name),
                           .engine = xstrdup(engine),
                           .access_string = xstrdup(access),
                           .passwords = MOVE(hashes),
                           .no_password = no_password };
    answer_user(request, user);
    return true;
}
