/* JSON values and their two written forms. Objects have no duplicate keys and no real numbers, in
 * either direction, so that the canonical form (UTF-8, sorted keys, no white space) has one
 * reading. Values are counted: json_free drops one reference, json_share adds one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/digest.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

#define JSON_DOCUMENT_CEILING_BYTES ((size_t)64 << 20)
#define JSON_VALUE_CEILING_COUNT ((size_t)4 << 20)

struct json;

enum json_kind {
    JSON_KIND_OBJECT,
    JSON_KIND_ARRAY,
    JSON_KIND_STRING,
    JSON_KIND_INT,
    JSON_KIND_BOOL,
    JSON_KIND_NULL
};
enum json_style { JSON_CANONICAL, JSON_PRETTY };

struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_string(const char *value); /* bytes that are not UTF-8 become U+FFFD */
struct json *json_new_int(int64_t value);
struct json *json_new_bool(bool value);
struct json *json_share(const struct json *value);
void json_free(struct json *value);
AUTO_POINTER(struct json, json_free)

/* `value` is taken over; a NULL value or string is left out. */
void json_put(struct json *object, const char *key, struct json *value);
void json_put_string(struct json *object, const char *key, const char *value);
void json_put_int(struct json *object, const char *key, int64_t value);
void json_put_bool(struct json *object, const char *key, bool value);
void json_put_strings(struct json *object, const char *key, const struct strings *list);
void json_remove(struct json *object, const char *key);
void json_append(struct json *array, struct json *value);

/* Readers answer NULL or the fallback for what is absent or of another kind; value may be NULL. */
enum json_kind json_kind_of(const struct json *value);
size_t json_count(const struct json *value); /* members or elements */
const struct json *json_at(const struct json *array, size_t index);
const struct json *json_find(const struct json *object, const char *key);
const char *json_string_of(const struct json *value);
int64_t json_int_of(const struct json *value, int64_t fallback);
bool json_bool_of(const struct json *value, bool fallback);
const char *json_find_string(const struct json *object, const char *key);
int64_t json_find_int(const struct json *object, const char *key, int64_t fallback);
bool json_find_bool(const struct json *object, const char *key, bool fallback);
bool json_same(const struct json *left, const struct json *right);
/* Calls visit for each member, sorted by key. */
void json_each(const struct json *object,
               void (*visit)(void *context, const char *key, const struct json *value),
               void *context);

/* `what` names the document in errors. ERROR_FORMAT with line and column, ERROR_LIMIT. */
MUST_CHECK bool json_parse(const void *bytes, size_t length, const char *what, struct json **out,
                           struct error *err);
char *json_write(const struct json *value,
                 enum json_style style); /* no newline at the end; the caller frees */
void json_digest(const struct json *value,
                 char out[DIGEST_HEX_BYTES]); /* sha256 of the canonical form */
