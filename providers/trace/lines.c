#include "providers/trace/lines.h"

#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/secret.h"
#include "schemas/trace/command.h"
#include "schemas/trace/scrub.h"
#include "schemas/trace/trace.h"

#define REPLY_CEILING_BYTES ((size_t)1 << 20)
#define ELEMENT_CEILING_COUNT ((size_t)20000)

struct json *line_new(const char *type, int64_t mono_ms, int64_t took_ms) {
    char now[CLOCK_TEXT_BYTES];
    struct json *line = json_new_object();
    clock_format(clock_wall_ms(), now);
    json_put_string(line, "at", now);
    json_put_int(line, "mono_ms", mono_ms);
    json_put_int(line, "took_ms", took_ms);
    json_put_string(line, "type", type);
    return line;
}

/* A string of ours in which names may stand. */
static void put_text(struct aliases *aliases, struct json *object, const char *key,
                     enum alias_kind kind, const char *value) {
    AUTO(text_clear) struct text safe = { 0 }, shown = { 0 };
    if (!value)
        return;
    text_add(&safe, value);
    if (safe.length)
        safe.length = secrets_mask(safe.bytes, safe.length);
    aliases_add(aliases, kind, text_string(&safe), safe.length, &shown);
    json_put_string(object, key, text_string(&shown));
}

static void put_problem(struct aliases *aliases, struct json *line, const struct error *problem) {
    if (!problem)
        return;
    struct json *told = json_new_object();
    json_put_string(told, "code", error_name(problem->code));
    put_text(aliases, told, "message", ALIAS_TEXT, problem->message);
    json_put(line, "problem", told);
}

struct json *line_of_exchange(struct aliases *aliases, const struct service_exchange *exchange,
                              int64_t began_mono_ms) {
    struct json *line = line_new(TRACE_API, exchange->sent_mono_ms - began_mono_ms,
                                 exchange->ended_mono_ms - exchange->sent_mono_ms);
    AUTO(text_clear) struct text answer = { 0 };
    json_put_string(line, "service", exchange->service);
    json_put_string(line, "action", exchange->action);
    json_put_int(line, "attempt", exchange->attempt);
    json_put(line, "request", scrub_request(aliases, exchange->body, exchange->body_length));
    put_text(aliases, line, "host", ALIAS_HOST, exchange->host);
    put_problem(aliases, line, exchange->problem);
    if (exchange->problem)
        return line;
    json_put_int(line, "status", exchange->status);
    json_put_int(line, "answer_bytes", (int64_t)exchange->answer_length);
    if (exchange->answer_length <= REPLY_CEILING_BYTES &&
        scrub_answer(aliases, exchange->answer, exchange->answer_length, &answer))
        json_put_string(line, "answer", text_string(&answer));
    return line;
}

static const char *kind_name(enum redis_type type) {
    static const char *const names[] = {
        [REDIS_STRING] = "string",   [REDIS_STATUS] = "status", [REDIS_FAULT] = "fault",
        [REDIS_INTEGER] = "integer", [REDIS_ARRAY] = "array",   [REDIS_NIL] = "nil"
    };
    return names[type];
}

static void scrub_string(struct aliases *aliases, enum reply_form form, const char *bytes,
                         size_t length, struct text *out) {
    switch (form) {
    case REPLY_INFO:
        scrub_info(aliases, bytes, length, out);
        break;
    case REPLY_CLIENTS:
        scrub_clients(aliases, bytes, length, out);
        break;
    case REPLY_NODES:
        scrub_nodes(aliases, bytes, length, out);
        break;
    case REPLY_HIDDEN:
    case REPLY_PLAIN:
    case REPLY_ELEMENTS:
    case REPLY_SETTINGS:
        scrub_element(aliases, bytes, length, out);
        break;
    }
}

/* The reply in JSON: strings, integers and arrays as such, {"status":…}, {"fault":…}, {"nil":true}.
 */
static struct json *reply_value(struct aliases *aliases, enum reply_form form,
                                const struct redis_reply *reply) {
    AUTO(text_clear) struct text safe = { 0 }, shown = { 0 };
    struct json *value = NULL;
    if (reply->bytes) {
        text_add_bytes(&safe, reply->bytes, reply->length);
        text_add(&safe, " ");
        safe.length = secrets_mask(safe.bytes, safe.length - 1);
    }
    switch (reply->type) {
    case REDIS_STRING:
        scrub_string(aliases, form, text_string(&safe), safe.length, &shown);
        return json_new_string(text_string(&shown));
    case REDIS_INTEGER:
        return json_new_int(reply->integer);
    case REDIS_ARRAY:
        value = json_new_array();
        for (size_t i = 0; i < reply->count; i++)
            json_append(value, reply_value(aliases, form, reply->elements[i]));
        return value;
    case REDIS_STATUS:
    case REDIS_FAULT:
    case REDIS_NIL:
        break;
    }
    value = json_new_object();
    scrub_refusal(aliases, text_string(&safe), safe.length, &shown);
    if (reply->type == REDIS_NIL)
        json_put_bool(value, "nil", true);
    else
        json_put_string(value, kind_name(reply->type), text_string(&shown));
    return value;
}

/* CONFIG GET: whether a value may be shown depends on the name before it. */
static struct json *settings_value(struct aliases *aliases, const struct redis_reply *reply) {
    struct json *value = json_new_array();
    for (size_t i = 0; i + 1 < reply->count; i += 2) {
        AUTO(text_clear) struct text shown = { 0 };
        const char *name = redis_text(reply->elements[i]);
        const struct redis_reply *setting = reply->elements[i + 1];
        json_append(value, json_new_string(name));
        scrub_setting(aliases, name, redis_text(setting), strlen(redis_text(setting)), &shown);
        json_append(value, json_new_string(text_string(&shown)));
    }
    return value;
}

static size_t element_count(const struct redis_reply *reply) {
    size_t count = 1;
    for (size_t i = 0; i < reply->count && count <= ELEMENT_CEILING_COUNT; i++)
        count += element_count(reply->elements[i]);
    return count;
}

static struct json *shown_reply(struct aliases *aliases, const char *command,
                                const struct redis_reply *reply) {
    enum reply_form form = trace_reply_form(command);
    if (reply->type == REDIS_FAULT && form == REPLY_HIDDEN) { /* its code alone */
        AUTO(string_free)
        char *code = xstrndup(reply->bytes, strspn(reply->bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
        struct json *value = json_new_object();
        json_put_string(value, "fault", code);
        return value;
    }
    if (form == REPLY_HIDDEN || reply->length > REPLY_CEILING_BYTES ||
        element_count(reply) > ELEMENT_CEILING_COUNT)
        return NULL;
    return form == REPLY_SETTINGS && reply->type == REDIS_ARRAY ? settings_value(aliases, reply)
                                                                : reply_value(aliases, form, reply);
}

struct json *line_of_reply(struct aliases *aliases, const struct redis_seen *seen,
                           int64_t began_mono_ms) {
    struct json *line = line_new(TRACE_REDIS, seen->asked_mono_ms - began_mono_ms,
                                 seen->answered_mono_ms - seen->asked_mono_ms);
    put_text(aliases, line, "server", ALIAS_HOST, seen->server);
    json_put_string(line, "command", seen->command);
    put_problem(aliases, line, seen->problem);
    if (!seen->reply)
        return line;
    bool has_size = seen->reply->type == REDIS_ARRAY || seen->reply->bytes;
    json_put_string(line, "reply_kind", kind_name(seen->reply->type));
    if (has_size)
        json_put_int(
            line, "reply_size",
            (int64_t)(seen->reply->type == REDIS_ARRAY ? seen->reply->count : seen->reply->length));
    json_put(line, "reply", shown_reply(aliases, seen->command, seen->reply));
    return line;
}

struct json *line_of_event(struct aliases *aliases, const struct json *event, int64_t mono_ms) {
    struct json *line = line_new(TRACE_EVENT, mono_ms, 0);
    static const char *const words[] = { "type", "level", "state", "step", "v" };
    struct json *shown = scrub_document(aliases, event);
    for (size_t i = 0; i < COUNT(words); i++) /* of tables of ours: no names */
        json_put_string(shown, words[i], json_find_string(event, words[i]));
    json_put(line, "event", shown);
    return line;
}
