/* What a word looks like, without looking it up: the forms that names and plain words have. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool form_is_ipv4(const char *bytes, size_t length);
bool form_is_ipv6(const char *bytes, size_t length);
bool form_is_account(const char *bytes, size_t length); /* 12 digits */
bool form_is_service_host(const char *bytes, size_t length);
bool form_is_arn(const char *bytes, size_t length);
/* "sg-0123abcd" and its like; *prefix is the length of "sg-". */
bool form_is_resource(const char *bytes, size_t length, size_t *prefix);
/* Letters only, or one of the words with a hyphen that the service's messages are known to have. */
bool form_is_plain(const char *bytes, size_t length);
/* A word of the service's or ours also where it is quoted: "StartMigration", "cutover", "INFO". */
bool form_is_term(const char *bytes, size_t length);
bool form_is_in(char byte, const char *set); /* NUL is in none */
bool form_is_word_byte(char byte);           /* a word of a sentence may hold it */
/* The end of "orders" in "orders-0001-001": where the numbers of shard and node begin. */
size_t form_group_length(const char *bytes, size_t length);
/* A label that is the service's in an endpoint's name: "master", "use1", "0001", "cache". */
bool form_is_service_label(const char *bytes, size_t length);
