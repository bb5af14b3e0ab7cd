#include "executor/handover.h"

#include "executor/site/endpoint_proof.h"
#include "schemas/base/clock.h"

void handover_add_endpoint(const struct journal_state *state, struct text *words) {
    const struct json *endpoint = endpoint_recorded(state);
    const char *address = json_find_string(endpoint, "address");
    const char *before = json_find_string(endpoint, "address_before");
    const char *problem = json_find_string(endpoint, "reader_problem");
    int64_t proved_at_ms = json_find_int(endpoint, "proved_at_ms", 0);
    char when[CLOCK_TEXT_BYTES];
    if (!address)
        return;
    clock_format_seconds(proved_at_ms, when);
    text_addf(words, "%s, %s%s", address, proved_at_ms ? "proved at " : "not proven yet",
              proved_at_ms ? when : "");
    if (before)
        text_addf(words, "; it was %s", before);
    if (problem)
        text_addf(words, "; the reader endpoint did not answer: %s", problem);
}

void handover_add_ready(const struct journal_state *state, struct text *words) {
    const struct json *ready = state->ready;
    const char *why = json_find_string(ready, "why");
    char when[CLOCK_TEXT_BYTES];
    if (!ready)
        return;
    clock_format_seconds(json_find_int(ready, "asked_at_ms", 0), when);
    text_addf(words, "%s, asked at %s%s%s", json_find_bool(ready, "ready", false) ? "yes" : "no",
              when, why ? ": " : "", why ? why : "");
}

void handover_put(const struct journal_state *state, struct json *document) {
    const struct json *endpoint = endpoint_recorded(state);
    if (endpoint)
        json_put(document, "endpoint", json_share(endpoint));
    if (state->ready)
        json_put(document, "ready", json_share(state->ready));
}
