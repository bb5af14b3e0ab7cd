/* Where a service of a region is asked. Pure. */
#pragma once

#include <stdbool.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct endpoint {
    char *url;  /* scheme://host[:port]/path, as requested */
    char *host; /* value of the Host header: with the port when it is not the scheme's own */
    char *path; /* canonical for a signature; "/" at least */
    const char *signing_region; /* that it wants in signatures; NULL: the client's own */
};

struct endpoint_variant {
    bool fips, dual_stack;
};

/* `service` is "elasticache" or "sts". ERROR_CONFIG for anything but a region. */
MUST_CHECK bool endpoint_of_region(const char *service, const char *region,
                                   struct endpoint_variant variant, struct endpoint *out,
                                   struct error *err);
/* The region that a pseudo region means: "fips-us-east-1" and "us-east-1-fips" are us-east-1 with
 * FIPS endpoints. The caller frees it. */
char *endpoint_plain_region(const char *region, bool *is_fips);
/* STS where AWS_STS_REGIONAL_ENDPOINTS is "legacy": the one of the whole partition for the regions
 * that are as old as it. */
MUST_CHECK bool endpoint_of_legacy_sts(const char *region, struct endpoint_variant variant,
                                       struct endpoint *out, struct error *err);
/* IAM has one for a whole partition; an empty one where none is known. */
MUST_CHECK bool endpoint_of_iam(const char *region, struct endpoint_variant variant,
                                struct endpoint *out, struct error *err);
/* http or https; a user, query or fragment in the URL is refused with ERROR_CONFIG. */
MUST_CHECK bool endpoint_of_url(const char *url, struct endpoint *out, struct error *err);
/* Starts `host`, up to a port, path or its end, with a name or address of this machine alone? */
bool host_is_loopback(const char *host);
bool endpoint_is_loopback(const struct endpoint *endpoint);
void endpoint_clear(struct endpoint *endpoint);
AUTO_VALUE(struct endpoint, endpoint_clear)
