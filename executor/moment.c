#include "executor/moment.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

void moment(const char *name) {
    static long passed;
    const char *wanted = getenv("ECMIG_TEST_MOMENT");
    if (!wanted)
        return;
    char *rest = NULL;
    if (strtol(wanted, &rest, 10) != ++passed)
        return;
    /* One write, so that a test can say where it happened. */
    static const char prefix[] = "moment: ";
    ssize_t ignored = write(STDERR_FILENO, prefix, sizeof prefix - 1);
    ignored = write(STDERR_FILENO, name, strlen(name));
    ignored = write(STDERR_FILENO, "\n", 1);
    (void)ignored;
    (void)kill(getpid(), strcmp(rest, ":stop") == 0 ? SIGSTOP : SIGKILL);
}

int64_t moment_signature_ms(int64_t real_ms) {
    const char *wanted = getenv("ECMIG_TEST_SIGNATURE_MS");
    return wanted ? strtoll(wanted, NULL, 10) : real_ms;
}
