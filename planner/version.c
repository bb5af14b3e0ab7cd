#include "planner/version.h"

#include <stdio.h>
#include <string.h>

static bool compare(const char *version, int major, int minor, int patch, int *order) {
    int seen[3] = { 0, 0, 0 }, wanted[3] = { major, minor, patch };
    if (!version || sscanf(version, "%5d.%5d.%5d", &seen[0], &seen[1], &seen[2]) < 1)
        return false;
    *order = 0;
    for (int i = 0; i < 3 && !*order; i++)
        *order = (seen[i] > wanted[i]) - (seen[i] < wanted[i]);
    return true;
}

bool version_at_least(const char *version, int major, int minor, int patch) {
    int order;
    return compare(version, major, minor, patch, &order) && order >= 0;
}

bool version_below(const char *version, int major, int minor, int patch) {
    int order;
    return compare(version, major, minor, patch, &order) && order < 0;
}

bool version_covers(const char *wanted, const char *seen) {
    size_t length = strlen(wanted);
    return strncmp(wanted, seen, length) == 0 && (seen[length] == '\0' || seen[length] == '.');
}
