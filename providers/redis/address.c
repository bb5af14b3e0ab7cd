/* HOST:PORT, and [V6]:PORT. */
#include <ctype.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "providers/redis/redis.h"
#include "schemas/base/memory.h"

static bool port_parse(const char *digits, uint16_t *port) {
    unsigned long value = 0;
    for (const char *at = digits; *at; at++) {
        if (*at < '0' || *at > '9' || at - digits > 4)
            return false;
        value = value * 10 + (unsigned long)(*at - '0');
    }
    if (value == 0 || value > UINT16_MAX)
        return false;
    *port = (uint16_t)value;
    return true;
}

bool redis_address_parse(const char *address, char host[256], uint16_t *port) {
    const char *start = address, *end = strrchr(address, ':');
    const char *digits = end ? end + 1 : NULL;
    if (!end)
        return false;
    if (address[0] == '[') {
        start++;
        if (end == start || *--end != ']')
            return false;
    } else if (memchr(address, ':', (size_t)(end - address))) {
        return false;
    }
    size_t length = (size_t)(end - start);
    uint16_t value;
    if (length == 0 || length > 255 || !port_parse(digits, &value))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isgraph((unsigned char)start[i]) || strchr("[]/@", start[i]))
            return false;
    memcpy(host, start, length);
    host[length] = '\0';
    *port = value;
    return true;
}

char *redis_address_text(const char *host, uint16_t port) {
    return xasprintf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
}

void redis_address_resolve(const char *host, uint16_t port, struct strings *out) {
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return;
    for (const struct addrinfo *at = found; at; at = at->ai_next) {
        char number[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, number, sizeof number, NULL, 0,
                        NI_NUMERICHOST) != 0)
            continue;
        AUTO(string_free) char *address = redis_address_text(number, port);
        strings_add(out, address);
    }
    freeaddrinfo(found);
}
