/* What the endpoint's own process holds: one thread, one loop; requests, timers and nodes take
 * turns. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/state/engines.h"
#include "providers/local/state/pace.h"
#include "providers/local/state/state.h"

/* The one account that it has. Nothing here is a secret. */
#define LOCAL_ACCESS_KEY_ID "AKIALOCALENDPOINT000"
#define LOCAL_SECRET_ACCESS_KEY "local-endpoint/not/a/secret/of/anybody+00"
#define LOCAL_REGION "us-east-1"
#define LOCAL_ACCOUNT "000000000000"
#define LOCAL_CALLER "arn:aws:iam::" LOCAL_ACCOUNT ":user/local"

struct endpoint {
    const char *dir;
    struct engines engines;
    struct state state;
    struct pace pace;
    int claim_fd;               /* holds the network; nodes and the writer inherit it */
    bool changed;               /* the state has to be saved */
    bool unsaved;               /* and could not be, which was said */
    int64_t next_watch_mono_ms; /* when to look for dead nodes again */
};

/* A line in DIR/endpoint.log, which is the endpoint's own stderr. */
void endpoint_log(const char *format, ...) PRINTF_LIKE(1, 2);
char *endpoint_file(const char *dir, const char *name); /* the caller frees */
