#include "providers/redis/clients.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/number.h"

#define TEXTS_OF(client)                                                                           \
    {                                                                                              \
        &(client)->address, &(client)->name, &(client)->user, &(client)->command,                  \
            &(client)->flags, &(client)->arrived_at                                                \
    }

static bool is_named(const char *field, size_t length, const char *name) {
    return length == strlen(name) && strncmp(field, name, length) == 0;
}

static int64_t number_of(const char *value, size_t length) {
    AUTO(string_free) char *text = xstrndup(value, length);
    return number_or(text, 0);
}

/* The first of a name counts: those behind it are of the client's own making. */
static void keep(char **slot, const char *value, size_t length) {
    if (!*slot)
        *slot = xstrndup(value, length);
}

static void read_field(const char *field, size_t length, struct client *client) {
    const struct {
        const char *name;
        char **text;
        int64_t *number;
    } rows[] = {
        { "id", NULL, &client->id },
        { "db", NULL, &client->database },
        { "ssub", NULL, &client->shard_channels },
        { "resp", NULL, &client->protocol },
        { "omem", NULL, &client->output_bytes },
        { "addr", &client->address, NULL },
        { "laddr", &client->arrived_at, NULL },
        { "name", &client->name, NULL },
        { "flags", &client->flags, NULL },
        { "cmd", &client->command, NULL },
        { "user", &client->user, NULL },
    };
    const char *equals = memchr(field, '=', length);
    size_t name_length = equals ? (size_t)(equals - field) : 0;
    for (size_t i = 0; equals && i < COUNT(rows); i++) {
        if (!is_named(field, name_length, rows[i].name))
            continue;
        if (rows[i].text)
            keep(rows[i].text, equals + 1, length - name_length - 1);
        else if (!*rows[i].number)
            *rows[i].number = number_of(equals + 1, length - name_length - 1);
    }
}

/* Fields are `name=value`, a space apart; a name of a client holds no space and no control. */
static void add_line(const char *line, size_t length, struct clients *out) {
    if (!memchr(line, '=', length))
        return;
    struct client *client = LIST_ADD(out);
    *client = (struct client){ 0 };
    for (size_t at = 0; at < length;) {
        const char *space = memchr(line + at, ' ', length - at);
        size_t end = space ? (size_t)(space - line) : length;
        read_field(line + at, end - at, client);
        at = end + 1;
    }
    char **const texts[] = TEXTS_OF(client);
    for (size_t i = 0; i < COUNT(texts); i++)
        keep(texts[i], "", 0);
}

void clients_parse(const char *bytes, size_t length, struct clients *out) {
    clients_clear(out);
    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t next = end ? (size_t)(end - bytes) : length;
        size_t stop = next > at && bytes[next - 1] == '\r' ? next - 1 : next;
        add_line(bytes + at, stop - at, out);
        at = next + 1;
    }
}

void clients_read(const struct redis_reply *reply, struct clients *out) {
    bool is_text = reply && reply->type == REDIS_STRING;
    clients_parse(is_text ? reply->bytes : "", is_text ? reply->length : 0, out);
}

bool client_is_ordinary(const struct client *client) {
    return client->id && *client->flags && !strpbrk(client->flags, "SMO") &&
           strncmp(client->name, "ecmig", strlen("ecmig")) != 0 &&
           strncmp(client->name, "sentinel-", strlen("sentinel-")) != 0;
}

void clients_clear(struct clients *clients) {
    if (!clients)
        return;
    for (size_t i = 0; i < clients->count; i++) {
        char **const texts[] = TEXTS_OF(&clients->items[i]);
        for (size_t k = 0; k < COUNT(texts); k++)
            free(*texts[k]);
    }
    free(clients->items);
    *clients = (struct clients){ 0 };
}
