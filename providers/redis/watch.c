#include "providers/redis/watch.h"

#include <stdlib.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

struct asked {
    char *command;
    int64_t asked_mono_ms;
    struct asked *next;
};

static struct redis_watch watching; /* set before there is a second thread */

void redis_watch(const struct redis_watch *watch) {
    watching = watch ? *watch : (struct redis_watch){ 0 };
}

bool watch_is_on(void) {
    return watching.asked;
}

void watch_asked(struct redis_connection *connection, size_t count, const char *const *words,
                 const size_t *lengths) {
    struct asked *asked = xcalloc(1, sizeof *asked), **end = &connection->asked;
    asked->command = watching.asked(watching.context, count, words, lengths);
    asked->asked_mono_ms = clock_mono_ms();
    if (connection->asked)
        end = &connection->asked_last->next;
    *end = connection->asked_last = asked;
}

void watch_answered(struct redis_connection *connection, const struct redis_reply *reply) {
    bool failed = connection->failure.code != ERROR_NONE;
    for (struct asked *asked; (asked = connection->asked);) {
        const struct redis_seen seen = { .server = connection->name,
                                         .command = asked->command,
                                         .reply = reply,
                                         .problem = failed ? &connection->failure : NULL,
                                         .asked_mono_ms = asked->asked_mono_ms,
                                         .answered_mono_ms = clock_mono_ms() };
        if (watching.answered && asked->command)
            watching.answered(watching.context, &seen);
        connection->asked = asked->next;
        free(asked->command);
        free(asked);
        if (reply)
            return;
    }
}

void watch_clear(struct redis_connection *connection) {
    for (struct asked *asked; (asked = connection->asked);) {
        connection->asked = asked->next;
        free(asked->command);
        free(asked);
    }
}
