/* commits REPOSITORY COUNT [hurry]: so many commits like those of a run (an entry and the lock),
 * one after the other; prints how many a second, and the median and the longest in milliseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "providers/gitstore/gitstore.h"
#include "schemas/base/memory.h"

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static bool commit(struct gitstore *store, int number, struct error *err) {
    AUTO(string_free)
    char *path = xasprintf("migrations/orders/runs/r/journal/%06d-x.json", number);
    AUTO(string_free)
    char *entry = xasprintf("{\"seq\":%d,\"filler\":\"%0200d\"}\n", number, number);
    AUTO(string_free)
    char *lock = xasprintf("{\"expires_at\":%d,\"filler\":\"%0300d\"}\n", number, 0);
    const struct gitstore_change changes[] = {
        { path, entry, strlen(entry) },
        { "migrations/orders/lock.json", lock, strlen(lock) },
    };
    return gitstore_commit(store, changes, 2, "ecmig(orders): a commit\n", err);
}

int main(int argc, char **argv) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *store = NULL;
    int count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
    if (count < 1) {
        fprintf(stderr, "usage: commits REPOSITORY COUNT [hurry]\n");
        return 64;
    }
    double *took_ms = xcalloc((size_t)count, sizeof *took_ms);
    bool fine = gitstore_open(argv[1], "main", &store, &err);
    if (fine)
        gitstore_hurry(store, argc > 3);
    double begun_ms = now_ms();
    for (int i = 0; fine && i < count; i++) {
        double before_ms = now_ms();
        fine = commit(store, i, &err);
        took_ms[i] = now_ms() - before_ms;
    }
    double all_ms = now_ms() - begun_ms;
    qsort(took_ms, (size_t)count, sizeof *took_ms, ascending);
    if (fine)
        printf("%.1f a second, median %.1f ms, longest %.1f ms\n", count * 1e3 / all_ms,
               took_ms[count / 2], took_ms[count - 1]);
    else
        fprintf(stderr, "commits: %s\n", err.message);
    free(took_ms);
    return fine ? 0 : 1;
}
