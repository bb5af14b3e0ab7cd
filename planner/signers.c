#include "planner/signers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/digest.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define BLANKS " \t"

static const struct {
    const char *type, *shown;
} types[] = {
    { "ssh-ed25519", "ED25519" },
    { "ssh-rsa", "RSA" },
    { "ssh-dss", "DSA" },
    { "ecdsa-sha2-nistp256", "ECDSA" },
    { "ecdsa-sha2-nistp384", "ECDSA" },
    { "ecdsa-sha2-nistp521", "ECDSA" },
    { "sk-ssh-ed25519@openssh.com", "ED25519-SK" },
    { "sk-ecdsa-sha2-nistp256@openssh.com", "ECDSA-SK" },
};

static const char *type_shown(const char *word, size_t length) {
    for (size_t i = 0; i < COUNT(types); i++)
        if (strlen(types[i].type) == length && memcmp(types[i].type, word, length) == 0)
            return types[i].shown;
    return NULL;
}

/* Up to the blank that ends the word; blanks in quotes do not, nor does \" end a quote. As
 * ssh-keygen has it, so that the key which is shown is the key which counts. */
static size_t word_length(const char *at) {
    bool quoted = false;
    size_t length = 0;
    for (; at[length] && (quoted || !strchr(BLANKS, at[length])); length++)
        if (at[length] == '\\' && at[length + 1] == '"')
            length++;
        else if (at[length] == '"')
            quoted = !quoted;
    return length;
}

/* A principal ends at a blank or behind its second quote, and knows no \". */
static size_t principals_length(const char *at) {
    size_t length = strcspn(at, BLANKS "\"");
    if (at[length] != '"')
        return length;
    length += 1 + strcspn(at + length + 1, "\"");
    return length + (at[length] == '"');
}

static const char *next_word(const char *at) {
    at += word_length(at);
    return at + strspn(at, BLANKS);
}

static char *key_at(const char *at) {
    const char *shown = type_shown(at, word_length(at));
    if (!shown)
        return NULL;
    const char *code = next_word(at);
    AUTO(string_free) char *print = digest_key_print(code, strcspn(code, BLANKS));
    return print ? xasprintf("%s %s", shown, print) : NULL;
}

char *signers_key(const char *words) {
    char *key = key_at(words);
    return key ? key : key_at(next_word(words));
}

void signers_line_read(const char *line, struct signers_line *out) {
    AUTO(signers_line_clear) struct signers_line own = { 0 };
    line += strspn(line, BLANKS);
    size_t length = principals_length(line);
    const char *rest = line + length + strspn(line + length, BLANKS);
    own.principals =
        *line == '"' ? xstrndup(line + 1, strcspn(line + 1, "\"")) : xstrndup(line, length);
    own.key = signers_key(rest);
    if (*rest && !type_shown(rest, word_length(rest)))
        own.options = xstrndup(rest, word_length(rest));
    signers_line_clear(out);
    *out = own;
    own = (struct signers_line){ 0 };
}

void signers_line_clear(struct signers_line *line) {
    if (!line)
        return;
    free(line->principals);
    free(line->options);
    free(line->key);
    *line = (struct signers_line){ 0 };
}

/* As ssh-keygen gets them: a line break in a fact of a plan that was made by hand begins a line. */
static void add_lines(const struct json *facts, const char *list, struct strings *out) {
    for (size_t i = 0;; i++) {
        AUTO(string_free) char *name = xasprintf("signers.%s[%zu]", list, i);
        const char *fact = json_find_string(facts, name);
        if (!fact)
            return;
        for (; *fact; fact += strcspn(fact, "\n"), fact += *fact == '\n') {
            AUTO(string_free) char *line = xstrndup(fact, strcspn(fact, "\n"));
            strings_add(out, line);
        }
    }
}

static void read_revoked(const struct json *facts, struct strings *keys) {
    AUTO(strings_clear) struct strings lines = { 0 };
    add_lines(facts, "revoked", &lines);
    for (size_t i = 0; i < lines.count; i++) {
        AUTO(string_free) char *key = signers_key(lines.items[i]);
        strings_add(keys, key ? key : lines.items[i]);
    }
}

static void add_revoked(const struct json *facts, size_t count, struct text *words) {
    const char *list = json_find_string(facts, "signers.revocation_list");
    if (list)
        text_addf(words, "; revoked: a revocation list (KRL) of %zu bytes", strlen(list) / 2);
    else if (count)
        text_addf(words, "; %zu key%s revoked", count, count == 1 ? " is" : "s are");
    else
        text_add(words, "; no key is revoked");
}

static void add_rules(const struct plan_core *core, const struct json *approvals, size_t revoked,
                      struct text *words) {
    int64_t minimum = json_find_int(approvals, "minimum", 1);
    bool not_by_applier = json_find_bool(approvals, "not_by_applier", false);
    text_addf(words, "%" PRId64 " signed approval%s needed", minimum > 1 ? minimum : 1,
              minimum > 1 ? "s are" : " is");
    if (not_by_applier)
        text_add(words, ", none by the applier");
    text_add(words, not_by_applier || json_find_bool(approvals, "sign_entries", false)
                        ? "; journal entries must be signed"
                        : "; journal entries need no signature");
    add_revoked(core->observed.facts, revoked, words);
    text_addf(words, "; keys in '%s':", json_find_string(approvals, "allowed_signers"));
}

char *signers_words(const struct plan_core *core) {
    const struct json *approvals = json_find(core->config, "approvals");
    AUTO(text_clear) struct text words = TEXT_PAGE;
    AUTO(strings_clear) struct strings lines = { 0 }, revoked = { 0 };
    if (!json_find_string(approvals, "allowed_signers"))
        return NULL;
    read_revoked(core->observed.facts, &revoked);
    add_rules(core, approvals, revoked.count, &words);
    add_lines(core->observed.facts, "allowed", &lines);
    for (size_t i = 0; i < lines.count; i++) {
        AUTO(signers_line_clear) struct signers_line line = { 0 };
        signers_line_read(lines.items[i], &line);
        text_addf(&words, "\n%s %s", line.principals,
                  line.key ? line.key : "(no key that can be read)");
        if (line.options)
            text_addf(&words, " %s", line.options);
        if (line.key && strings_has(&revoked, line.key))
            text_add(&words, " REVOKED");
    }
    return text_take(&words);
}
