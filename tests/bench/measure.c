/* measure RUNS COMMAND…: runs a command again and again, its output thrown away, and prints
 * "<median wall ms>.<µs> <peak RSS KiB> <exit status of the last>". For the benches; not built with
 * the program. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_CEILING 1000

static long long now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int ascending(const void *left, const void *right) {
    long long a = *(const long long *)left, b = *(const long long *)right;
    return (a > b) - (a < b);
}

int main(int count, char **words) {
    static long long took_us[RUNS_CEILING];
    long runs = count > 2 ? strtol(words[1], NULL, 10) : 0, peak_kib = 0;
    int status = 0;
    if (runs < 1 || runs > RUNS_CEILING)
        return 64;
    for (long run = 0; run < runs; run++) {
        struct rusage usage = { 0 };
        long long started_us = now_us();
        pid_t child = fork();
        if (child == 0) {
            int nowhere = open("/dev/null", O_WRONLY);
            dup2(nowhere, STDOUT_FILENO);
            dup2(nowhere, STDERR_FILENO);
            execvp(words[2], words + 2);
            _exit(127);
        }
        if (child < 0 || wait4(child, &status, 0, &usage) != child)
            return 1;
        took_us[run] = now_us() - started_us;
        peak_kib = usage.ru_maxrss > peak_kib ? usage.ru_maxrss : peak_kib;
    }
    qsort(took_us, (size_t)runs, sizeof took_us[0], ascending);
    printf("%lld.%03lld %ld %d\n", took_us[runs / 2] / 1000, took_us[runs / 2] % 1000, peak_kib,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return 0;
}
