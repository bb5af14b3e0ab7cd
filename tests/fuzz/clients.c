/* CLIENT LIST, and CONFIG GET as a reply whose lines are names and values in turn. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "providers/observe/uses.h"
#include "providers/redis/clients.h"
#include "providers/redis/server.h"
#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"

#define LINES 64

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void read_settings(char *text) {
    struct redis_reply lines[LINES] = { 0 }, *elements[LINES];
    struct redis_reply reply = { .type = REDIS_ARRAY, .elements = elements };
    for (char *at = text; at && reply.count < LINES;) {
        char *line = strsep(&at, "\n");
        lines[reply.count] = (struct redis_reply){ .bytes = line, .length = strlen(line) };
        elements[reply.count] = &lines[reply.count];
        reply.count++;
    }
    const char *value = server_setting(&reply, "min-replicas-to-write");
    if (value && (reply.count < 2 || value < text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(clients_clear) struct clients clients = { 0 };
    AUTO(strings_clear) struct strings names = { 0 };
    struct observed_node node = { 0 };
    AUTO(string_free) char *text = xstrndup((const char *)bytes, length); /* ends with NUL */
    clients_parse((const char *)bytes, length, &clients);
    if (clients.count > length / 2 + 1)
        abort();
    for (size_t i = 0; i < clients.count; i++) {
        const struct client *client = &clients.items[i];
        if (client_is_ordinary(client) && (!client->id || strpbrk(client->flags, "SMO")))
            abort();
        mark_connection_add(client->name, &names);
        uses_add_connection(client, &node);
    }
    for (size_t i = 0; i < node.applications.uses.count; i++)
        if (node.applications.uses.items[i].clients.count > USES_CLIENTS)
            abort();
    if (node.applications.uses.count > USES_CEILING)
        abort();
    observed_node_clear(&node);
    read_settings(text);
    return 0;
}
