/* One program that was started: internal to this folder. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "providers/process/process.h"

struct child {
    pid_t pid; /* of its supervisor (supervise.h) */
    bool running;
    int pid_fd;    /* -1 where the kernel has no pidfd_open */
    int output_fd; /* non-blocking */
    int status;    /* once it has ended, as in struct process_result */
    struct text output;
    size_t dropped_bytes;
};

/* with_errors: stderr goes where stdout goes; else it stays ours. */
MUST_CHECK bool child_start(const struct process_options *options, bool with_errors,
                            struct child *child, struct error *err);
/* Starts it and waits for its end. The child is to be cleared in any case. */
MUST_CHECK bool child_run(const struct process_options *options, bool with_errors,
                          struct child *child, struct error *err);
void child_clear(struct child *child);
AUTO_VALUE(struct child, child_clear)
