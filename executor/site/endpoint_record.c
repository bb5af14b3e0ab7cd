/* What a proof leaves in the record and the events, and what is found there again. */
#include "executor/site/endpoint_proof.h"

static void keep_newest(const struct json *of, int64_t at_ms, int64_t *newest_ms,
                        const struct json **out) {
    const struct json *endpoint = json_find(of, "endpoint");
    if (!endpoint || at_ms < *newest_ms)
        return;
    *newest_ms = at_ms;
    *out = endpoint;
}

const struct json *endpoint_recorded(const struct journal_state *state) {
    const struct json *found = NULL;
    int64_t newest_ms = 0;
    for (size_t i = 0; i < state->steps.count; i++)
        keep_newest(state->steps.items[i].outcome, state->steps.items[i].ended_at_ms, &newest_ms,
                    &found);
    for (int i = 0; i < JOURNAL_MARK_COUNT; i++)
        keep_newest(state->marks[i].last, state->marks[i].at_ms, &newest_ms, &found);
    return found;
}

struct json *endpoint_proof_json(const struct endpoint_proof *proof) {
    struct json *value = json_new_object(), *servers = json_new_array();
    json_put_string(value, "address", proof->address);
    json_put_string(value, "address_before", proof->address_before);
    json_put_string(value, "reader", proof->reader);
    json_put_string(value, "reader_before", proof->reader_before);
    json_put_string(value, "reader_problem", proof->reader_problem);
    json_put_strings(value, "numbers", &proof->numbers);
    json_put_int(value, "proved_at_ms", proof->proved_at_ms);
    for (size_t i = 0; i < proof->servers.count; i++) {
        const struct endpoint_server *server = &proof->servers.items[i];
        struct json *entry = json_new_object();
        json_put_string(entry, "address", server->address);
        json_put_string(entry, "run_id", server->run_id);
        json_put_string(entry, "replid", server->replid);
        json_put_string(entry, "by", server->by_run_id ? "run_id" : "replid");
        json_append(servers, entry);
    }
    json_put(value, "servers", servers);
    return value;
}

struct json *endpoint_seen_json(const struct site *site) {
    if (!site->target_address)
        return NULL;
    struct json *value = json_new_object();
    json_put_string(value, "address", site->target_address);
    json_put_string(value, "reader", site->target_reader);
    return value;
}

void endpoint_proof_say(struct site *site, const char *step_id,
                        const struct endpoint_proof *proof) {
    struct event_fact fact = { .kind = EVENT_ENDPOINT,
                               .step = step_id,
                               .state = proof->address_before ? "renamed" : "proven",
                               .level = proof->address_before ? SEVERITY_WARNING : SEVERITY_NOTE,
                               .data = endpoint_proof_json(proof) };
    if (proof->address_before)
        events_emit(
            site->events, &fact,
            "the endpoint of the target is '%s' now; it was '%s'. The new name resolves, and "
            "the promoted target answers there",
            proof->address, proof->address_before);
    else
        events_emit(site->events, &fact,
                    "the endpoint '%s' resolves, and the promoted target answers there",
                    proof->address);
    if (proof->reader_before)
        events_warn(site->events, step_id,
                    "the reader endpoint of the target is '%s' now; it was '%s'",
                    proof->reader ? proof->reader : "none", proof->reader_before);
    if (proof->reader_problem)
        events_warn(site->events, step_id, "the reader endpoint does not answer: %s",
                    proof->reader_problem);
}
