/* What keeps two runs of two records from working on one target or source: the lock is in the
 * record, and the other does not see it. Each leaves its mark where the other looks
 * (schemas/observed/mark.h), and stops at the other's before it reads or sets anything. Foreign is
 * a run that is not of this record, unless a waiver of the plan adopts it. */
#pragma once

#include <stdbool.h>

#include "executor/site/site.h"
#include "providers/redis/clients.h"

/* Before an effect of a migration: the group, where there is one, carries the mark of this run, set
 * and read back. ERROR_BLOCKED for a foreign one. A busy group hides its tags, and is judged by
 * what is told. Once in a process. */
MUST_CHECK bool mark_hold(struct site *site, struct error *err);
/* Does the group carry a foreign mark? Where nothing is told it does not. ERROR_BLOCKED. */
MUST_CHECK bool mark_judge(struct site *site, struct error *err);
/* While something is waited for, every few seconds: no foreign run is connected to the source. With
 * `group` also that the target still migrates under this run. ERROR_BLOCKED; a server that
 * does not answer is asked again later. */
MUST_CHECK bool mark_watch(struct site *site, bool group, struct error *err);
/* The names in CLIENT LIST of one node. ERROR_BLOCKED names the run. */
MUST_CHECK bool mark_clients(const struct site *site, const char *address,
                             const struct clients *clients, struct error *err);
/* The record, as a tag has it; the caller frees. NULL where it cannot be told. */
char *mark_own_record(const struct site *site);
/* A run of this record, the open one among them. */
bool mark_is_known(const struct site *site, const char *run);
