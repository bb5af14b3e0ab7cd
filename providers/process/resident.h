/* Child processes that outlive us: each has a pid file with its pid and start time, which together
 * tell it from a later process of the same pid, and the device and inode of the file's folder,
 * which tell it from a copy. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct resident_options {
    const char *pid_file;
    const char *log_file;             /* stdout and stderr are appended to it */
    const char *const *words;         /* program and arguments, NULL-terminated; or NULL … */
    int (*run)(const void *argument); /* … and this is called instead, its result the status */
    const void *argument;
    int keep_fd, ready_fd; /* stay open in the child, in this order from 3 on; -1 for none */
};

/* Starts the child in a session of its own with no other descriptor of ours. It runs nothing
 * before its pid file is written, so that no child is ever unknown. */
MUST_CHECK bool resident_start(const struct resident_options *options, struct error *err);
/* The pid of the live process that the file names; 0 when there is none. */
pid_t resident_find(const char *pid_file);
/* SIGTERM, after grace_ms SIGKILL; removes the pid file. True when a process was ended. */
bool resident_end(const char *pid_file, int64_t grace_ms);
/* Waits for its own end; false at the deadline. */
bool resident_wait(const char *pid_file, int64_t deadline_mono_ms);
/* First ceiling bytes that a short command prints, within five seconds; the caller frees. */
MUST_CHECK bool resident_output(const char *const *words, char **out, struct error *err);
