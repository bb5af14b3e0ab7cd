/* A migration's record in a state repository, written as the executor writes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "executor/record/journal.h"
#include "tests/support/repository.h"

/* The plan of each run, and its digest: that of {} */
#define RECORD_PLAN "{\"core\":{}}\n"
#define RECORD_DIGEST "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define RECORD_RUN "20261122T101500Z-0001"

struct journal *journal_at(struct gitstore *store); /* of migration orders, by ann@build7 */
void record_begin(struct journal *journal, const char *run);
void record_add(struct journal *journal, enum journal_type type, const char *step,
                const char *state);
void record_finish(struct journal *journal, const char *class, bool resumable);
size_t record_audit(struct gitstore *store); /* how many faults it has */
