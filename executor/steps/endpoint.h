/* The endpoint is proven before it is handed out (executor/site/endpoint_proof.h): by a step of the
 * cutover, whose writers are refused meanwhile, and by any step after which the service may have
 * given the endpoint another name. */
#pragma once

#include "executor/site/endpoint_proof.h"
#include "executor/steps/step.h"

/* Tries again for ENDPOINT_PATIENCE_MS, saying what it waits for. Then says what was proven, and
 * adds "endpoint" to the step's evidence. ERROR_FAILED says what was seen instead; its hint names
 * the next command. */
MUST_CHECK bool step_prove_endpoint(struct step_run *run, struct error *err);
