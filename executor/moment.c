#include "executor/moment.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "schemas/base/language.h"

#define LOCK_VARIABLE "ECMIG_TEST_LOCK_MS"
#define MOMENT_VARIABLE "ECMIG_TEST_MOMENT"
#define SIGNATURE_VARIABLE "ECMIG_TEST_SIGNATURE_MS"

const char *moment_variable(void) {
    static const char *const variables[] = { LOCK_VARIABLE, MOMENT_VARIABLE, SIGNATURE_VARIABLE };
    for (size_t i = 0; i < COUNT(variables); i++)
        if (getenv(variables[i]))
            return variables[i];
    return NULL;
}

static bool is_wanted(const char *wanted, long number, const char *name) {
    char *rest = NULL;
    long asked = strtol(wanted, &rest, 10);
    if (rest != wanted)
        return asked == number;
    static long since;
    size_t length = strcspn(wanted, "+:");
    bool named = strlen(name) == length && strncmp(wanted, name, length) == 0;
    since += since > 0 || named;
    return since == 1 + (wanted[length] == '+' ? strtol(wanted + length, NULL, 10) : 0);
}

int64_t moment_span_ms(int64_t span_ms) {
    const char *wanted = getenv(LOCK_VARIABLE);
    long lock_ms = wanted ? strtol(wanted, NULL, 10) : 0;
    return lock_ms > 0 ? span_ms * lock_ms / MOMENT_LOCK_MS : span_ms;
}

void moment(const char *name) {
    static long passed;
    static bool taken;
    const char *wanted = getenv(MOMENT_VARIABLE);
    if (!wanted || taken || !is_wanted(wanted, ++passed, name))
        return;
    taken = true;
    /* One write, so that a test can say where it happened. */
    static const char prefix[] = "moment: ";
    ssize_t ignored = write(STDERR_FILENO, prefix, sizeof prefix - 1);
    ignored = write(STDERR_FILENO, name, strlen(name));
    ignored = write(STDERR_FILENO, "\n", 1);
    (void)ignored;
    const char *how = strrchr(wanted, ':');
    (void)kill(getpid(), how && strcmp(how, ":stop") == 0 ? SIGSTOP : SIGKILL);
}

int64_t moment_signature_ms(int64_t real_ms) {
    const char *wanted = getenv(SIGNATURE_VARIABLE);
    return wanted ? strtoll(wanted, NULL, 10) : real_ms;
}
