/* A process between us and a program, to which all of the program's descendants fall when their own
 * parents end, in any group or session. Internal to this folder. */
#pragma once

/* In a child that was just forked; never returns. Runs `become`, which never returns either, in a
 * process of its own and ends with its status (128 + signal when it was killed); what the program
 * left running in the background continues. On SIGTERM, which also comes when we end for any
 * reason, all that descends from the program is killed first. `failure_fd` is told errno when there
 * is no process to be had. */
__attribute__((noreturn)) void supervise(void (*become)(const void *context), const void *context,
                                         int failure_fd);
