/* Whose connections the lines of INFO replication are, where an address does not tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/site/followers.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/server.h"

#define NOBODY "10.255.255.1" /* what a translation shows in place of everybody */
#define PATIENCE_MS 1500

struct scene {
    struct server *primary, *replica, *target;
    struct config config;
    struct site site;
};

static void add_node(struct site *site, const struct server *server, bool is_primary) {
    *LIST_ADD(&site->nodes) =
        (struct site_node){ .address = redis_address_text(server->host, server->port),
                            .connection = server_connect(server),
                            .is_primary = is_primary };
}

static void follow_as(struct server *server, const struct server *primary, const char *host,
                      uint16_t port) {
    AUTO(string_free) char *ip = xasprintf("CONFIG SET replica-announce-ip %s", host);
    AUTO(string_free) char *number = xasprintf("CONFIG SET replica-announce-port %d", port);
    server_tell(server, ip);
    server_tell(server, number);
    server_follow(server, primary);
}

static int set_up(void **state) {
    struct scene *scene = xcalloc(1, sizeof *scene);
    scene->primary = server_start(NULL);
    scene->replica = server_start(NULL);
    scene->target = server_start(NULL);
    server_follow(scene->replica, scene->primary);
    follow_as(scene->target, scene->primary, NOBODY, 6379);
    struct site *site = &scene->site;
    scene->config.source.timeout_ms = 2000;
    site->config = &scene->config;
    *LIST_ADD(&site->shards) = (struct site_shard){ .name = xstrdup("") };
    *LIST_ADD(&site->groups) = (struct site_group){ .id = xstrdup("0001") };
    add_node(site, scene->primary, true);
    add_node(site, scene->replica, false);
    char *address = redis_address_text(scene->target->host, scene->target->port);
    *LIST_ADD(&site->targets) =
        (struct site_target_node){ .address = address,
                                   .connection = server_connect(scene->target) };
    strings_add(&site->target_nodes, address);
    *state = scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    site_close(&scene->site);
    server_stop(scene->primary);
    server_stop(scene->replica);
    server_stop(scene->target);
    free(scene);
    return 0;
}

static void expect(struct scene *scene, enum error_code code) {
    AUTO(error_clear) struct error err = { 0 };
    bool known = followers_are_known(&scene->site, clock_mono_ms() + PATIENCE_MS, &err);
    if (known != (code == ERROR_NONE) || err.code != code)
        fail_msg("%s", known ? "all are said to be known" : err.message);
}

static void the_target_is_known_behind_a_translation(void **state) {
    struct scene *scene = *state;
    expect(scene, ERROR_NONE);
    server_tell(scene->primary, "CLIENT KILL TYPE replica");
    server_wait_for(scene->target, "INFO replication", "master_link_status:up", true);
    server_wait_for(scene->replica, "INFO replication", "master_link_status:up", true);
    expect(scene, ERROR_NONE);
}

static void a_replica_that_joins_is_not(void **state) {
    struct scene *scene = *state;
    AUTO(server_stop) struct server *foreign = server_start(NULL);
    follow_as(foreign, scene->primary, NOBODY, 6379);
    expect(scene, ERROR_FAILED);
    follow_as(foreign, scene->primary, scene->replica->host, scene->replica->port);
    server_tell(foreign, "REPLICAOF NO ONE");
    server_follow(foreign, scene->primary);
    expect(scene, ERROR_FAILED);
}

static void nobody_takes_the_place_of_a_target_that_is_away(void **state) {
    struct scene *scene = *state;
    AUTO(server_stop) struct server *foreign = server_start(NULL);
    follow_as(foreign, scene->primary, NOBODY, 6379);
    server_tell(scene->target, "REPLICAOF NO ONE");
    server_wait_for(scene->primary, "INFO replication", "connected_slaves:2", true);
    expect(scene, ERROR_FAILED);
}

/* It says that its link is up, and nothing comes over it: the line need not be its own. */
static void a_link_that_carries_nothing_proves_nothing(void **state) {
    struct scene *scene = *state;
    server_tell(scene->primary, "CONFIG SET repl-ping-replica-period 3600");
    server_tell(scene->primary, "ACL SETUSER default -wait");
    expect(scene, ERROR_DEADLINE);
    server_tell(scene->primary, "ACL SETUSER default +wait");
    expect(scene, ERROR_NONE);
}

/* Where each shows its own address nobody is counted: the target need not even be there. */
static void addresses_suffice_where_they_are_true(void **state) {
    struct scene *scene = *state;
    server_tell(scene->target, "REPLICAOF NO ONE");
    follow_as(scene->target, scene->primary, scene->target->host, scene->target->port);
    server_wait_for(scene->primary, "INFO replication", NOBODY, false);
    server_tell(scene->primary, "ACL SETUSER default -wait");
    expect(scene, ERROR_NONE);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE(the_target_is_known_behind_a_translation),
        SCENE(a_replica_that_joins_is_not),
        SCENE(nobody_takes_the_place_of_a_target_that_is_away),
        SCENE(a_link_that_carries_nothing_proves_nothing),
        SCENE(addresses_suffice_where_they_are_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
