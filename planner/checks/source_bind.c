#include "planner/checks/check.h"

#include <string.h>

static bool is_loopback(const char *word, size_t length) {
    if (length && *word == '-') { /* "-::1": bind when available */
        word++;
        length--;
    }
    return (length >= 4 && strncmp(word, "127.", 4) == 0) ||
           (length == 3 && strncmp(word, "::1", 3) == 0) ||
           (length == 9 && strncmp(word, "localhost", 9) == 0);
}

static bool only_loopback(const char *bind) {
    size_t words = 0;
    for (const char *at = bind + strspn(bind, " "); *at; words++) {
        size_t length = strcspn(at, " ");
        if (!is_loopback(at, length))
            return false;
        at += length;
        at += strspn(at, " ");
    }
    return words > 0;
}

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *bind = pairs_find(&node->settings, "bind");
    if (!bind || !only_loopback(bind) || situation_service_is_local(input->situation))
        return;
    check_found(input, out, node->address, "bind \"%s\" accepts connections from this machine only",
                bind);
}

const struct check check_source_bind = {
    .title = "The source listens where the target can reach it",
    .reads = "CONFIG GET bind",
    .cause = "bind names loopback addresses only, which is the default of the sample configuration "
             "since 3.2.",
    .risk = "The target's nodes cannot connect, and the migration fails to start.",
    .remedy = "add the source's private address to bind (from 6.2 on, CONFIG SET bind also works)",
    .severity = SEVERITY_ERROR,
    .facts = "bind",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
