#include "tests/support/repository.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schemas/base/memory.h"

static char folder[] = "/tmp/ecmig-repository-XXXXXX";
char *repository;

int fresh(void **state) {
    (void)state;
    static int number;
    free(repository);
    repository = xasprintf("%s/%d", folder, ++number);
    return 0;
}

bool repositories_open(void) {
    return mkdtemp(folder) != NULL;
}

bool repositories_close(void) {
    free(repository);
    return shell("rm -rf %s", folder);
}

bool shell(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *command = xvasprintf(format, arguments);
    va_end(arguments);
    return system(command) == 0;
}

struct gitstore *store_at(const char *path) {
    struct gitstore *store = NULL;
    MUST(gitstore_open(path, "main", &store, &err));
    return store;
}
