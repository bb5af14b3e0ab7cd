#include "providers/local/machine/node.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "providers/process/resident.h"
#include "providers/redis/tls.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

/* Not PSYNC and SYNC, which the group's replicas need, nor CLUSTER, which clients need. */
static const char *const restricted[] = { "config", "debug",  "replicaof",    "slaveof", "migrate",
                                          "save",   "bgsave", "bgrewriteaof", "shutdown" };

/* Of second addresses, above the first's. */
#define SUBNET_MOVED 100

void node_place(const struct state *state, const struct node *node, bool moved,
                char out[NODE_ADDRESS_BYTES]) {
    int64_t subnet = node->subnet + (moved ? SUBNET_MOVED : 0);
    snprintf(out, NODE_ADDRESS_BYTES, "127.%d.%d.%d", (int)state->network & 255, (int)subnet & 255,
             (int)node->host & 255);
}

void node_address(const struct state *state, const struct node *node,
                  char out[NODE_ADDRESS_BYTES]) {
    node_place(state, node, node->moved, out);
}

int64_t node_port(const struct state *state, const struct node *node) {
    return state->node_port + (node->sentinel ? SENTINEL_PORT_ABOVE : 0);
}

char *node_endpoint(const struct state *state, const struct node *node) {
    char address[16];
    node_address(state, node, address);
    return xasprintf("%s:%d", address, (int)node_port(state, node));
}

static char *node_folder(const char *dir, const struct node *node) {
    return xasprintf("%s/nodes/%s", dir, node->id);
}

char *node_file(const char *dir, const struct node *node, const char *name) {
    return xasprintf("%s/nodes/%s/%s", dir, node->id, name);
}

static bool host_is_taken(const struct nodes *nodes, int64_t subnet, int64_t host) {
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].subnet == subnet && nodes->items[i].host == host)
            return true;
    return false;
}

static void free_host(const struct state *state, const struct nodes *building, int64_t *subnet,
                      int64_t *host) {
    for (*host = 1;; (*host)++) {
        if (*host > 254) {
            *host = 1;
            (*subnet)++;
        }
        bool taken = host_is_taken(building, *subnet, *host) ||
                     host_is_taken(&state->source, *subnet, *host) ||
                     host_is_taken(&state->sentinels, *subnet, *host);
        for (size_t i = 0; !taken && i < state->groups.count; i++)
            taken = host_is_taken(&state->groups.items[i].nodes, *subnet, *host);
        if (!taken)
            return;
    }
}

struct node *node_add(struct endpoint *endpoint, struct nodes *nodes, const char *id,
                      int64_t subnet, const struct engine *engine, bool with_restrictions) {
    int64_t host = 0;
    free_host(&endpoint->state, nodes, &subnet, &host);
    struct node *node = LIST_ADD(nodes);
    node->id = xstrdup(id);
    node->subnet = subnet;
    node->host = host;
    node->engine_path = xstrdup(engine->path);
    node->engine_version = xstrdup(engine->version);
    node->rename = with_restrictions ? random_hex(8) : NULL;
    return node;
}

static void add_restrictions(struct text *page, const struct node *node) {
    for (size_t i = 0; node->rename && i < COUNT(restricted); i++)
        text_addf(page, "rename-command %s %s%s\n", restricted[i], node->rename, restricted[i]);
}

static void add_quoted(struct text *page, const char *name, const char *value) {
    text_addf(page, "%s \"", name);
    for (const char *at = value; *at; at++) {
        if (*at == '"' || *at == '\\')
            text_add_char(page, '\\');
        text_add_char(page, *at);
    }
    text_add(page, "\"\n");
}

/* The ports that clients use, also while the node itself listens on others. */
static void write_announced_ports(struct text *page, int64_t port, enum transit transit) {
    text_addf(page, "cluster-port %d\ncluster-announce-port %d\n", (int)port + NODE_BUS_PORT_ABOVE,
              (int)port);
    if (transit != TRANSIT_OFF)
        text_addf(page, "cluster-announce-tls-port %d\n", (int)port);
}

static void write_cluster_settings(struct text *page, const char *address, int64_t port, int major,
                                   const struct node_setup *setup) {
    text_add(page, "cluster-enabled yes\ncluster-config-file nodes.conf\n");
    if (major >= 4)
        text_addf(page, "cluster-announce-ip %s\n", address);
    if (major >= 7 && setup->restricted_cluster)
        write_announced_ports(page, port, setup->transit);
    else if (setup->transit != TRANSIT_OFF)
        text_add(page, "tls-cluster yes\n");
    if (setup->node_timeout_ms)
        text_addf(page, "cluster-node-timeout %lld\n", (long long)setup->node_timeout_ms);
    if (setup->seldom)
        text_add(page, "hz 1\n");
    if (setup->restricted_cluster) /* replicas stay with their shards */
        text_add(page, "cluster-migration-barrier 1000\ncluster-require-full-coverage no\n");
}

static void write_tls(struct text *page, const struct endpoint *endpoint, const struct node *node,
                      const struct node_setup *setup) {
    AUTO(string_free) char *certificate = node_file(endpoint->dir, node, "tls.pem");
    AUTO(string_free) char *key = node_file(endpoint->dir, node, "tls.key");
    if (setup->transit == TRANSIT_OFF)
        return;
    add_quoted(page, "tls-cert-file", certificate);
    add_quoted(page, "tls-key-file", key);
    add_quoted(page, "tls-ca-cert-file", endpoint->state.tls_ca_file);
    text_add(page, "tls-auth-clients no\n");
    if (setup->transit == TRANSIT_REQUIRED)
        text_add(page, "tls-replication yes\n");
}

/* A cluster's bus stays on the addresses that a node was started with: on both, so that it can move
 * to the other. */
static void write_network(struct text *page, const struct endpoint *endpoint,
                          const struct node *node, const struct node_setup *setup) {
    char address[NODE_ADDRESS_BYTES], other[NODE_ADDRESS_BYTES];
    bool both = setup->cluster && setup->restricted_cluster;
    struct node_ports ports;
    node_address(&endpoint->state, node, address);
    node_place(&endpoint->state, node, !node->moved, other);
    node_ports_of(&endpoint->state, setup->transit, &ports);
    text_addf(page, "bind %s%s%s\nport %d\n", address, both ? " " : "", both ? other : "",
              (int)ports.plain);
    if (setup->transit != TRANSIT_OFF)
        text_addf(page, "tls-port %d\n", (int)ports.tls);
    write_tls(page, endpoint, node, setup);
}

void node_ports_of(const struct state *state, enum transit transit, struct node_ports *out) {
    static const struct node_ports above[] = {
        [TRANSIT_OFF] = { .plain = 0 },
        [TRANSIT_PREFERRED] = { NODE_HIDDEN_PLAIN_ABOVE, NODE_HIDDEN_TLS_ABOVE },
        [TRANSIT_REQUIRED] = { .tls = 0 },
    };
    out->plain = transit == TRANSIT_REQUIRED ? 0 : state->node_port + above[transit].plain;
    out->tls = transit == TRANSIT_OFF ? 0 : state->node_port + above[transit].tls;
}

static void write_settings(struct text *page, const struct endpoint *endpoint,
                           const struct node *node, const struct node_setup *setup) {
    char address[NODE_ADDRESS_BYTES];
    node_address(&endpoint->state, node, address);
    int major = engine_major(node->engine_version);
    write_network(page, endpoint, node, setup);
    if (major >= 7)
        text_addf(page, "bind-source-addr %s\nshutdown-timeout 0\n", address);
    else if (strverscmp(node->engine_version, "3.2") >= 0)
        /* connects from 127.0.0.1, so it has to say who it is */
        text_addf(page, "%s-announce-ip %s\n", major >= 5 ? "replica" : "slave", address);
    if (strverscmp(node->engine_version, "3.2") >= 0)
        text_add(page, "protected-mode no\n");
    text_add(page, "daemonize no\nsave \"\"\nappendonly no\n"
                   "dbfilename dump.rdb\n");
    if (major >= 3) /* five seconds by default, which every rehearsal would wait for */
        text_add(page, "repl-diskless-sync-delay 0\n");
    if (setup->maxmemory_bytes)
        text_addf(page, "maxmemory %lld\n", (long long)setup->maxmemory_bytes);
    for (size_t i = 0; setup->settings && i < setup->settings->count; i++)
        add_quoted(page, setup->settings->items[i].name, setup->settings->items[i].value);
    if (setup->follow_host)
        text_addf(page, "%s %s %d\n", major >= 5 ? "replicaof" : "slaveof", setup->follow_host,
                  (int)setup->follow_port);
    if (setup->cluster)
        write_cluster_settings(page, address, endpoint->state.node_port, major, setup);
    for (size_t i = 0; setup->lines && i < setup->lines->count; i++)
        text_addf(page, "%s\n", setup->lines->items[i]);
    add_restrictions(page, node);
}

bool node_launch(struct endpoint *endpoint, const struct node *node, struct text *page,
                 struct error *err) {
    AUTO(string_free) char *folder = node_folder(endpoint->dir, node);
    AUTO(string_free) char *settings_path = node_file(endpoint->dir, node, "redis.conf");
    AUTO(string_free) char *pid_path = node_file(endpoint->dir, node, "pid");
    AUTO(string_free) char *log_path = node_file(endpoint->dir, node, "log");
    add_quoted(page, "dir", folder);
    const char *const words[] = { node->engine_path, settings_path,
                                  node->sentinel ? "--sentinel" : NULL, NULL };
    struct resident_options options = {
        .pid_file = pid_path,
        .log_file = log_path,
        .words = words,
        .keep_fd = endpoint->claim_fd,
        .ready_fd = -1,
    };
    return folder_make(folder, 0700, err) &&
           file_write(settings_path, page->bytes, page->length, 0600, err) &&
           resident_start(&options, err);
}

bool node_start(struct endpoint *endpoint, const struct node *node, const struct node_setup *setup,
                struct error *err) {
    AUTO(text_clear) struct text page = { 0 };
    write_settings(&page, endpoint, node, setup);
    return node_launch(endpoint, node, &page, err);
}

bool node_is_alive(const char *dir, const struct node *node) {
    AUTO(string_free) char *pid_path = node_file(dir, node, "pid");
    return resident_find(pid_path) != 0;
}

void node_forget_data(const char *dir, const struct node *node) {
    AUTO(string_free) char *path = node_file(dir, node, "dump.rdb");
    unlink(path);
}

void node_kill(const char *dir, const struct node *node) {
    AUTO(string_free) char *pid_path = node_file(dir, node, "pid");
    resident_end(pid_path, 0);
    node_forget_data(dir, node);
}

void node_signal(const char *dir, const struct node *node, int number) {
    AUTO(string_free) char *pid_path = node_file(dir, node, "pid");
    pid_t pid = resident_find(pid_path);
    if (pid)
        kill(pid, number);
}

/* Read once: the file stays what it is as long as the endpoint's folder. */
static const struct redis_tls *trust(const char *ca_file, struct error *err) {
    static struct redis_tls *trusted;
    static char *file;
    const struct redis_tls_files files = { .ca_file = ca_file };
    if (trusted && string_same(file, ca_file))
        return trusted;
    redis_tls_free(trusted);
    trusted = NULL;
    string_replace(&file, ca_file);
    return redis_tls_new(&files, &trusted, err) ? trusted : NULL;
}

bool node_open_at(const struct state *state, const struct node *node, int64_t port, bool tls,
                  struct redis_connection **out, struct error *err) {
    char address[NODE_ADDRESS_BYTES];
    const struct group *group = state_group_of(state, node);
    const char *secret = group ? group->secret : NULL;
    AUTO(secret_free) struct secret *password = secret ? secret_new(secret, strlen(secret)) : NULL;
    node_address(state, node, address);
    struct redis_options options = {
        .host = address,
        .port = (uint16_t)port,
        .username = secret ? NODE_USER : NULL,
        .password = password,
        .timeout_ms = NODE_ANSWER_MS,
    };
    if (tls && !(options.tls = trust(state->tls_ca_file, err)))
        return false;
    return redis_open(&options, out, err);
}

bool node_open(const struct state *state, const struct node *node, struct redis_connection **out,
               struct error *err) {
    const struct group *group = state_group_of(state, node);
    return node_open_at(state, node, node_port(state, node),
                        group && group_transit(group) == TRANSIT_REQUIRED, out, err);
}

bool node_answers(const struct state *state, const struct node *node) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    return node_open(state, node, &connection, &ignored) &&
           redis_call(connection, REDIS_NOW, &reply, &ignored, "PING", NULL);
}

bool node_follow(const struct state *state, const struct node *node, const char *host, int64_t port,
                 struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(string_free)
    char *name = xasprintf("%s%s", node->rename ? node->rename : "",
                           engine_major(node->engine_version) >= 5 ? "replicaof" : "slaveof");
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)port);
    return node_open(state, node, &connection, err) &&
           redis_call(connection, REDIS_NOW, &reply, err, name, host ? host : "NO",
                      host ? number : "ONE", NULL);
}
