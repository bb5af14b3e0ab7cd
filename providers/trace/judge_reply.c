/* One command to a Redis server and its reply. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "providers/redis/clients.h"
#include "providers/redis/cluster.h"
#include "providers/redis/info.h"
#include "providers/trace/judge.h"
#include "schemas/base/memory.h"
#include "schemas/trace/command.h"

#define DEPTH_CEILING 8

static const char *const others[] = {
#define KNOWN_COMMAND(words) words,
#include "providers/trace/beliefs/commands.def"
#undef KNOWN_COMMAND
};

static bool begins_with(const char *command, const char *words) {
    size_t length = strlen(words);
    return strncasecmp(command, words, length) == 0 && (command[length] == ' ' || !command[length]);
}

static bool is_known(const char *command) {
    bool known = trace_reply_form(command) != REPLY_HIDDEN;
    for (size_t i = 0; !known && i < COUNT(others); i++)
        known = begins_with(command, others[i]);
    return known;
}

/* Back to what the parsers take. Strings are borrowed from the value. */
static struct redis_reply *reply_of(const struct json *value, int depth) {
    struct redis_reply *reply = xcalloc(1, sizeof *reply);
    const char *status = json_find_string(value, "status"),
               *fault = json_find_string(value, "fault");
    const char *string = json_string_of(value);
    const char *bytes = string ? string : status ? status : fault;
    reply->type = string ? REDIS_STRING : status ? REDIS_STATUS : fault ? REDIS_FAULT : REDIS_NIL;
    if (bytes) {
        reply->bytes = (char *)(uintptr_t)bytes;
        reply->length = strlen(bytes);
    } else if (value && json_kind_of(value) == JSON_KIND_INT) {
        reply->type = REDIS_INTEGER;
        reply->integer = json_int_of(value, 0);
    } else if (value && json_kind_of(value) == JSON_KIND_ARRAY && depth < DEPTH_CEILING) {
        reply->type = REDIS_ARRAY;
        reply->count = json_count(value);
        reply->elements = xcalloc(reply->count + 1, sizeof(struct redis_reply *));
        for (size_t i = 0; i < reply->count; i++)
            reply->elements[i] = reply_of(json_at(value, i), depth + 1);
    }
    return reply;
}

static void missing_field(struct judge *judge, const char *command, const char *field) {
    judge_differs(judge, "missing-field",
                  "what a plan or a step reads from it is unknown, and the check that needs it "
                  "says so",
                  "%.60s: the reply has no field '%s'", command, field);
}

static void judge_fields(struct judge *judge, const char *command, const char *text) {
    static const char *const of_all[] = { "run_id",
                                          "tcp_port",
                                          "role",
                                          "used_memory",
                                          "maxmemory",
                                          "loading",
                                          "total_commands_processed" };
    static const char *const of_replication[] = { "role", "master_repl_offset" };
    AUTO(info_clear) struct info info = { 0 };
    info_parse(text, strlen(text), &info);
    const char *role = info_find(&info, "role"), *link = info_find(&info, "master_link_status");
    bool whole = strcasecmp(command, "INFO") == 0 || strcasecmp(command, "INFO all") == 0;
    if (whole && !info_find(&info, "redis_version") && !info_find(&info, "valkey_version"))
        missing_field(judge, command, "redis_version");
    for (size_t i = 0; whole && i < COUNT(of_all); i++)
        if (!info_find(&info, of_all[i]))
            missing_field(judge, command, of_all[i]);
    for (size_t i = 0; strcasecmp(command, "INFO replication") == 0 && i < COUNT(of_replication);
         i++)
        if (!info_find(&info, of_replication[i]))
            missing_field(judge, command, of_replication[i]);
    if (role && strcmp(role, "master") != 0 && strcmp(role, "slave") != 0)
        judge_differs(judge, "unknown-role", "ecmig takes it for neither primary nor replica",
                      "%.60s: the role is '%.40s'", command, role);
    if (link && strcmp(link, "up") != 0 && strcmp(link, "down") != 0)
        judge_differs(judge, "unknown-role", "ecmig takes the link for down",
                      "%.60s: master_link_status is '%.40s'", command, link);
}

static size_t count_lines(const char *text) {
    size_t count = 0;
    for (const char *at = text; *at; at += strcspn(at, "\n")) {
        at += *at == '\n';
        count += *at != '\0' && *at != '\n' && *at != '\r';
    }
    return count;
}

static void judge_clients(struct judge *judge, const char *command, const char *text) {
    AUTO(clients_clear) struct clients clients = { 0 };
    clients_parse(text, strlen(text), &clients);
    size_t lines = count_lines(text), sound = 0;
    for (size_t i = 0; i < clients.count; i++)
        sound += clients.items[i].id && *clients.items[i].flags;
    if (sound != lines)
        judge_differs(judge, "malformed-reply",
                      "connections that are not read are neither counted nor ended at the cutover",
                      "%.60s: %zu of %zu lines cannot be read", command, lines - sound, lines);
}

static void judge_view(struct judge *judge, const char *command, bool sound,
                       const struct error *err) {
    if (!sound)
        judge_differs(judge, "malformed-reply",
                      "the members of the cluster are unknown, and a plan stops here",
                      "%.60s: the client cannot read the reply: %.300s", command, err->message);
}

static void judge_cluster(struct judge *judge, const char *command, const struct json *value) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    const char *text = json_string_of(value);
    AUTO(redis_reply_free) struct redis_reply *reply = reply_of(value, 0);
    if (begins_with(command, "CLUSTER NODES"))
        judge_view(judge, command,
                   cluster_nodes_read(text ? text : "", text ? strlen(text) : 0, "10.255.255.254",
                                      &view, &err),
                   &err);
    else if (begins_with(command, "CLUSTER SLOTS"))
        judge_view(judge, command, cluster_slots_read(reply, "10.255.255.254", &view, &err), &err);
    else if (begins_with(command, "CLUSTER SHARDS"))
        judge_view(judge, command, cluster_shards_read(reply, "10.255.255.254", &view, &err), &err);
}

static void judge_fault(struct judge *judge, const char *command, const char *fault) {
    static const char known[] = "ERR NOAUTH WRONGPASS NOPERM DENIED LOADING BUSY MISCONF READONLY "
                                "NOREPLICAS CLUSTERDOWN MASTERDOWN MOVED ASK TRYAGAIN NOGOODSLAVE "
                                "NOMASTERLINK UNKNOWN EXECABORT OOM";
    AUTO(string_free) char *code = xstrndup(fault, strcspn(fault, " "));
    if (!judge_has_word(known, ' ', code))
        judge_differs(judge, "unknown-refusal", "it is shown as it is, without a hint what to do",
                      "%.60s was refused with the unknown code '%.40s'", command, code);
}

static void judge_text(struct judge *judge, enum reply_form form, const char *command,
                       const char *text) {
    if (form == REPLY_INFO && !begins_with(command, "CLUSTER INFO"))
        judge_fields(judge, command, text);
    if (form == REPLY_CLIENTS)
        judge_clients(judge, command, text);
}

static bool is_expected_kind(enum reply_form form, const char *kind) {
    switch (form) {
    case REPLY_INFO:
    case REPLY_CLIENTS:
    case REPLY_NODES:
        return strcmp(kind, "string") == 0;
    case REPLY_ELEMENTS:
    case REPLY_SETTINGS:
        return strcmp(kind, "array") == 0;
    case REPLY_HIDDEN:
    case REPLY_PLAIN:
        break;
    }
    return true;
}

static void judge_psync(struct judge *judge, const struct json *reply) {
    const char *status = json_find_string(reply, "status");
    if (status && strncmp(status, "CONTINUE", 8) != 0 && strncmp(status, "FULLRESYNC", 10) != 0)
        judge_differs(judge, "unknown-reply", "the audit cannot read the replication log",
                      "PSYNC was answered with '%.60s'", status);
}

void judge_reply(struct judge *judge, const struct json *line) {
    const char *command = json_find_string(line, "command");
    const char *kind = json_find_string(line, "reply_kind");
    const struct json *reply = json_find(line, "reply");
    const char *fault = json_find_string(reply, "fault");
    judge->report->replies++;
    if (!command || !is_known(command)) {
        judge_differs(judge, "unknown-command", "another version of ecmig wrote the trace",
                      "the command '%.60s' is not one that ecmig sends", command ? command : "");
        return;
    }
    if (!begins_with(command, "WAIT"))
        judge_took(judge, TIMING_REPLY, json_find_int(line, "took_ms", 0), command);
    enum reply_form form = trace_reply_form(command);
    if (fault)
        judge_fault(judge, command, fault);
    else if (kind && !is_expected_kind(form, kind))
        judge_differs(judge, "unknown-reply", "the client reads nothing from it",
                      "%.60s was answered with the kind '%.20s'", command, kind);
    else if (reply && begins_with(command, "PSYNC"))
        judge_psync(judge, reply);
    else if (reply && (form == REPLY_NODES || form == REPLY_ELEMENTS))
        judge_cluster(judge, command, reply);
    else if (json_string_of(reply))
        judge_text(judge, form, command, json_string_of(reply));
}
