/* The moments at which a process may die, numbered as they pass: before and after every record, and
 * after every effect before it is recorded.
 *
 * For rehearsals and tests alone: with ECMIG_TEST_MOMENT=N in the environment the process ends
 * itself with SIGKILL at the Nth moment, with N:stop it stops itself with SIGSTOP. Without it
 * nothing happens. */
#pragma once

void moment(const char *name);
