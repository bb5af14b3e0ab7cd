#include "schemas/config/partition.h"

#include <string.h>

static const struct partition partitions[] = {
#define PARTITION(...) { __VA_ARGS__ },
#include "schemas/config/partitions.def"
#undef PARTITION
};

const struct partition *partition_of(const char *region) {
    const struct partition *row = partitions;
    while (strncmp(region, row->region_prefix, strlen(row->region_prefix)) != 0)
        row++;
    return row;
}
