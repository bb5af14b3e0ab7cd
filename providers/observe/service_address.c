#include "providers/observe/service_address.h"

#include <stdint.h>

#include "providers/redis/redis.h"
#include "schemas/base/number.h"

char *service_address_of(const char *address, const char *plain_port) {
    char host[256];
    uint16_t port;
    int64_t number = number_or(plain_port, 0);
    if (number <= 0 || number > UINT16_MAX || !redis_address_parse(address, host, &port) ||
        port == number)
        return NULL;
    return redis_address_text(host, (uint16_t)number);
}
