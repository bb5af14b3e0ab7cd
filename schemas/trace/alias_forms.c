#include "schemas/trace/alias_forms.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "schemas/base/language.h"
#include "schemas/trace/aliases.h"

#define ACCOUNT_DIGITS 12

bool form_is_in(char byte, const char *set) {
    return byte && strchr(set, byte);
}

static bool all(const char *bytes, size_t length, int (*is)(int)) {
    for (size_t i = 0; i < length; i++)
        if (!is((unsigned char)bytes[i]))
            return false;
    return length > 0;
}

static bool is_among(const char *bytes, size_t length, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == length && strncasecmp(words[i], bytes, length) == 0)
            return true;
    return false;
}

static bool is_address(int family, const char *bytes, size_t length) {
    char text[INET6_ADDRSTRLEN] = "";
    unsigned char address[sizeof(struct in6_addr)];
    if (length == 0 || length >= sizeof text || memchr(bytes, '\0', length))
        return false;
    memcpy(text, bytes, length);
    return inet_pton(family, text, address) == 1;
}

bool form_is_ipv4(const char *bytes, size_t length) {
    return is_address(AF_INET, bytes, length);
}

bool form_is_ipv6(const char *bytes, size_t length) {
    return is_address(AF_INET6, bytes, length);
}

bool form_is_account(const char *bytes, size_t length) {
    return length == ACCOUNT_DIGITS && all(bytes, length, isdigit);
}

bool form_is_service_host(const char *bytes, size_t length) {
    static const char *const ends[] = { ".amazonaws.com", ".amazonaws.com.cn", ".api.aws" };
    for (size_t i = 0; i < COUNT(ends); i++) {
        size_t end = strlen(ends[i]);
        if (length > end && strncasecmp(bytes + length - end, ends[i], end) == 0)
            return true;
    }
    return false;
}

bool form_is_arn(const char *bytes, size_t length) {
    return length > 4 && (strncmp(bytes, "arn:", 4) == 0);
}

bool form_is_resource(const char *bytes, size_t length, size_t *prefix) {
    static const char *const prefixes[] = {
        "sg-", "subnet-", "vpc-", "eni-", "i-", "op-", "vpce-"
    };
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        size_t start = strlen(prefixes[i]);
        if (length < start + 8 || length > start + 17 || strncmp(bytes, prefixes[i], start) != 0 ||
            !all(bytes + start, length - start, isxdigit))
            continue;
        *prefix = start;
        return true;
    }
    return false;
}

bool form_is_plain(const char *bytes, size_t length) {
    static const char *const hyphened[] = {
        "in-transit", "at-rest",           "multi-az",      "in-sync",
        "read-only",  "out-of-sync",       "auto-failover", "re-sync",
        "non-empty",  "replication-group", "cache-cluster", "in-memory",
        "up-to-date", "self-hosted",       "cluster-mode",  "not-applied",
    };
    return all(bytes, length, isalpha) || is_among(bytes, length, hyphened, COUNT(hyphened));
}

bool form_is_term(const char *bytes, size_t length) {
    static const char *const terms[] = { "cutover", "harden", "default" };
    bool is_camel = false, is_upper = length > 2;
    for (size_t i = 0; i < length; i++) {
        is_camel |= i > 1 && i + 1 < length && isupper((unsigned char)bytes[i]) &&
                    islower((unsigned char)bytes[i - 1]) && islower((unsigned char)bytes[i + 1]);
        is_upper = is_upper && isupper((unsigned char)bytes[i]);
    }
    return form_is_plain(bytes, length) &&
           (is_camel || is_upper || is_among(bytes, length, terms, COUNT(terms)));
}

bool form_is_word_byte(char byte) {
    return isalnum((unsigned char)byte) || form_is_in(byte, "_-.:/@+=%~#&") || (byte & 0x80);
}

static bool is_hex_id(const char *bytes, size_t length) {
    return (length == 32 || length == 40 || length == 16) && all(bytes, length, isxdigit);
}

static bool is_time(const char *bytes, size_t length) {
    if (length < 10 || length > 35)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isdigit((unsigned char)bytes[i]) && !form_is_in(bytes[i], "-:.TZ+"))
            return false;
    return bytes[4] == '-' && bytes[7] == '-' && isdigit((unsigned char)bytes[0]);
}

static size_t digits(const char *bytes, size_t length) {
    size_t count = 0;
    while (count < length && isdigit((unsigned char)bytes[count]))
        count++;
    return count;
}

bool alias_is_number(const char *bytes, size_t length) {
    static const char *const units[] = { "",    "%",   "B",   "K",  "M",  "G",  "T",  "KB",
                                         "MB",  "GB",  "ms",  "us", "s",  "m",  "h",  "d",
                                         "KiB", "MiB", "GiB", "k",  "kb", "mb", "gb", "st" };
    if (is_hex_id(bytes, length) || is_time(bytes, length))
        return true;
    size_t at = length && (bytes[0] == '-' || bytes[0] == '+') ? 1 : 0;
    size_t whole = digits(bytes + at, length - at);
    if (whole == 0 || form_is_account(bytes, length))
        return false;
    at += whole;
    for (size_t more; at < length && form_is_in(bytes[at], ".:-,/"); at += 1 + more) {
        more = digits(bytes + at + 1, length - at - 1);
        if (!more || form_is_ipv4(bytes, length))
            return false;
    }
    return is_among(bytes + at, length - at, units, COUNT(units));
}

/* "-001" or "-0001-001": what the service adds to a group's name for a node. */
size_t form_group_length(const char *bytes, size_t length) {
    for (int part = 0; part < 2; part++) {
        size_t at = length;
        while (at > 0 && isdigit((unsigned char)bytes[at - 1]))
            at--;
        size_t count = length - at;
        if ((count != 3 && count != 4) || at < 2 || bytes[at - 1] != '-')
            break;
        length = at - 1;
    }
    return length;
}

bool form_is_service_label(const char *bytes, size_t length) {
    static const char *const labels[] = { "master", "replica",    "clustercfg",  "cache", "ng",
                                          "ro",     "amazonaws",  "com",         "cn",    "api",
                                          "aws",    "serverless", "elasticache", "sts",   "iam" };
    if (is_among(bytes, length, labels, COUNT(labels)))
        return true;
    if (length == 4 && all(bytes, length, isdigit))
        return true;
    /* "use1", "apne2": a region's short name; "us-east-1": its long one. */
    if (length >= 3 && length <= 6 && isdigit((unsigned char)bytes[length - 1]) &&
        all(bytes, length - 1, islower))
        return true;
    return length <= 16 && length > 6 && bytes[2] == '-' && bytes[length - 2] == '-' &&
           isdigit((unsigned char)bytes[length - 1]) && all(bytes, 2, islower) &&
           all(bytes + 3, length - 5, islower);
}
