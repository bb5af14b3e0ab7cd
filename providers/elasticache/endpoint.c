#include "providers/elasticache/endpoint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/sigv4.h"
#include "schemas/base/memory.h"
#include "schemas/config/partition.h"

static bool is_host_label(const char *string) {
    size_t length = strlen(string);
    if (length == 0 || length > 63 || string[0] == '-' || string[length - 1] == '-')
        return false;
    for (const char *at = string; *at; at++)
        if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) && *at != '-')
            return false;
    return true;
}

/* Not of the elements of AWS's lists that stand for a whole partition: no group lives there. */
static bool is_whole_partition(const char *region) {
    size_t length = strlen(region);
    return strncmp(region, "aws-", 4) == 0 && length > 7 &&
           strcmp(region + length - 7, "-global") == 0;
}

char *endpoint_plain_region(const char *region, bool *is_fips) {
    size_t length = strlen(region);
    *is_fips = true;
    if (strncmp(region, "fips-", 5) == 0)
        return xstrdup(region + 5);
    if (length > 5 && strcmp(region + length - 5, "-fips") == 0)
        return xstrndup(region, length - 5);
    *is_fips = false;
    return xstrdup(region);
}

bool endpoint_of_region(const char *service, const char *region, struct endpoint_variant variant,
                        struct endpoint *out, struct error *err) {
    if (is_whole_partition(region)) {
        error_set(err, ERROR_CONFIG, "'%s' stands for every region of a partition", region);
        return error_hint(err, "set target.region to the region of the replication group");
    }
    if (!is_host_label(region)) {
        error_set(err, ERROR_CONFIG, "'%s' is not a region", region);
        return error_hint(err, "a region looks like eu-west-1");
    }
    const struct partition *partition = partition_of(region);
    const char *fips = !variant.fips ? "" : variant.dual_stack ? "-fips" : partition->fips_label;
    AUTO(string_free)
    char *url = xasprintf("https://%s%s.%s.%s", service, fips, region,
                          variant.dual_stack ? partition->dual_stack_suffix : partition->suffix);
    return endpoint_of_url(url, out, err);
}

bool endpoint_of_legacy_sts(const char *region, struct endpoint_variant variant,
                            struct endpoint *out, struct error *err) {
    /* Source: endpoint-rule-set-1.json of STS, UseGlobalEndpoint. */
    static const char *const old[] = { "ap-northeast-1", "ap-south-1",   "ap-southeast-1",
                                       "ap-southeast-2", "ca-central-1", "eu-central-1",
                                       "eu-north-1",     "eu-west-1",    "eu-west-2",
                                       "eu-west-3",      "sa-east-1",    "us-east-1",
                                       "us-east-2",      "us-west-1",    "us-west-2" };
    for (size_t i = 0; i < COUNT(old) && !variant.fips && !variant.dual_stack; i++) {
        if (strcmp(region, old[i]) != 0)
            continue;
        bool known = endpoint_of_url("https://sts.amazonaws.com", out, err);
        out->signing_region = "us-east-1";
        return known;
    }
    return endpoint_of_region("sts", region, variant, out, err);
}

bool endpoint_of_iam(const char *region, struct endpoint_variant variant, struct endpoint *out,
                     struct error *err) {
    const struct partition *partition = partition_of(region);
    const char *host = variant.fips ? partition->iam_fips_host : partition->iam_host;
    AUTO(string_free) char *url = xasprintf("https://%s", host);
    if (*host && !endpoint_of_url(url, out, err))
        return false;
    out->signing_region = partition->iam_region;
    return true;
}

/* 0 for anything but a port. */
static int read_port(const char *digits, size_t length) {
    int port = 0;
    for (size_t i = 0; i < length; i++) {
        if (i == 5 || !isdigit((unsigned char)digits[i]))
            return 0;
        port = port * 10 + (digits[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

/* A path with anything to escape would need a second escaping in the signature: refused. */
static bool is_plain_path(const char *path) {
    for (; *path; path++)
        if (!isalnum((unsigned char)*path) && !strchr("/-_.~", *path))
            return false;
    return true;
}

static bool is_host(const char *host, size_t length) {
    bool bracketed = length > 2 && host[0] == '[' && host[length - 1] == ']';
    size_t skip = bracketed ? 1 : 0;
    for (size_t i = skip; i < length - skip; i++) {
        unsigned char byte = (unsigned char)host[i];
        if (bracketed ? !isxdigit(byte) && !strchr(":.", byte)
                      : !isalnum(byte) && !strchr("-._", byte))
            return false;
    }
    return length > 0;
}

bool endpoint_of_url(const char *given, struct endpoint *out, struct error *err) {
    /* Variables filled from files or by templates end in blanks and line breaks. */
    size_t given_length = strlen(given);
    while (given_length && isspace((unsigned char)given[given_length - 1]))
        given_length--;
    AUTO(string_free) char *url = xstrndup(given, given_length);
    bool plain = strncasecmp(url, "http://", 7) == 0;
    size_t scheme_length = plain ? 7 : 8;
    bool valid = plain || strncasecmp(url, "https://", 8) == 0;
    const char *host = valid ? url + scheme_length : url;
    size_t whole_length = strcspn(host, "/"), host_length = whole_length;
    const char *path = host + whole_length;
    int usual_port = plain ? 80 : 443, port = usual_port;
    if (valid && *host == '[')
        host_length = strcspn(host, "]") < whole_length ? strcspn(host, "]") + 1 : 0;
    else
        host_length = strcspn(host, ":/");
    if (host_length < whole_length) {
        port = read_port(host + host_length + 1, whole_length - host_length - 1);
        valid = valid && host[host_length] == ':' && port;
    }
    if (!valid || !is_host(host, host_length) || !is_plain_path(path)) {
        error_set(err, ERROR_CONFIG, "'%s' is not an endpoint",
                  strchr(url, '@') ? "a URL with a user name" : url);
        return error_hint(err, "an endpoint looks like https://host or http://host:port");
    }
    endpoint_clear(out);
    out->host = xstrndup(host, port == usual_port ? host_length : whole_length);
    out->path = sigv4_canonical_path(path);
    out->url = xasprintf("%s%s%s", plain ? "http://" : "https://", out->host, *path ? path : "/");
    return true;
}

bool host_is_loopback(const char *host) {
    size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?");
    if (strncmp(host, "127.", 4) == 0)
        return strspn(host, "0123456789.") == length;
    return (length == 5 && strncmp(host, "[::1]", 5) == 0) ||
           (length == 9 && strncasecmp(host, "localhost", 9) == 0);
}

bool endpoint_is_loopback(const struct endpoint *endpoint) {
    return host_is_loopback(endpoint->host);
}

void endpoint_clear(struct endpoint *endpoint) {
    free(endpoint->url);
    free(endpoint->host);
    free(endpoint->path);
    *endpoint = (struct endpoint){ 0 };
}
