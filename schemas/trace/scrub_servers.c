/* Replies of Redis servers. What is kept is kept by name; all else is replaced. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "schemas/base/memory.h"
#include "schemas/trace/alias_forms.h"
#include "schemas/trace/scrub.h"

struct span {
    const char *bytes;
    size_t length;
};

/* The next part of *rest up to the byte, which is taken; false when nothing is left. */
static bool next_part(struct span *rest, char until, struct span *part) {
    if (!rest->bytes)
        return false;
    const char *end = rest->length ? memchr(rest->bytes, until, rest->length) : NULL;
    size_t length = end ? (size_t)(end - rest->bytes) : rest->length;
    *part = (struct span){ rest->bytes, length };
    if (end)
        *rest = (struct span){ end + 1, rest->length - length - 1 };
    else
        *rest = (struct span){ NULL, 0 };
    return true;
}

static bool is(struct span span, const char *word) {
    return span.length == strlen(word) && strncasecmp(span.bytes, word, span.length) == 0;
}

static bool is_among(struct span span, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (is(span, words[i]))
            return true;
    return false;
}

static bool begins(struct span span, const char *prefix) {
    return span.length >= strlen(prefix) && memcmp(span.bytes, prefix, strlen(prefix)) == 0;
}

static bool ends(struct span span, const char *suffix) {
    size_t length = strlen(suffix);
    return span.length >= length && memcmp(span.bytes + span.length - length, suffix, length) == 0;
}

/* The protocol's own words. */
static bool is_protocol_word(struct span span) {
    static const char *const words[] = {
        "",
        "yes",
        "no",
        "on",
        "off",
        "ok",
        "up",
        "down",
        "err",
        "fail",
        "master",
        "slave",
        "primary",
        "replica",
        "online",
        "loading",
        "failed",
        "connect",
        "connecting",
        "connected",
        "sync",
        "handshake",
        "disconnected",
        "wait_bgsave",
        "send_bulk",
        "none",
        "standalone",
        "cluster",
        "sentinel",
        "no-failover",
        "waiting-for-sync",
        "failover-in-progress",
        "psync",
        "rdb-channel",
        "main-channel",
        "bg_transfer",
        "main_conn",
        "rdb_conn",
        "slots",
        "nodes",
        "id",
        "port",
        "tls-port",
        "ip",
        "endpoint",
        "hostname",
        "role",
        "replication-offset",
        "health",
        "name",
        "runid",
        "flags",
        "quorum",
        "num-slaves",
        "num-other-sentinels",
        "master-host",
        "master-port",
        "master-link-status",
        "s_down",
        "o_down",
        "availability-zone",
        "pfail",
        "myself",
        "noaddr",
        "link-pending-commands",
        "link-refcount",
        "last-ping-sent",
        "last-ok-ping-reply",
        "last-ping-reply",
        "down-after-milliseconds",
        "info-refresh",
        "role-reported",
        "role-reported-time",
        "config-epoch",
        "failover-timeout",
        "parallel-syncs",
        "master-link-down-time",
        "slave-priority",
        "slave-repl-offset",
        "replica-announced",
        "last-hello-message",
        "voted-leader",
        "voted-leader-epoch",
        "noeviction",
        "allkeys-lru",
        "volatile-lru",
        "allkeys-random",
        "volatile-random",
        "volatile-ttl",
        "allkeys-lfu",
        "volatile-lfu",
        "always",
        "everysec",
        "jemalloc",
        "libc",
        "epoll",
    };
    struct span part;
    while (next_part(&span, ',', &part))
        if (!is_among(part, words, COUNT(words)))
            return false;
    return true;
}

static void add(struct aliases *aliases, enum alias_kind kind, struct span span, struct text *out) {
    aliases_add(aliases, kind, span.bytes, span.length, out);
}

/* Twelve digits are an account's number elsewhere; servers count bytes with them. */
static bool is_harmless(struct span span) {
    return form_is_account(span.bytes, span.length) || alias_is_number(span.bytes, span.length) ||
           is_protocol_word(span);
}

static bool is_field_name(struct span key) {
    for (size_t i = 0; i < key.length; i++)
        if (!isalnum((unsigned char)key.bytes[i]) && !form_is_in(key.bytes[i], "_-|."))
            return false;
    return key.length > 0 && key.length <= 100;
}

/* "ip=10.0.0.5,port=6379,state=online": a part is judged by its key. */
static void add_pairs(struct aliases *aliases, struct span value, struct text *out) {
    static const char *const hosts[] = { "ip", "addr", "host", "address", "laddr" };
    struct span part, key, rest;
    for (bool first = true; next_part(&value, ',', &part); first = false) {
        rest = part;
        (void)next_part(&rest, '=', &key);
        text_add(out, first ? "" : ",");
        if (!rest.bytes || !is_field_name(key)) {
            add(aliases, is_harmless(part) ? ALIAS_KEEP : ALIAS_NAME, part, out);
            continue;
        }
        text_add_bytes(out, key.bytes, key.length);
        text_add_char(out, '=');
        if (is_among(key, hosts, COUNT(hosts)))
            add(aliases, ALIAS_HOST, rest, out);
        else if (is_harmless(rest))
            text_add_bytes(out, rest.bytes, rest.length);
        else
            add(aliases, ALIAS_NAME, rest, out);
    }
}

static void add_info_value(struct aliases *aliases, struct span key, struct span value,
                           struct text *out) {
    static const char *const kept[] = {
        "redis_version",  "valkey_version",    "server_name",      "redis_mode",
        "gcc_version",    "mem_allocator",     "atomicvar_api",    "monotonic_clock",
        "redis_git_sha1", "redis_build_id",    "multiplexing_api", "valkey_release_stage",
        "server_mode",    "availability_zone", "maxmemory_policy", "process_supervised",
    };
    if (ends(key, "_host") || is(key, "bind"))
        add(aliases, ALIAS_HOST, value, out);
    else if (is_harmless(value))
        text_add_bytes(out, value.bytes, value.length);
    else if (is_among(key, kept, COUNT(kept)))
        add(aliases, ALIAS_KEEP, value, out);
    else if (value.length && memchr(value.bytes, '=', value.length) && !begins(key, "module"))
        add_pairs(aliases, value, out);
    else
        add(aliases, ALIAS_NAME, value, out);
}

void scrub_info(struct aliases *aliases, const char *bytes, size_t length, struct text *out) {
    struct span rest = { bytes, length }, line, key, value;
    while (next_part(&rest, '\n', &line)) {
        bool has_return = line.length && line.bytes[line.length - 1] == '\r';
        line.length -= has_return;
        value = line;
        (void)next_part(&value, ':', &key);
        if (begins(line, "# ")) {
            add(aliases, ALIAS_TEXT, line, out);
        } else if (value.bytes && is_field_name(key)) {
            text_add_bytes(out, key.bytes, key.length);
            text_add_char(out, ':');
            add_info_value(aliases, key, value, out);
        } else if (line.length) {
            add(aliases, ALIAS_NAME, line, out);
        }
        text_add(out, has_return ? "\r" : "");
        text_add(out, rest.bytes ? "\n" : "");
    }
}

/* Connections of ecmig and of Sentinels are told from the applications' by their names. */
static void add_client_name(struct aliases *aliases, struct span name, struct text *out) {
    struct span core = name;
    const char *end = "";
    if (name.length == 0 || begins(name, "ecmig")) {
        add(aliases, ALIAS_KEEP, name, out);
        return;
    }
    if (!begins(name, "sentinel-")) {
        add(aliases, ALIAS_CLIENT, name, out);
        return;
    }
    end = ends(name, "-cmd") ? "-cmd" : ends(name, "-pubsub") ? "-pubsub" : "";
    core.bytes += strlen("sentinel-");
    core.length -= strlen("sentinel-");
    core.length -= core.length >= strlen(end) ? strlen(end) : 0;
    text_add(out, "sentinel-");
    add(aliases, ALIAS_CLIENT, core, out);
    text_add(out, end);
}

static bool is_client_word(struct span value) {
    for (size_t i = 0; i < value.length; i++)
        if (!isalnum((unsigned char)value.bytes[i]) && !form_is_in(value.bytes[i], "-_|.:+"))
            return false;
    return value.length <= 40;
}

static void add_client_field(struct aliases *aliases, struct span key, struct span value,
                             struct text *out) {
    static const char *const kept[] = { "flags", "cmd", "events", "lib-ver", "capa", "io-thread" };
    if (is(key, "addr") || is(key, "laddr"))
        add(aliases, ALIAS_HOST, value, out);
    else if (is(key, "name"))
        add_client_name(aliases, value, out);
    else if (is(key, "user") && !is(value, "(superuser)"))
        add(aliases, ALIAS_USER, value, out);
    else if (is_harmless(value) || (is_among(key, kept, COUNT(kept)) && is_client_word(value)) ||
             is(value, "(superuser)"))
        text_add_bytes(out, value.bytes, value.length);
    else
        add(aliases, ALIAS_NAME, value, out);
}

void scrub_clients(struct aliases *aliases, const char *bytes, size_t length, struct text *out) {
    struct span rest = { bytes, length }, line, field, key;
    while (next_part(&rest, '\n', &line)) {
        for (bool first = true; next_part(&line, ' ', &field); first = false) {
            text_add(out, first ? "" : " ");
            struct span value = field;
            (void)next_part(&value, '=', &key);
            if (value.bytes && is_field_name(key)) {
                text_add_bytes(out, key.bytes, key.length);
                text_add_char(out, '=');
                add_client_field(aliases, key, value, out);
            } else if (field.length) {
                add(aliases, ALIAS_NAME, field, out);
            }
        }
        text_add(out, rest.bytes ? "\n" : "");
    }
}

/* HOST:PORT@PORT,NAME,KEY=VALUE… */
static void add_member_address(struct aliases *aliases, struct span field, struct text *out) {
    struct span part;
    for (bool first = true; next_part(&field, ',', &part); first = false) {
        text_add(out, first ? "" : ",");
        if (part.length && memchr(part.bytes, '=', part.length))
            add_pairs(aliases, part, out);
        else
            add(aliases, ALIAS_HOST, part, out);
    }
}

static bool is_member_word(struct span field) {
    for (size_t i = 0; i < field.length; i++)
        if (!isxdigit((unsigned char)field.bytes[i]) && !form_is_in(field.bytes[i], "[]<>-"))
            return is_protocol_word(field) || is(field, "fail?") || is(field, "myself,master") ||
                   is(field, "myself,slave") || is(field, "master,fail?") ||
                   is(field, "slave,fail?");
    return field.length <= 100;
}

void scrub_nodes(struct aliases *aliases, const char *bytes, size_t length, struct text *out) {
    struct span rest = { bytes, length }, line, field;
    while (next_part(&rest, '\n', &line)) {
        for (size_t at = 0; next_part(&line, ' ', &field); at++) {
            text_add(out, at ? " " : "");
            if (at == 1)
                add_member_address(aliases, field, out);
            else if (is_member_word(field))
                text_add_bytes(out, field.bytes, field.length);
            else
                add(aliases, ALIAS_NAME, field, out);
        }
        text_add(out, rest.bytes ? "\n" : "");
    }
}

void scrub_element(struct aliases *aliases, const char *bytes, size_t length, struct text *out) {
    struct span span = { bytes, length };
    if (is_harmless(span))
        text_add_bytes(out, bytes, length);
    else
        add(aliases, ALIAS_HOST, span, out);
}

static bool holds(const char *name, const char *const *parts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasestr(name, parts[i]))
            return true;
    return false;
}

void scrub_setting(struct aliases *aliases, const char *name, const char *bytes, size_t length,
                   struct text *out) {
    static const char *const secret[] = { "pass", "auth", "secret", "key-file" };
    static const char *const words[] = { "save",
                                         "client-output-buffer-limit",
                                         "notify-keyspace-events",
                                         "oom-score-adj-values",
                                         "cluster-preferred-endpoint-type",
                                         "loglevel" };
    static const char *const hosts[] = { "bind", "-ip", "hostname", "slaveof", "replicaof" };
    struct span rest = { bytes, length }, part;
    if (holds(name, secret, COUNT(secret))) {
        aliases_add(aliases, ALIAS_SECRET, bytes, length, out);
        return;
    }
    bool is_host = holds(name, hosts, COUNT(hosts));
    bool is_kept = holds(name, words, COUNT(words));
    for (bool first = true; next_part(&rest, ' ', &part); first = false) {
        text_add(out, first ? "" : " ");
        if (is_host && begins(part, "-")) { /* of bind: an address that need not be there */
            text_add_char(out, '-');
            part = (struct span){ part.bytes + 1, part.length - 1 };
        }
        if (is_harmless(part))
            text_add_bytes(out, part.bytes, part.length);
        else
            add(aliases, is_host ? ALIAS_HOST : is_kept ? ALIAS_KEEP : ALIAS_NAME, part, out);
    }
}

void scrub_refusal(struct aliases *aliases, const char *bytes, size_t length, struct text *out) {
    AUTO(string_free) char *words = xstrndup(bytes, length);
    const char *echo = strstr(words, ", with args beginning with");
    aliases_add(aliases, ALIAS_TEXT, words, echo ? (size_t)(echo - words) : strlen(words), out);
}

struct copying {
    struct aliases *aliases;
    struct json *out;
};

static void copy_member(void *context, const char *key, const struct json *value) {
    const struct copying *copying = context;
    json_put(copying->out, key, scrub_document(copying->aliases, value));
}

struct json *scrub_document(struct aliases *aliases, const struct json *value) {
    struct copying copying = { aliases, NULL };
    AUTO(text_clear) struct text shown = { 0 };
    const char *string = json_string_of(value);
    switch (json_kind_of(value)) {
    case JSON_KIND_OBJECT:
        copying.out = json_new_object();
        json_each(value, copy_member, &copying);
        return copying.out;
    case JSON_KIND_ARRAY:
        copying.out = json_new_array();
        for (size_t i = 0; i < json_count(value); i++)
            json_append(copying.out, scrub_document(aliases, json_at(value, i)));
        return copying.out;
    case JSON_KIND_STRING:
        aliases_add(aliases, ALIAS_TEXT, string, strlen(string), &shown);
        return json_new_string(text_string(&shown));
    case JSON_KIND_INT:
    case JSON_KIND_BOOL:
    case JSON_KIND_NULL:
        break;
    }
    return json_share(value);
}
