/* The mark of a run, where a run on another record sees it.
 *
 * Two state repositories exclude nobody from each other: what both see is the target and the
 * source. The group carries the run as tags, which are set before the run's first effect; the
 * service does not tell tags while a group migrates, so that a group which a run creates has the
 * same in its description. On the source the connections of a run carry its name; nothing of it is
 * kept there, because every setting that could hold a name means something to somebody, and a key
 * would be data. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/strings.h"

#define MARK_TAG_RUN "ecmig:run"
#define MARK_TAG_MIGRATION "ecmig:migration"
#define MARK_TAG_RECORD "ecmig:record" /* "1f0c9a77b2e4 build7:/srv/orders/state" */

/* "ecmig:4:20261128T044711Z-3f9c"; without the run from earlier versions. The caller frees. */
char *mark_connection(int64_t epoch, const char *run);
/* The run of such a name; "" when it names none; NULL when it is not ecmig's. The caller frees. */
char *mark_connection_run(const char *name);
int64_t mark_connection_epoch(const char *name); /* 0 when it is not ecmig's */
/* Adds the name if it is that of a connection of ecmig, once. */
void mark_connection_add(const char *name, struct strings *out);
/* Id and place of a record as one tag: what tags may not hold becomes _. The caller frees. */
char *mark_record(const char *id, const char *place);
/* The record that a mark names is in another folder than ours at `place`; false where either is a
 * URL, or NULL. Names of machines are not compared: a container has another each time. */
bool mark_record_moved(const char *record, const char *place);
/* What is written into the description of a group that a run creates; the caller frees. */
char *mark_description(const char *run, const char *record);
/* Reads it back; false, with both untouched, for any other text. The caller frees. */
bool mark_description_read(const char *text, char **run, char **record);
