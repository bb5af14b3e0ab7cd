#include "executor/site/baseline.h"

#include <stdlib.h>

void skipped_free(struct skipped *skipped) {
    if (!skipped)
        return;
    for (size_t i = 0; i < skipped->count; i++) {
        free(skipped->items[i].address);
        free(skipped->items[i].run_id);
    }
    free(skipped->items);
    free(skipped);
}

void evictions_free(struct evictions *evictions) {
    if (!evictions)
        return;
    for (size_t i = 0; i < evictions->count; i++) {
        free(evictions->items[i].address);
        free(evictions->items[i].run_id);
    }
    free(evictions->items);
    free(evictions);
}
