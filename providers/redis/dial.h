/* A connection on its way: hundreds of them at once, each step without waiting. */
#pragma once

#include "providers/redis/transport.h"

struct dial;

/* Resolves (getaddrinfo: bounded by the resolver only) and starts to connect. An address that does
 * not answer leaves their share of the time to the others. ERROR_UNREACHABLE. */
MUST_CHECK bool dial_begin(const struct redis_tls *tls, const char *host, uint16_t port,
                           int64_t deadline_mono_ms, struct dial **out, struct error *err);
/* As far as it goes now: AGAIN, DONE (*out is connected and has shaken hands), or FAILED with
 * ERROR_UNREACHABLE or ERROR_DEADLINE. */
enum transport_outcome dial_step(struct dial *dial, struct transport *out, struct error *err);
/* When to take the next step: when poll(2) says so, or at that moment. */
int dial_fd(const struct dial *dial);
short dial_events(const struct dial *dial);
int64_t dial_until_mono_ms(const struct dial *dial);
void dial_close(struct dial *dial);
AUTO_POINTER(struct dial, dial_close)
