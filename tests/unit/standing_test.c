#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/cutover/standing.h"
#include "schemas/base/memory.h"
#include "tests/support/server.h"

static char *address_of(const struct server *server) {
    return redis_address_text(server->host, server->port);
}

static long connections_of(const struct server *server) {
    AUTO(string_free) char *stats = server_ask(server, "INFO stats");
    const char *count = strstr(stats, "total_connections_received:");
    assert_non_null(count);
    return strtol(count + strlen("total_connections_received:"), NULL, 10);
}

static void know(struct fence_standing *standing, const struct server *server) {
    struct fence_standing_node *node = LIST_ADD(&standing->nodes);
    node->address = address_of(server);
}

/* The nodes are those of the record, where anybody with push rights can name a host of theirs. */
static void only_a_node_that_the_file_or_the_source_names_is_connected_to(void **state) {
    (void)state;
    AUTO(server_stop) struct server *ours = server_start(NULL), *other = server_start(NULL);
    AUTO(fence_standing_clear) struct fence_standing standing = { .value = xstrdup("1073741825") };
    AUTO(string_free) char *address = address_of(ours);
    struct config_source config = { .topology = TOPOLOGY_STANDALONE, .timeout_ms = 5000 };
    const struct fence_source source = { .config = &config };
    strings_add(&config.nodes, address);
    know(&standing, ours);
    know(&standing, other);

    long before = connections_of(other);
    fence_standing_ask(&source, NULL, &standing);
    assert_null(standing.nodes.items[0].problem);
    assert_non_null(standing.nodes.items[0].values.write);
    assert_string_equal(standing.nodes.items[1].problem,
                        "neither the migration file nor the source names it");
    assert_int_equal(connections_of(other), before + 1); /* by this question alone */

    server_follow(other, ours);
    fence_standing_ask(&source, NULL, &standing);
    assert_null(standing.nodes.items[1].problem);
    assert_true(standing.nodes.items[1].is_replica);
    strings_clear(&config.nodes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_node_that_the_file_or_the_source_names_is_connected_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
