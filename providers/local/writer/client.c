#include "providers/local/writer/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/redis/cluster.h"
#include "providers/redis/tls.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define CONNECT_MS 500
#define LIST_CEILING_BYTES ((size_t)1 << 20)

void writer_client_send_to(struct writer_client *client, const char *address) {
    snprintf(client->address, sizeof client->address, "%s", address);
    client->server[0] = 0;
    client->next = 0;
    strings_clear(&client->known);
    redis_close(client->connection);
    client->connection = NULL;
}

/* Whether the endpoint lists it among the addresses at which its nodes speak TLS. */
static bool speaks_tls(const char *dir, const char *address) {
    AUTO(string_free) char *path = path_join(dir, "tls/addresses");
    AUTO(text_clear) struct text list = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    size_t length = strlen(address);
    if (!path_exists(path) || !file_read(path, LIST_CEILING_BYTES, &list, &ignored))
        return false;
    for (const char *at = text_string(&list); *at; at += strcspn(at, "\n") + 1)
        if (strncmp(at, address, length) == 0 && at[length] == '\n')
            return true;
    return false;
}

static bool open_with_login(const char *dir, struct redis_options *options,
                            struct redis_connection **out, struct error *err) {
    AUTO(writer_login_clear) struct writer_login login = { 0 };
    if (writer_login(dir, &login)) {
        options->username = login.user;
        options->password = login.password;
        if (redis_open(options, out, err))
            return true;
        if (err->code != ERROR_REFUSED)
            return false;
        error_clear(err); /* the server does not know the user, as before there are any */
        options->username = NULL;
        options->password = NULL;
    }
    return redis_open(options, out, err);
}

static bool open_at(const struct writer_client *client, const char *address,
                    struct redis_connection **out, struct error *err) {
    char host[256];
    AUTO(string_free) char *ca_file = path_join(client->dir, "tls/ca.pem");
    AUTO(redis_tls_free) struct redis_tls *tls = NULL;
    const struct redis_tls_files files = { .ca_file = ca_file };
    struct redis_options options = { .host = host, .timeout_ms = CONNECT_MS };
    if (!redis_address_parse(address, host, &options.port))
        return error_set(err, ERROR_USAGE, "'%s' is not HOST:PORT", address);
    if (speaks_tls(client->dir, address) && !redis_tls_new(&files, &tls, err))
        return false;
    options.tls = tls;
    return open_with_login(client->dir, &options, out, err);
}

static bool is_master(struct redis_connection *connection) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    return redis_call(connection, REDIS_NOW, &reply, &ignored, "ROLE", NULL) && reply->count &&
           strcmp(redis_text(reply->elements[0]), "master") == 0;
}

/* The master that this Sentinel names, if it says of itself that it is one. */
static bool open_master(const struct writer_client *client, const char *sentinel, const char *name,
                        struct redis_connection **out, struct error *err) {
    AUTO(redis_close) struct redis_connection *asked = NULL;
    AUTO(redis_close) struct redis_connection *named = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!open_at(client, sentinel, &asked, err) ||
        !redis_call(asked, REDIS_NOW, &reply, err, "SENTINEL", "get-master-addr-by-name", name,
                    NULL))
        return false;
    if (reply->count != 2)
        return error_set(err, ERROR_NOT_FOUND, "'%s' knows no master '%s'", sentinel, name);
    AUTO(string_free)
    char *address =
        xasprintf("%s:%s", redis_text(reply->elements[0]), redis_text(reply->elements[1]));
    if (!open_at(client, address, &named, err))
        return false;
    if (!is_master(named))
        return error_set(err, ERROR_REFUSED, "'%s' is not a primary", address);
    *out = TAKE(named);
    return true;
}

static bool open_by_sentinels(struct writer_client *client, struct error *err) {
    char name[WRITER_ADDRESS_BYTES];
    snprintf(name, sizeof name, "%s", client->address + strlen(WRITER_SENTINEL_PREFIX));
    char *list = strchr(name, '@'), *rest = NULL;
    if (!list)
        return error_set(err, ERROR_USAGE, "'%s' names no Sentinels", client->address);
    *list++ = 0;
    for (char *at = strtok_r(list, ",", &rest); at; at = strtok_r(NULL, ",", &rest)) {
        error_clear(err);
        if (open_master(client, at, name, &client->connection, err))
            return true;
    }
    return false;
}

/* Who else is there to ask, should this one go away. */
static void learn(struct writer_client *client) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    if (!redis_call(client->connection, REDIS_NOW, &reply, &ignored, "CLUSTER", "NODES", NULL) ||
        !cluster_nodes_read(reply->bytes, reply->length, redis_host(client->connection), &view,
                            &ignored))
        return;
    strings_clear(&client->known);
    for (size_t i = 0; i < view.count; i++)
        if (view.items[i].address &&
            !(view.items[i].flags & (CLUSTER_FAILING | CLUSTER_HANDSHAKE | CLUSTER_NO_ADDRESS)))
            strings_add(&client->known, view.items[i].address);
}

static bool open_member(struct writer_client *client, struct error *err) {
    if (!client->server[0])
        snprintf(client->server, sizeof client->server, "%s",
                 client->known.count ? client->known.items[client->next++ % client->known.count]
                                     : client->address);
    if (!open_at(client, client->server, &client->connection, err)) {
        client->server[0] = 0;
        return false;
    }
    learn(client);
    return true;
}

bool writer_client_open(struct writer_client *client, struct error *err) {
    if (client->connection)
        return true;
    if (strncmp(client->address, WRITER_SENTINEL_PREFIX, strlen(WRITER_SENTINEL_PREFIX)) == 0)
        return open_by_sentinels(client, err);
    return client->cluster ? open_member(client, err)
                           : open_at(client, client->address, &client->connection, err);
}

void writer_client_drop(struct writer_client *client, bool refused) {
    redis_close(client->connection);
    client->connection = NULL;
    if (!refused)
        client->server[0] = 0;
}

bool writer_client_redirect(const struct writer_client *client, const struct redis_reply *reply,
                            char server[WRITER_ADDRESS_BYTES], bool *once) {
    char host[256], word[8], place[280];
    uint16_t port = 0;
    if (!client->cluster || reply->type != REDIS_FAULT ||
        sscanf(reply->bytes, "%7s %*d %279s", word, place) != 2 ||
        (strcmp(word, "MOVED") != 0 && strcmp(word, "ASK") != 0))
        return false;
    if (place[0] == ':') /* the same host */
        snprintf(server, WRITER_ADDRESS_BYTES, "%s%s", redis_host(client->connection), place);
    else if (redis_address_parse(place, host, &port))
        snprintf(server, WRITER_ADDRESS_BYTES, "%s", place);
    else
        return false;
    *once = word[0] == 'A';
    return true;
}

void writer_client_clear(struct writer_client *client) {
    if (!client)
        return;
    redis_close(client->connection);
    strings_clear(&client->known);
    *client = (struct writer_client){ 0 };
}
