/* What was exchanged, in the form it has in a trace: names replaced (aliases.h), everything else as
 * it was, so that the same parsers read it. Each is for one form of bytes from outside; what is not
 * of the form is left out or replaced as a name. Pure, bounded by the length of its input. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"
#include "schemas/base/text.h"
#include "schemas/json/json.h"
#include "schemas/trace/aliases.h"

/* A form-encoded request: its members as an object of strings. The caller frees. */
struct json *scrub_request(struct aliases *aliases, const char *body, size_t length);
/* An XML answer: the same elements with their texts replaced, without attributes. False where it is
 * not XML of the plain kind that the service sends; then nothing of it may be written. */
MUST_CHECK bool scrub_answer(struct aliases *aliases, const char *body, size_t length,
                             struct text *out);
/* The replies of INFO and CLUSTER INFO, of CLIENT LIST and INFO, and of CLUSTER NODES. */
void scrub_info(struct aliases *aliases, const char *bytes, size_t length, struct text *out);
void scrub_clients(struct aliases *aliases, const char *bytes, size_t length, struct text *out);
void scrub_nodes(struct aliases *aliases, const char *bytes, size_t length, struct text *out);
/* One string of ROLE, CLUSTER SLOTS, CLUSTER SHARDS, SENTINEL: the protocol's own words and numbers
 * stay, all else is a host. */
void scrub_element(struct aliases *aliases, const char *bytes, size_t length, struct text *out);
/* The value of a setting of CONFIG GET. */
void scrub_setting(struct aliases *aliases, const char *name, const char *bytes, size_t length,
                   struct text *out);
/* What a server refuses with: its first word, and the rest as a sentence without echoed words. */
void scrub_refusal(struct aliases *aliases, const char *bytes, size_t length, struct text *out);
/* Every string of the value as a sentence; the caller frees. */
struct json *scrub_document(struct aliases *aliases, const struct json *value);
