/* The names that applications are given, proven before they are handed out. The service may rename
 * an endpoint, as it does when TLS is turned on or off, and an old name soon stops to resolve while
 * connections made by it continue. So the group is described again, and each name is resolved and
 * dialed afresh, with the options that the site connects to the target with. Names count only once
 * the service has finished what it does to the group: until then it may change them.
 *
 * What must answer: without cluster mode a primary at the primary endpoint; with it the
 * configuration endpoint, whose CLUSTER SLOTS must name one primary for each node group, each of
 * which is dialed too. Every primary must continue the history of a server that the journal names:
 * one that `confirmed` saw promoted, or an earlier proof. Where that history is gone, after two
 * failovers in the target, it counts when it is one of the nodes that the service names, by run id.
 * The reader endpoint is resolved and dialed as well; its failure is told and stops nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/site/site.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/json/json.h"

struct endpoint_server { /* a primary that answers */
    char *address;       /* HOST:PORT that led to it */
    char *run_id, *replid;
    bool by_run_id; /* the weaker proof: its history names none that is known */
};

struct endpoint_proof {
    char *address;          /* HOST:PORT of the primary or configuration endpoint, as named now */
    char *reader;           /* NULL: none */
    char *address_before;   /* what this run or its plan knew, when that differs; else NULL */
    char *reader_before;    /* likewise */
    struct strings numbers; /* HOST:PORT that the address resolves to */
    char *reader_problem;   /* NULL: it answers */
    int64_t proved_at_ms;
    struct {
        struct endpoint_server *items;
        size_t count;
    } servers;
};
void endpoint_proof_clear(struct endpoint_proof *proof);
AUTO_VALUE(struct endpoint_proof, endpoint_proof_clear)

/* How long the service may take to finish, and how long a name that does not work yet is tried
 * again then: DNS of a fresh one may take a while. */
#define ENDPOINT_SETTLES_MS (20 * 60 * 1000)
#define ENDPOINT_PATIENCE_MS (2 * 60 * 1000)
struct endpoint_patience {
    int64_t for_ms; /* once the service has finished; 0: one look, however far it is */
    /* Sleeps, says what is waited for, and may end the waiting. Not NULL when for_ms is above 0. */
    bool (*wait)(void *context, const char *why, int64_t left_ms, struct error *err);
    void *context;
};

/* Proves the endpoints. From then on the site's target_address and target_reader are the proven
 * ones, and the target's older connections are closed: the next use dials by name. ERROR_FAILED
 * says what was seen; the site then keeps what it had. Other codes are those of `wait`. */
MUST_CHECK bool endpoint_prove(struct site *site, const struct endpoint_patience *patience,
                               struct endpoint_proof *out, struct error *err);
/* For "endpoint" of a step's evidence or a mark: there later proofs, `show` and `status` find
 * it. */
struct json *endpoint_proof_json(const struct endpoint_proof *proof);
/* Events: proven, with both names when they differ, and a warning about the reader. */
void endpoint_proof_say(struct site *site, const char *step_id, const struct endpoint_proof *proof);
/* The last "endpoint" that a run recorded, or NULL: with proved_at_ms when it was proven. */
const struct json *endpoint_recorded(const struct journal_state *state);
/* What a gate or a look saw without proving it, for the same "endpoint": later proofs compare with
 * it. NULL when the site has no address yet. */
struct json *endpoint_seen_json(const struct site *site);
