/* Names to placeholders: who is who stays visible in a trace, and nobody is named in it.
 *
 * The same original always gets the same placeholder, no matter in which kind of value it stands.
 * Placeholders keep the form that parsers need: an IPv4 address becomes 10.0.0.1, an IPv6 address
 * fd00::1, an account 000000000001, an endpoint of the service keeps the labels that are the
 * service's. What is neither a plain word nor a number nor known to be harmless is replaced; a name
 * of letters only inside a sentence is recognized only if it was learned or stood in a member of
 * its kind before. Secrets of this process are the caller's to mask (secrets_mask). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"
#include "schemas/base/text.h"

enum alias_kind {
#define ALIAS_KIND(symbol, placeholder) ALIAS_##symbol,
#include "schemas/trace/kinds.def"
#undef ALIAS_KIND
    ALIAS_KIND_COUNT
};

/* So many names at most; what comes after them is "name-0" of its kind, and no longer told apart.
 */
#define ALIASES_CEILING_COUNT ((size_t)20000)

struct aliases;
struct aliases *aliases_new(void);
void aliases_free(struct aliases *aliases);
AUTO_POINTER(struct aliases, aliases_free)

/* Makes a placeholder for a name before it is met; NULL and "" are nothing to learn. */
void aliases_learn(struct aliases *aliases, enum alias_kind kind, const char *original);
/* Adds what stands for the value in the trace. */
void aliases_add(struct aliases *aliases, enum alias_kind kind, const char *bytes, size_t length,
                 struct text *out);

/* Of a member of the service's requests and answers, by its name and that of what it stands in;
 * *known: it is in members.def. */
enum alias_kind alias_kind_of_member(const char *name, const char *parent, bool *known);
/* A number with or without a unit, a time, a hexadecimal id of a server. */
bool alias_is_number(const char *bytes, size_t length);
