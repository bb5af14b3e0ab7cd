/* What all files of the store share: where its branch is, and why git failed. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "providers/gitstore/store.h"

bool store_failed(struct error *err, const char *format, ...) {
    int system_error = errno;
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *what = xvasprintf(format, arguments);
    va_end(arguments);
    const git_error *last = git_error_last();
    const char *words = last && last->message ? last->message : "git gives no reason";
    bool full = system_error == ENOSPC && !strstr(words, "No space left");
    error_set(err, ERROR_IO, "%s: %s%s%s", what, words, full ? ": " : "",
              full ? strerror(ENOSPC) : "");
    if (system_error == ENOSPC || strstr(words, "No space left"))
        return error_hint(err, "free disk space and run the same command again");
    return false;
}

bool store_is_empty(const struct gitstore *store) {
    return git_oid_is_zero(&store->tip);
}

void store_set_tip(struct gitstore *store, const git_oid *tip) {
    store->tip = *tip;
    store->tip_hex[0] = '\0';
    if (!store_is_empty(store))
        git_oid_tostr(store->tip_hex, sizeof store->tip_hex, tip);
}
