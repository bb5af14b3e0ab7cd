/* Encryption in transit and access control, as the state has them. */
#include <string.h>

#include "providers/local/state/state.h"
#include "schemas/base/memory.h"

static const char *const transit_names[] = { "off", "preferred", "required" };

const char *transit_name(enum transit transit) {
    return transit_names[transit];
}

bool transit_parse(const char *name, enum transit *out) {
    for (size_t i = 0; i < COUNT(transit_names); i++)
        if (strcmp(name, transit_names[i]) == 0) {
            *out = (enum transit)i;
            return true;
        }
    return false;
}

enum transit group_transit(const struct group *group) {
    if (!group->transit_encryption)
        return TRANSIT_OFF;
    return string_same(group->transit_mode, "preferred") ? TRANSIT_PREFERRED : TRANSIT_REQUIRED;
}

bool group_is_durable(const struct group *group) {
    return string_same(group->durability, "sync") || string_same(group->durability, "async");
}

const struct group *state_group_of(const struct state *state, const struct node *node) {
    for (size_t i = 0; i < state->groups.count; i++) {
        const struct nodes *nodes = &state->groups.items[i].nodes;
        if (node >= nodes->items && node < nodes->items + nodes->count)
            return &state->groups.items[i];
    }
    return NULL;
}

struct user *state_user(const struct state *state, const char *id) {
    for (size_t i = 0; i < state->users.count; i++)
        if (strcasecmp(state->users.items[i].id, id) == 0)
            return &state->users.items[i];
    return NULL;
}

struct user_group *state_user_group(const struct state *state, const char *id) {
    for (size_t i = 0; i < state->user_groups.count; i++)
        if (strcasecmp(state->user_groups.items[i].id, id) == 0)
            return &state->user_groups.items[i];
    return NULL;
}

bool access_is_on(const struct access *access) {
    return access->tokens.count || access->user_groups.count;
}

void access_copy(struct access *to, const struct access *from) {
    access_clear(to);
    strings_copy(&to->tokens, &from->tokens);
    strings_copy(&to->user_groups, &from->user_groups);
    to->token_optional = from->token_optional;
}

void access_clear(struct access *access) {
    if (!access)
        return;
    strings_clear(&access->tokens);
    strings_clear(&access->user_groups);
    *access = (struct access){ 0 };
}
