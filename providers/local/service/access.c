#include "providers/local/service/access.h"

#include <stdlib.h>
#include <string.h>

#include "providers/local/machine/node.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define CHANGE_DEADLINE_MS 5000
#define SECRET_BYTES 16

/* Names with the rules that make the user anew. */
static const char *all_rights(const struct group *group) {
    return strverscmp(group->engine_version, "6.2") >= 0 ? "on ~* &* +@all" : "on ~* +@all";
}

static void add_passwords(struct text *rules, const struct strings *hashes) {
    for (size_t i = 0; i < hashes->count; i++)
        text_addf(rules, " #%s", hashes->items[i]);
}

static void add_default(const struct group *group, struct pairs *out) {
    AUTO(text_clear) struct text rules = { 0 };
    text_add(&rules, all_rights(group));
    if (group->access.token_optional || !group->access.tokens.count)
        text_add(&rules, " nopass");
    else
        add_passwords(&rules, &group->access.tokens);
    pairs_set(out, "default", text_string(&rules));
}

static void add_user(const struct user *user, struct pairs *out) {
    AUTO(text_clear) struct text rules = { 0 };
    text_add(&rules, user->access_string);
    if (user->no_password)
        text_add(&rules, " nopass");
    add_passwords(&rules, &user->passwords);
    pairs_set(out, user->name, text_string(&rules));
}

static void list_users(const struct state *state, const struct group *group, struct pairs *out) {
    AUTO(string_free) char *hash = access_hash(group->secret);
    AUTO(string_free) char *own = xasprintf("%s #%s", all_rights(group), hash);
    pairs_set(out, NODE_USER, own);
    if (!group->access.user_groups.count) {
        add_default(group, out);
        return;
    }
    pairs_set(out, "default", "off"); /* unless one of the users is called that */
    for (size_t i = 0; i < group->access.user_groups.count; i++) {
        const struct user_group *users =
            state_user_group(state, group->access.user_groups.items[i]);
        for (size_t k = 0; users && k < users->user_ids.count; k++) {
            const struct user *user = state_user(state, users->user_ids.items[k]);
            if (user)
                add_user(user, out);
        }
    }
}

char *access_hash(const char *password) {
    char hex[DIGEST_HEX_BYTES];
    digest_sha256_hex(password, strlen(password), hex);
    return xstrdup(hex);
}

void access_lines(const struct state *state, const struct group *group, struct strings *out) {
    AUTO(pairs_clear) struct pairs users = { 0 };
    if (!group->secret)
        return;
    list_users(state, group, &users);
    for (size_t i = 0; i < users.count; i++)
        strings_addf(out, "user %s %s", users.items[i].name, users.items[i].value);
    if (!access_is_on(&group->access))
        return;
    strings_addf(out, "masteruser %s", NODE_USER);
    strings_addf(out, "masterauth %s", group->secret);
}

/* ACL SETUSER name reset RULE… */
static void queue_user(struct redis_connection *connection, const struct pair *user) {
    AUTO(string_free) char *rules = xstrdup(user->value);
    const char **words = xcalloc(strlen(rules) + 5, sizeof *words);
    size_t count = 0;
    char *rest = NULL;
    words[count++] = "ACL";
    words[count++] = "SETUSER";
    words[count++] = user->name;
    words[count++] = "reset";
    for (char *at = strtok_r(rules, " ", &rest); at; at = strtok_r(NULL, " ", &rest))
        words[count++] = at;
    redis_queue(connection, count, words, NULL);
    free(words);
}

static bool take(struct redis_connection *connection, const struct node *node, size_t count,
                 struct error *err) {
    redis_exchange(&connection, 1, clock_mono_ms() + CHANGE_DEADLINE_MS);
    for (size_t i = 0; i < count; i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!redis_take(connection, &reply, err))
            return false;
        if (reply->type == REDIS_FAULT)
            return error_set(err, ERROR_REFUSED, "%s: %s", node->id, reply->bytes);
    }
    return true;
}

static bool change_node(const struct state *state, const struct group *group,
                        const struct node *node, const struct pairs *before,
                        const struct pairs *users, struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    size_t count = users->count;
    if (!node_open(state, node, &connection, err))
        return false;
    for (size_t i = 0; i < users->count; i++)
        queue_user(connection, &users->items[i]);
    for (size_t i = 0; i < before->count; i++) {
        if (pairs_find(users, before->items[i].name))
            continue;
        redis_queue_words(connection, "ACL", "DELUSER", before->items[i].name, NULL);
        count++;
    }
    /* Without access control a node logs in nowhere: it may have to follow a server of others. */
    bool on = access_is_on(&group->access);
    AUTO(string_free) char *config = xasprintf("%sconfig", node->rename ? node->rename : "");
    redis_queue_words(connection, config, "SET", "masterauth", on ? group->secret : "", NULL);
    redis_queue_words(connection, config, "SET", "masteruser", on ? NODE_USER : "", NULL);
    return take(connection, node, count + 2, err);
}

/* The nodes' own user first, everywhere: replicas log in with it from then on. */
static bool add_own_user(const struct endpoint *endpoint, const struct group *group,
                         const char *secret, struct error *err) {
    AUTO(string_free) char *hash = access_hash(secret);
    AUTO(string_free) char *rules = xasprintf("%s #%s", all_rights(group), hash);
    const struct pair own = { (char[]){ NODE_USER }, rules };
    for (size_t i = 0; i < group->nodes.count; i++) {
        AUTO(redis_close) struct redis_connection *connection = NULL;
        const struct node *node = &group->nodes.items[i];
        AUTO(string_free) char *config = xasprintf("%sconfig", node->rename ? node->rename : "");
        if (!node_is_alive(endpoint->dir, node))
            continue;
        if (!node_open(&endpoint->state, node, &connection, err))
            return false;
        queue_user(connection, &own);
        redis_queue_words(connection, config, "SET", "masterauth", secret, NULL);
        redis_queue_words(connection, config, "SET", "masteruser", NODE_USER, NULL);
        if (!take(connection, node, 3, err))
            return false;
    }
    return true;
}

bool access_change(struct endpoint *endpoint, struct group *group, const struct access *to,
                   struct error *err) {
    AUTO(pairs_clear) struct pairs before = { 0 };
    AUTO(pairs_clear) struct pairs users = { 0 };
    AUTO(string_free) char *secret = group->secret ? NULL : random_hex(SECRET_BYTES);
    bool done = true;
    if (secret && !add_own_user(endpoint, group, secret, err))
        return false;
    if (secret)
        group->secret = TAKE(secret);
    list_users(&endpoint->state, group, &before);
    access_copy(&group->access, to);
    list_users(&endpoint->state, group, &users);
    endpoint->changed = true;
    for (size_t i = 0; done && i < group->nodes.count; i++)
        if (node_is_alive(endpoint->dir, &group->nodes.items[i]))
            done =
                change_node(&endpoint->state, group, &group->nodes.items[i], &before, &users, err);
    return done;
}

void access_settle(struct endpoint *endpoint, struct group *group) {
    AUTO(error_clear) struct error err = { 0 };
    if (!group->access_changes)
        return;
    if (!access_change(endpoint, group, &group->wanted_access, &err)) {
        endpoint_log("%s: access control: %s", group->id, err.message);
        state_event(&endpoint->state, "replication-group", group->id,
                    "Modification of access control failed: %s", err.message);
    }
    access_clear(&group->wanted_access);
    group->access_changes = false;
}
