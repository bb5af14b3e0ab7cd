#include "schemas/trace/aliases.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schemas/base/memory.h"
#include "schemas/trace/alias_forms.h"

#define BUCKETS ((size_t)4096)

struct alias {
    char *original, *placeholder;
    size_t length; /* of the original */
    bool is_guess; /* only seen in sentences, where a word of the service's may look like a name */
    struct alias *next;
};

enum numbering {
    NUMBER_IPV4 = ALIAS_KIND_COUNT,
    NUMBER_IPV6,
    NUMBER_WORD,  /* of a sentence */
    NUMBER_LABEL, /* the account's part of an endpoint's name */
    NUMBERINGS
};

struct aliases {
    struct alias *buckets[BUCKETS];
    size_t count;
    unsigned last[NUMBERINGS]; /* the number given last */
};

static const char *const beginnings[] = {
#define ALIAS_KIND(symbol, placeholder) [ALIAS_##symbol] = placeholder,
#include "schemas/trace/kinds.def"
#undef ALIAS_KIND
};

struct aliases *aliases_new(void) {
    return xcalloc(1, sizeof(struct aliases));
}

void aliases_free(struct aliases *aliases) {
    if (!aliases)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct alias *alias = aliases->buckets[i], *next; alias; alias = next) {
            next = alias->next;
            free(alias->original);
            free(alias->placeholder);
            free(alias);
        }
    free(aliases);
}

/* Without case: the service's names have none, and neither have host names. FNV-1a. */
static size_t bucket_of(const char *bytes, size_t length) {
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint32_t)tolower((unsigned char)bytes[i])) * 16777619U;
    return hash % BUCKETS;
}

static struct alias *find(const struct aliases *aliases, const char *bytes, size_t length) {
    struct alias *alias = aliases->buckets[bucket_of(bytes, length)];
    while (alias && !(alias->length == length && strncasecmp(alias->original, bytes, length) == 0))
        alias = alias->next;
    return alias;
}

static char *placeholder(int numbering, unsigned number, const char *bytes, size_t length) {
    size_t prefix = 0;
    switch (numbering) {
    case NUMBER_IPV4:
        return xasprintf("10.%u.%u.%u", number >> 16 & 255, number >> 8 & 255, number & 255);
    case NUMBER_IPV6:
        return xasprintf("fd00::%x", number & 0xffff);
    case NUMBER_LABEL:
        return xasprintf("a%05u", number);
    case ALIAS_ACCOUNT:
        return xasprintf("%012u", number);
    case ALIAS_RESOURCE:
        if (form_is_resource(bytes, length, &prefix))
            return xasprintf("%.*s%0*x", (int)prefix, bytes, (int)(length - prefix), number);
        break;
    default:
        break;
    }
    const char *begins = numbering == NUMBER_WORD ? "word" : beginnings[numbering];
    return xasprintf("%s-%u", *begins ? begins : "name", number);
}

static const char *give(struct aliases *aliases, int numbering, const char *bytes, size_t length) {
    struct alias *known = find(aliases, bytes, length);
    if (known) {
        known->is_guess &= numbering == NUMBER_WORD;
        return known->placeholder;
    }
    bool full = aliases->count >= ALIASES_CEILING_COUNT;
    struct alias *alias = full ? NULL : xcalloc(1, sizeof *alias);
    if (!alias) /* a fixed word for the rest: memory is bounded, names are still replaced */
        return numbering == NUMBER_IPV4   ? "10.255.255.255"
               : numbering == NUMBER_IPV6 ? "fd00::ffff"
                                          : "name-0";
    size_t bucket = bucket_of(bytes, length);
    alias->original = xstrndup(bytes, length);
    alias->length = length;
    alias->is_guess = numbering == NUMBER_WORD;
    do { /* never a word that is somebody's name */
        free(alias->placeholder);
        alias->placeholder = placeholder(numbering, ++aliases->last[numbering], bytes, length);
    } while (find(aliases, alias->placeholder, strlen(alias->placeholder)));
    alias->next = aliases->buckets[bucket];
    aliases->buckets[bucket] = alias;
    aliases->count++;
    return alias->placeholder;
}

static void add_name(struct aliases *aliases, int numbering, const char *bytes, size_t length,
                     struct text *out) {
    text_add(out, length ? give(aliases, numbering, bytes, length) : "");
}

/* The service's own parameter groups: default.redis7, default.redis6.x.cluster.on. */
static bool is_family(const char *bytes, size_t length) {
    static const char *const engines[] = { "redis", "valkey", "memcached" };
    static const char suffix[] = ".cluster.on";
    size_t mode = sizeof suffix - 1, at = 0;
    if (length > mode && memcmp(bytes + length - mode, suffix, mode) == 0)
        length -= mode;
    for (size_t i = 0; i < COUNT(engines) && at == 0; i++)
        if (length > strlen(engines[i]) && memcmp(bytes, engines[i], strlen(engines[i])) == 0)
            at = strlen(engines[i]);
    if (at == 0 || length - at > 4)
        return false;
    while (at < length && form_is_in(bytes[at], "0123456789.x"))
        at++;
    return at == length;
}

/* A name of the service's own is nobody's. */
static bool is_default(const char *bytes, size_t length) {
    static const char word[] = "default";
    size_t head = sizeof word - 1;
    if (length < head || memcmp(bytes, word, head) != 0)
        return false;
    return length == head || (bytes[head] == '.' && is_family(bytes + head + 1, length - head - 1));
}

static void add_cluster(struct aliases *aliases, const char *bytes, size_t length,
                        struct text *out) {
    size_t group = find(aliases, bytes, length) ? length : form_group_length(bytes, length);
    add_name(aliases, ALIAS_GROUP, bytes, group, out);
    text_add_bytes(out, bytes + group, length - group);
}

/* An id that the service gives an account: short, of letters and digits. Others are a cluster's. */
static bool is_account_label(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)bytes[i]))
            return false;
    return length == 6;
}

static void add_service_host(struct aliases *aliases, const char *bytes, size_t length,
                             struct text *out) {
    for (size_t at = 0; at < length;) {
        const char *dot = memchr(bytes + at, '.', length - at);
        size_t end = dot ? (size_t)(dot - bytes) : length, label = end - at;
        if (find(aliases, bytes + at, label) || !form_is_service_label(bytes + at, label)) {
            if (is_account_label(bytes + at, label))
                add_name(aliases, NUMBER_LABEL, bytes + at, label, out);
            else
                add_cluster(aliases, bytes + at, label, out);
        } else {
            text_add_bytes(out, bytes + at, label);
        }
        if (dot)
            text_add_char(out, '.');
        at = end + (dot ? 1 : 0);
    }
}

static bool is_nowhere(const char *bytes, size_t length) {
    return (length == 7 && strncmp(bytes, "0.0.0.0", 7) == 0) ||
           (length == 2 && strncmp(bytes, "::", 2) == 0) ||
           (length == 1 && (*bytes == '*' || *bytes == '?'));
}

static void add_bare_host(struct aliases *aliases, const char *bytes, size_t length,
                          struct text *out) {
    if (length == 0 || is_nowhere(bytes, length))
        text_add_bytes(out, bytes, length);
    else if (form_is_ipv4(bytes, length))
        add_name(aliases, NUMBER_IPV4, bytes, length, out);
    else if (form_is_ipv6(bytes, length))
        add_name(aliases, NUMBER_IPV6, bytes, length, out);
    else if (form_is_service_host(bytes, length))
        add_service_host(aliases, bytes, length, out);
    else
        add_name(aliases, ALIAS_HOST, bytes, length, out);
}

static size_t port_start(const char *bytes, size_t length) {
    size_t at = length;
    while (at > 0 && (isdigit((unsigned char)bytes[at - 1]) || bytes[at - 1] == '@'))
        at--;
    return at > 0 && at < length && bytes[at - 1] == ':' ? at - 1 : length;
}

/* HOST, HOST:PORT, HOST:PORT@PORT, [V6]:PORT, V6. */
static void add_host(struct aliases *aliases, const char *bytes, size_t length, struct text *out) {
    size_t end = form_is_ipv6(bytes, length) ? length : port_start(bytes, length);
    if (end > 2 && bytes[0] == '[' && bytes[end - 1] == ']') {
        text_add_char(out, '[');
        add_bare_host(aliases, bytes + 1, end - 2, out);
        text_add_char(out, ']');
    } else {
        add_bare_host(aliases, bytes, end, out);
    }
    text_add_bytes(out, bytes + end, length - end);
}

static void add_resource_name(struct aliases *aliases, const char *kind, const char *bytes,
                              size_t length, struct text *out) {
    static const struct {
        const char *word;
        enum alias_kind kind;
    } rows[] = {
        { "replicationgroup", ALIAS_GROUP },
        { "cluster", ALIAS_CLUSTER },
        { "serverlesscache", ALIAS_GROUP },
        { "parametergroup", ALIAS_PARAMETERS },
        { "subnetgroup", ALIAS_SUBNETS },
        { "usergroup", ALIAS_USER_GROUP },
        { "user", ALIAS_USER },
        { "globalreplicationgroup", ALIAS_GROUP },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strncmp(kind, rows[i].word, strlen(rows[i].word)) == 0 &&
            form_is_in(kind[strlen(rows[i].word)], ":/")) {
            aliases_add(aliases, rows[i].kind, bytes, length, out);
            return;
        }
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && !form_is_in(bytes[end], ":/"))
            end++;
        if (end - at == 1 && bytes[at] == '*')
            text_add_char(out, '*');
        else
            add_name(aliases, ALIAS_NAME, bytes + at, end - at, out);
        if (end < length)
            text_add_char(out, bytes[end]);
        at = end + 1;
    }
}

/* arn:PARTITION:SERVICE:REGION:ACCOUNT:KIND:NAME, or KIND/NAME. */
static void add_arn(struct aliases *aliases, const char *bytes, size_t length, struct text *out) {
    AUTO(string_free) char *arn = xstrndup(bytes, length);
    size_t at = 0, part = 0;
    for (; part < 5 && arn[at]; part++) {
        size_t end = at + strcspn(arn + at, ":");
        if (part == 4 && form_is_account(arn + at, end - at))
            add_name(aliases, ALIAS_ACCOUNT, arn + at, end - at, out);
        else if (part == 4)
            add_name(aliases, ALIAS_NAME, arn + at, end - at, out);
        else
            aliases_add(aliases, ALIAS_KEEP, arn + at, end - at, out);
        if (arn[end])
            text_add_char(out, ':');
        at = end + (arn[end] ? 1 : 0);
    }
    size_t kind = strcspn(arn + at, ":/");
    if (!arn[at + kind]) { /* "root", and a resource without a kind */
        if (strcmp(arn + at, "root") == 0)
            text_add(out, "root");
        else
            add_name(aliases, ALIAS_NAME, arn + at, strlen(arn + at), out);
        return;
    }
    aliases_add(aliases, ALIAS_KEEP, arn + at, kind, out);
    text_add_char(out, arn[at + kind]);
    add_resource_name(aliases, arn + at, arn + at + kind + 1, strlen(arn + at + kind + 1), out);
}

/* A word of a sentence, which may be anything; `is_quoted`: it is the subject of the sentence, and
 * a name even if it is of letters only. */
static void add_word(struct aliases *aliases, const char *bytes, size_t length, bool is_quoted,
                     struct text *out) {
    size_t prefix = 0, group = form_group_length(bytes, length);
    size_t end = form_is_ipv6(bytes, length) ? length : port_start(bytes, length);
    const struct alias *known = find(aliases, bytes, length);
    if (known)
        text_add(out, known->placeholder);
    else if (group < length && find(aliases, bytes, group))
        add_cluster(aliases, bytes, length, out);
    else if (form_is_arn(bytes, length))
        add_arn(aliases, bytes, length, out);
    else if (form_is_account(bytes, length))
        add_name(aliases, ALIAS_ACCOUNT, bytes, length, out);
    else if (form_is_ipv4(bytes, end) ||
             (form_is_ipv6(bytes, length) && !isdigit((unsigned char)*bytes)) ||
             form_is_service_host(bytes, end) || find(aliases, bytes, end))
        add_host(aliases, bytes, length, out);
    else if (form_is_resource(bytes, length, &prefix))
        add_name(aliases, ALIAS_RESOURCE, bytes, length, out);
    else if (is_quoted ? form_is_term(bytes, length) : form_is_plain(bytes, length))
        text_add_bytes(out, bytes, length);
    else if (alias_is_number(bytes, length))
        text_add_bytes(out, bytes, length);
    else
        add_name(aliases, NUMBER_WORD, bytes, length, out);
}

static bool stands_in_quotes(const char *bytes, size_t length, size_t at, size_t end) {
    return at > 0 && end < length && form_is_in(bytes[at - 1], "'\"`") &&
           form_is_in(bytes[end], "'\"`");
}

static void add_text(struct aliases *aliases, const char *bytes, size_t length, struct text *out) {
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && form_is_word_byte(bytes[end]))
            end++;
        size_t inner = end;
        while (inner > at && form_is_in(bytes[inner - 1], ".:=/-%&#+") &&
               !find(aliases, bytes + at, inner - at))
            inner--;
        if (inner > at)
            add_word(aliases, bytes + at, inner - at, stands_in_quotes(bytes, length, at, inner),
                     out);
        text_add_bytes(out, bytes + inner, end - inner);
        if (end < length)
            text_add_char(out, bytes[end]);
        at = end + 1;
    }
}

/* A word of the service's is short, and of few characters. A group may be called "available". */
static bool may_stay(const struct aliases *aliases, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)bytes[i]) && !form_is_in(bytes[i], "._:,-/+*"))
            return false;
    const struct alias *name = find(aliases, bytes, length);
    if (name && !name->is_guess && !form_is_plain(bytes, length))
        return false;
    return length <= 1000 && !form_is_account(bytes, length) && !form_is_ipv4(bytes, length) &&
           !form_is_service_host(bytes, length) && !form_is_arn(bytes, length);
}

void aliases_learn(struct aliases *aliases, enum alias_kind kind, const char *original) {
    AUTO(text_clear) struct text unused = { 0 };
    if (original && *original)
        aliases_add(aliases, kind, original, strlen(original), &unused);
}

void aliases_add(struct aliases *aliases, enum alias_kind kind, const char *bytes, size_t length,
                 struct text *out) {
    size_t prefix = 0;
    switch (kind) {
    case ALIAS_KEEP:
    case ALIAS_REQUEST:
        if (may_stay(aliases, bytes, length))
            text_add_bytes(out, bytes, length);
        else
            add_text(aliases, bytes, length, out);
        return;
    case ALIAS_TEXT:
        add_text(aliases, bytes, length, out);
        return;
    case ALIAS_SECRET:
        text_add(out, length ? "***" : "");
        return;
    case ALIAS_HOST:
        add_host(aliases, bytes, length, out);
        return;
    case ALIAS_CLUSTER:
        add_cluster(aliases, bytes, length, out);
        return;
    case ALIAS_ARN:
        if (form_is_arn(bytes, length))
            add_arn(aliases, bytes, length, out);
        else if (length == 1 && *bytes == '*')
            text_add_char(out, '*');
        else
            add_name(aliases, ALIAS_NAME, bytes, length, out);
        return;
    case ALIAS_TAG_KEY:
        if (length > 6 && strncmp(bytes, "ecmig:", 6) == 0 &&
            form_is_plain(bytes + 6, length - 6)) {
            text_add_bytes(out, bytes, length);
            return;
        }
        break;
    default:
        break;
    }
    if (is_default(bytes, length))
        text_add_bytes(out, bytes, length);
    else if (kind == ALIAS_RESOURCE && !form_is_resource(bytes, length, &prefix))
        add_name(aliases, ALIAS_NAME, bytes, length, out);
    else
        add_name(aliases, (int)kind, bytes, length, out);
}

enum alias_kind alias_kind_of_member(const char *name, const char *parent, bool *known) {
    static const struct {
        const char *name;
        enum alias_kind kind;
    } rows[] = {
#define TRACE_MEMBER(name, kind) { #name, ALIAS_##kind },
#include "schemas/trace/members.def"
#undef TRACE_MEMBER
    };
    bool in_list = strcmp(name, "member") == 0 && parent && *parent;
    const char *wanted = in_list ? parent : name;
    *known = true;
    /* Values of tags are people's; those of parameters by the type of node are the service's. */
    if (strcmp(wanted, "Value") == 0 && parent && strcmp(parent, "Tag") != 0)
        return ALIAS_KEEP;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(rows[i].name, wanted) == 0)
            return rows[i].kind;
    *known = false;
    return ALIAS_TEXT;
}
