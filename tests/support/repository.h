/* A state repository of its own for each test, under one folder that goes at the end. */
#pragma once

#include <stdbool.h>

#include "providers/gitstore/gitstore.h"
#include "schemas/base/language.h"

/* Fails the test with the words of *err, which the call names. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        AUTO(error_clear) struct error err = { 0 };                                                \
        if (!(call))                                                                               \
            fail_msg("%s: %s", #call, err.message);                                                \
    } while (0)

extern char *repository;       /* of the test that runs; does not exist yet */
int fresh(void **state);       /* a cmocka setup */
bool repositories_open(void);  /* before the first test */
bool repositories_close(void); /* after the last */

bool shell(const char *format, ...) PRINTF_LIKE(1, 2); /* did it end with 0? */
struct gitstore *store_at(const char *path);           /* on branch main */
