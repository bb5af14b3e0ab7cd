/* Whatever a service, a server or a command says: a name that was learned, or stands where names
 * stand, is not in what a trace would have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/trace/aliases.h"
#include "schemas/trace/command.h"
#include "schemas/trace/scrub.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* No word of a table, no number and no placeholder is like it. */
#define NAME "zqxshop-7j"
#define HOST "zqxdb.corp.example"
#define ADDRESS "172.31.201.77"
#define ACCOUNT "918273645566"

static void must_not_hold(const struct text *out, const char *name) {
    if (strcasestr(text_string(out), name))
        abort();
}

/* Servers know no accounts, and count bytes in as many digits. */
static void check_server(const struct text *out) {
    must_not_hold(out, NAME);
    must_not_hold(out, HOST);
    must_not_hold(out, ADDRESS);
}

static void check(const struct text *out) {
    check_server(out);
    must_not_hold(out, ACCOUNT);
}

/* The input with the names in it, where a blank or a mark of the form lets a word begin and end. */
static void plant(const char *bytes, size_t length, struct text *out) {
    static const char *const names[] = { NAME, HOST, ADDRESS, ACCOUNT };
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)bytes[i] >= 0xf0)
            text_addf(out, " %s ", names[bytes[i] & 3]);
        else
            text_add_char(out, bytes[i]);
}

/* A fuzzer learns what is looked for, and writes it into the middle of other words. */
static bool knows_a_name(const char *bytes, size_t length) {
    static const char *const parts[] = { "zqx", "corp.ex", "31.201", "918273" };
    AUTO(string_free) char *text = xstrndup(bytes, length);
    for (size_t i = 0; i < COUNT(parts); i++)
        if (memmem(bytes, length, parts[i], strlen(parts[i])) || strcasestr(text, parts[i]))
            return true;
    return false;
}

typedef void scrub(struct aliases *aliases, const char *bytes, size_t length, struct text *out);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static scrub *const forms[] = { scrub_info, scrub_clients, scrub_nodes, scrub_element,
                                    scrub_refusal };
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    AUTO(text_clear) struct text input = { 0 };
    if (knows_a_name((const char *)bytes, length))
        return 0;
    aliases_learn(aliases, ALIAS_GROUP, NAME);
    aliases_learn(aliases, ALIAS_HOST, HOST);
    plant((const char *)bytes, length, &input);
    const char *said = text_string(&input);
    for (size_t i = 0; i < COUNT(forms); i++) {
        AUTO(text_clear) struct text out = { 0 };
        forms[i](aliases, said, input.length, &out);
        check_server(&out);
    }
    for (int kind = 0; kind < ALIAS_KIND_COUNT; kind++) {
        AUTO(text_clear) struct text out = { 0 };
        aliases_add(aliases, (enum alias_kind)kind, said, input.length, &out);
        check(&out);
    }
    AUTO(text_clear) struct text answer = { 0 }, setting = { 0 }, command = { 0 }, shown = { 0 };
    if (scrub_answer(aliases, said, input.length, &answer))
        check(&answer);
    scrub_setting(aliases, "dir", said, input.length, &setting);
    check_server(&setting);
    const char *words[] = { "CONFIG", said, said, said };
    trace_add_command(aliases, COUNT(words), words, NULL, &command);
    check(&command);
    AUTO(json_free) struct json *request = scrub_request(aliases, said, input.length);
    AUTO(string_free) char *members = json_write(request, JSON_CANONICAL);
    text_add(&shown, members);
    check(&shown);
    return 0;
}
