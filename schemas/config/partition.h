/* The partitions of AWS, each a world of its own: what its ARNs and endpoints are called. */
#pragma once

struct partition {
    const char *region_prefix, *name;
    const char *suffix, *dual_stack_suffix, *fips_label; /* of endpoints */
    const char *iam_host, *iam_fips_host, *iam_region;   /* of its one IAM */
};

/* "" is in that of the public regions. */
const struct partition *partition_of(const char *region);
