#include "providers/local/machine/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "schemas/base/memory.h"

#define NETWORKS 254

static const int node_ports[] = { 6379, 6390, 16379, 26390 };

bool network_parse(const char *string, int64_t *network) {
    char *end = NULL;
    if (strncmp(string, "127.", 4) != 0 || string[4] < '0' || string[4] > '9')
        return false;
    long value = strtol(string + 4, &end, 10);
    if (*end || value < 1 || value > NETWORKS)
        return false;
    *network = value;
    return true;
}

/* An abstract socket: gone with its last holder, in the network namespace that the addresses are
 * in. Nodes inherit it, so that a network stays taken while orphans of a killed endpoint use it. */
static int claim(int64_t network) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "ecmig-local-127.%d",
                          (int)network);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    if (bind(fd, (struct sockaddr *)&address, size) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool is_free(int64_t network, int subnet, int host, int port) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr =
        htonl(127U << 24 | (uint32_t)network << 16 | (uint32_t)subnet << 8 | (uint32_t)host);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool free =
        fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0;
    if (fd >= 0)
        close(fd);
    return free;
}

static int64_t usable_port(int64_t network) {
    for (size_t i = 0; i < COUNT(node_ports); i++) {
        bool free = true;
        for (int host = 1; free && host <= 4; host++)
            free = is_free(network, 1, host, node_ports[i]) &&
                   is_free(network, 2, host, node_ports[i]);
        if (free)
            return node_ports[i];
    }
    return 0;
}

static bool try_network(int64_t candidate, int64_t *network, int64_t *port, int *fd) {
    int claimed = claim(candidate);
    if (claimed < 0)
        return false;
    int64_t usable = usable_port(candidate);
    if (!usable) {
        close(claimed);
        return false;
    }
    *network = candidate;
    *port = usable;
    *fd = claimed;
    return true;
}

bool network_claim(int64_t wanted, int64_t *network, int64_t *port, int *fd, struct error *err) {
    if (wanted) {
        if (try_network(wanted, network, port, fd))
            return true;
        error_set(err, ERROR_CONFLICT, "127.%d is in use", (int)wanted);
        return error_hint(err, "leave out --network to use the first free one");
    }
    for (int64_t candidate = 1; candidate <= NETWORKS; candidate++)
        if (try_network(candidate, network, port, fd))
            return true;
    return error_set(err, ERROR_CONFLICT, "every network from 127.1 to 127.%d is in use", NETWORKS);
}
