/* From a request on the wire to the action that it calls, and back. */
#pragma once

#include "providers/local/state/endpoint.h"
#include "providers/local/wire/http.h"

/* Checks who asks, runs the action, and writes its result or the error; what a handler changed is
 * on disk before the client hears of it. Faults of calls happen here. */
void dispatch(struct endpoint *endpoint, const struct http_request *request,
              struct http_page *page);
