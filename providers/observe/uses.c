#include "providers/observe/uses.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "providers/observe/unread.h"
#include "schemas/base/memory.h"
#include "schemas/observed/newer_commands.h"
#include "schemas/observed/restricted_commands.h"

#define USES_KEPT (USES_CEILING - 8) /* then one "others" for each kind is left */
#define USERS_KEPT 100               /* some systems create a user for every login */
#define NAME_BYTES 64                /* of what clients choose themselves */
#define DEFAULT_USER "default"

/* Names come from clients: of printable characters, and not longer than a line bears. */
static char *readable(const char *name) {
    char *copy = xasprintf("%.*s", NAME_BYTES, name);
    for (char *at = copy; *at; at++)
        if (!isprint((unsigned char)*at))
            *at = '?';
    return copy;
}

static void set_calls(struct pairs *calls, const char *name, int64_t count) {
    AUTO(string_free) char *text = xasprintf("%" PRId64, count);
    pairs_set(calls, name, text);
}

void uses_add_calls(const char *command, int64_t calls, struct observed_node *node) {
    const struct newer_command *newer = newer_command_find(command);
    const struct restricted_command *restricted = restricted_command_find(command);
    if (newer)
        set_calls(newer->is_replicated ? &node->newer_writes : &node->applications.newer_calls,
                  newer->name, calls);
    if (restricted && restricted->counts)
        set_calls(&node->applications.restricted_calls, restricted->name, calls);
}

static struct observed_use *find(struct observed_applications *in, const char *kind,
                                 const char *what) {
    for (size_t i = 0; i < in->uses.count; i++)
        if (strcmp(in->uses.items[i].kind, kind) == 0 && string_same(in->uses.items[i].what, what))
            return &in->uses.items[i];
    return NULL;
}

static void add(const struct client *client, const char *kind, const char *what,
                struct observed_node *node) {
    struct observed_applications *in = &node->applications;
    struct observed_use *use = find(in, kind, what);
    if (!use && in->uses.count >= USES_KEPT) {
        what = what ? "others" : NULL;
        use = find(in, kind, what);
    }
    if (!use) {
        use = LIST_ADD(&in->uses);
        *use = (struct observed_use){ .kind = xstrdup(kind), .what = xstrdup(what) };
    }
    use->count++;
    if (use->clients.count >= USES_CLIENTS)
        return;
    AUTO(string_free) char *name = readable(client->name);
    strings_addf(&use->clients, "%s%s%s", client->address, *name ? " " : "", name);
}

void uses_add_connection(const struct client *client, struct observed_node *node) {
    if (!client_is_ordinary(client))
        return;
    if (*client->user && strcmp(client->user, DEFAULT_USER) != 0) {
        AUTO(string_free) char *user = readable(client->user);
        add(client, "user", user, node);
    }
    if (client->database > 0) {
        AUTO(string_free) char *number = xasprintf("%" PRId64, client->database);
        add(client, "database", number, node);
    }
    if (client->protocol == 3)
        add(client, "resp3", NULL, node);
    if (client->shard_channels > 0)
        add(client, "shard channels", NULL, node);
    const struct restricted_command *restricted = restricted_command_find(client->command);
    if (restricted)
        add(client, "command", restricted->name, node);
}

void uses_read_users(const struct redis_reply *reply, struct observed_node *node) {
    struct observed_applications *in = &node->applications;
    if (reply->type != REDIS_ARRAY) {
        if (unread_has(node->version, 6, 0))
            strings_add(&node->unread, "ACL USERS");
        return;
    }
    for (size_t i = 0; i < reply->count; i++) {
        const char *name = redis_text(reply->elements[i]);
        if (strcmp(name, DEFAULT_USER) == 0)
            continue;
        AUTO(string_free) char *user = readable(name);
        in->users_count++;
        if (in->users.count < USERS_KEPT)
            strings_add(&in->users, user);
    }
    strings_sort(&in->users);
}
