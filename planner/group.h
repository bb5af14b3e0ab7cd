/* What is found in the same words about three nodes or more is one finding for people: "12 of 300
 * nodes: 10.0.0.1:6379, …". One or two keep a finding each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "planner/situation.h"
#include "schemas/base/findings.h"
#include "schemas/base/text.h"

#define SUBJECT_OF_SHARD "shard " /* of the target; an address is of the source */

/* Those from index `first` on, of one check; `of_primaries` when it looks at primaries only. */
void findings_group(const struct situation *situation, bool of_primaries, size_t first,
                    struct findings *list);
/* "all 6 nodes", "998 of 1,000 nodes (all but A, B)" or "3 of 6 nodes: A, B, C"; `has` tells for
 * each of `total` names whether it is meant. */
void group_add_members(struct text *text, const char *noun, const char *const *names,
                       const bool *has, size_t total);
/* As above, a long list of names cut: "12 of 300 nodes: A, B, C and 9 more"; the caller frees. */
char *group_shortened(const char *members);
/* The source nodes that `has` tells of: the one HOST:PORT, "both nodes", "all 500 primaries" or "3
 * of 6 nodes (A, B, C)", long lists cut; the caller frees. */
char *group_of_nodes(const struct situation *situation, const bool *has);
