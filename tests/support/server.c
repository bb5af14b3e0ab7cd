#include "tests/support/server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "providers/redis/info.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

#define READY_WITHIN_MS 20000
#define CALL_TIMEOUT_MS 20000

static void give_up(const char *what, const char *detail) {
    (void)fprintf(stderr, "test server: %s: %s\n", what, detail ? detail : "");
    abort();
}

static uint16_t free_port(const char *host) {
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        give_up("no free port on", host);
    (void)close(fd);
    return ntohs(address.sin_port);
}

static void become_server(const struct server *server, const struct strings *command,
                          pid_t parent) {
    AUTO(string_free) char *log = xasprintf("%s/log", server->folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
        _exit(126);
    (void)setpgid(0, 0); /* so that its snapshots end with it */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    execvp(command->items[0], command->items);
    _exit(127);
}

static void spawn(struct server *server, struct strings *command) {
    command->items = xrealloc(command->items, command->count + 1, sizeof *command->items);
    command->items[command->count] = NULL;
    pid_t parent = getpid();
    server->pid = fork();
    if (server->pid < 0)
        give_up("fork", NULL);
    if (server->pid == 0)
        become_server(server, command, parent);
    (void)setpgid(server->pid, server->pid); /* whoever is first */
}

static void spawn_redis(struct server *server, const char *const *overrides) {
    AUTO(strings_clear) struct strings command = { 0 };
    strings_add(&command, "redis-server");
    strings_add(&command, "--port");
    strings_addf(&command, "%u", server->port);
    const char *const fixed[] = { "--bind",
                                  server->host,
                                  "--dir",
                                  server->folder,
                                  "--save",
                                  "",
                                  "--appendonly",
                                  "no",
                                  "--enable-debug-command",
                                  "yes",
                                  "--replica-announce-ip",
                                  server->host,
                                  "--repl-diskless-sync-delay",
                                  "0" };
    for (size_t i = 0; i < COUNT(fixed); i++)
        strings_add(&command, fixed[i]);
    for (size_t i = 0; overrides && overrides[i]; i++) {
        strings_add(&command, overrides[i]);
        if (strcmp(overrides[i], "--cluster-enabled") == 0) {
            strings_add(&command, overrides[++i]);
            strings_add(&command, "--cluster-port");
            strings_addf(&command, "%u", free_port(server->host));
            strings_add(&command, "--cluster-announce-ip");
            strings_add(&command, server->host);
        }
    }
    spawn(server, &command);
}

/* It keeps what it knows in its configuration file, and starts with none else. */
static void spawn_sentinel(struct server *server, const char *name, const char *host, uint16_t port,
                           int quorum, const char *more) {
    AUTO(strings_clear) struct strings command = { 0 };
    AUTO(string_free) char *path = xasprintf("%s/sentinel.conf", server->folder);
    FILE *file = fopen(path, "w");
    if (!file)
        give_up("no file", path);
    (void)fprintf(
        file,
        "port %u\nbind %s\nsentinel announce-ip %s\ndir %s\nsentinel monitor %s %s %u %d\n"
        "sentinel down-after-milliseconds %s 1000\nsentinel failover-timeout %s 3000\n%s",
        server->port, server->host, server->host, server->folder, name, host, port, quorum, name,
        name, more);
    (void)fclose(file);
    strings_add(&command, "redis-server");
    strings_add(&command, path);
    strings_add(&command, "--sentinel");
    spawn(server, &command);
}

static bool try_open(const struct server *server, int64_t timeout_ms, struct redis_connection **out,
                     struct error *err) {
    AUTO(secret_free)
    struct secret *password =
        server->password ? secret_new(server->password, strlen(server->password)) : NULL;
    const struct redis_options options = {
        .host = server->host, .port = server->port, .password = password, .timeout_ms = timeout_ms
    };
    return redis_open(&options, out, err);
}

static void wait_ready(struct server *server) {
    int64_t deadline_mono_ms = clock_mono_ms() + READY_WITHIN_MS;
    for (;;) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_close) struct redis_connection *connection = NULL;
        if (try_open(server, 1000, &connection, &err))
            return;
        if (waitpid(server->pid, NULL, WNOHANG) != 0)
            give_up("redis-server ended; see the log in", server->folder);
        if (clock_left_ms(deadline_mono_ms) == 0)
            give_up("redis-server is not ready", err.message);
        clock_sleep_ms(10);
    }
}

static struct server *server_new(void) {
    struct server *server = xcalloc(1, sizeof *server);
    const char *base = getenv("TMPDIR");
    server->folder = xasprintf("%s/ecmig-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(server->folder))
        give_up("no folder", server->folder);
    unsigned own = (unsigned)getpid();
    server->host = xasprintf("127.77.%u.%u", own >> 8 & 255, 1 + own % 254);
    server->port = free_port(server->host);
    return server;
}

struct server *server_start(const char *const *overrides) {
    struct server *server = server_new();
    for (size_t i = 0; overrides && overrides[i]; i++)
        if (strcmp(overrides[i], "--requirepass") == 0)
            server->password = xstrdup(overrides[i + 1]);
    spawn_redis(server, overrides);
    wait_ready(server);
    return server;
}

struct server *server_start_sentinel(const char *name, const struct server *primary, int quorum) {
    struct server *server = server_new();
    spawn_sentinel(server, name, primary->host, primary->port, quorum, "");
    wait_ready(server);
    return server;
}

struct server *server_start_tls_sentinel(const char *name, const char *host, uint16_t port,
                                         const char *folder, bool asks_over_tls,
                                         uint16_t *tls_port) {
    struct server *server = server_new();
    *tls_port = free_port(server->host);
    AUTO(string_free)
    char *more = xasprintf("tls-port %u\ntls-replication %s\ntls-cert-file %s/server.pem\n"
                           "tls-key-file %s/server.key\ntls-ca-cert-file %s/ca.pem\n"
                           "tls-auth-clients no\n",
                           *tls_port, asks_over_tls ? "yes" : "no", folder, folder, folder);
    spawn_sentinel(server, name, host, port, 1, more);
    wait_ready(server);
    return server;
}

/* A snapshot in the making is a process of its own that may still add a file while it is ended. */
static void remove_folder(const char *folder) {
    for (int i = 0; i < 100 && rmdir(folder) != 0; i++) {
        DIR *listing = opendir(folder);
        for (const struct dirent *entry; listing && (entry = readdir(listing));) {
            AUTO(string_free) char *path = xasprintf("%s/%s", folder, entry->d_name);
            (void)unlink(path);
        }
        if (listing)
            (void)closedir(listing);
        if (i > 0)
            clock_sleep_ms(10);
    }
}

void server_stop(struct server *server) {
    if (!server)
        return;
    (void)kill(-server->pid, SIGKILL);
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    remove_folder(server->folder);
    free(server->folder);
    free(server->host);
    free(server->password);
    free(server);
}

struct redis_connection *server_connect(const struct server *server) {
    AUTO(error_clear) struct error err = { 0 };
    struct redis_connection *connection = NULL;
    if (!try_open(server, CALL_TIMEOUT_MS, &connection, &err))
        give_up("no connection", err.message);
    return connection;
}

struct redis_reply *server_run(struct redis_connection *connection, const char *command) {
    AUTO(strings_clear) struct strings words = { 0 };
    for (const char *at = command;; at++) {
        size_t length = strcspn(at, " ");
        strings_addf(&words, "%.*s", (int)length, at);
        at += length;
        if (!*at)
            break;
    }
    AUTO(error_clear) struct error err = { 0 };
    struct redis_reply *reply = NULL;
    redis_queue(connection, words.count, (const char *const *)words.items, NULL);
    redis_exchange(&connection, 1, REDIS_NOW);
    if (!redis_take(connection, &reply, &err))
        give_up(command, err.message);
    if (reply->type == REDIS_FAULT)
        give_up(command, reply->bytes);
    return reply;
}

void server_do(struct redis_connection *connection, const char *command) {
    redis_reply_free(server_run(connection, command));
}

void server_follow(struct server *replica, const struct server *primary) {
    AUTO(redis_close) struct redis_connection *connection = server_connect(replica);
    AUTO(string_free)
    char *command = xasprintf("REPLICAOF %s %u", primary->host, primary->port);
    server_do(connection, command);
    int64_t deadline_mono_ms = clock_mono_ms() + READY_WITHIN_MS;
    for (;;) {
        AUTO(redis_reply_free)
        struct redis_reply *reply = server_run(connection, "INFO replication");
        AUTO(info_clear) struct info info = { 0 };
        info_parse(reply->bytes, reply->length, &info);
        const char *link = info_find(&info, "master_link_status");
        if (link && strcmp(link, "up") == 0)
            return;
        if (clock_left_ms(deadline_mono_ms) == 0)
            give_up("the replica is not in sync", command);
        clock_sleep_ms(10);
    }
}

char *server_ask(const struct server *server, const char *command) {
    AUTO(redis_close) struct redis_connection *connection = server_connect(server);
    AUTO(redis_reply_free) struct redis_reply *reply = server_run(connection, command);
    return xstrdup(redis_text(reply));
}

void server_tell(const struct server *server, const char *command) {
    free(server_ask(server, command));
}

void server_wait_for(const struct server *server, const char *command, const char *part,
                     bool there) {
    int64_t deadline_mono_ms = clock_mono_ms() + READY_WITHIN_MS;
    for (;;) {
        AUTO(string_free) char *answer = server_ask(server, command);
        if ((strstr(answer, part) != NULL) == there)
            return;
        if (clock_left_ms(deadline_mono_ms) == 0)
            give_up(command, answer);
        clock_sleep_ms(20);
    }
}
