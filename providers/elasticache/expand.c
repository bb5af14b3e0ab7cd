#include "providers/elasticache/expand.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define DATABASE_ENTRY_BYTES 16384

static bool is_word(char byte) {
    return isalnum((unsigned char)byte) || byte == '_';
}

/* The reference that starts at the dollar `at`: its whole length, and the name inside. 0: none. */
static size_t reference_at(const char *at, const char **name, size_t *name_length) {
    bool braced = at[1] == '{';
    *name = at + (braced ? 2 : 1);
    *name_length = 0;
    while (braced ? (*name)[*name_length] && (*name)[*name_length] != '}'
                  : is_word((*name)[*name_length]))
        ++*name_length;
    if (braced)
        return (*name)[*name_length] ? *name_length + 3 : 0;
    return *name_length ? *name_length + 1 : 0;
}

static char *with_variables(const char *path) {
    AUTO(text_clear) struct text text = { 0 };
    while (*path) {
        const char *name = NULL;
        size_t name_length = 0, length = *path == '$' ? reference_at(path, &name, &name_length) : 0;
        AUTO(string_free) char *variable = length ? xstrndup(name, name_length) : NULL;
        const char *value = variable ? getenv(variable) : NULL;
        if (value)
            text_add(&text, value);
        else
            for (size_t i = 0; i < (length ? length : 1); i++)
                text_add_char(&text, path[i]);
        path += length ? length : 1;
    }
    return text_take(&text);
}

/* `user` NULL: of whom we run as. NULL when the database does not know one. */
static char *home_of(const char *user) {
    char bytes[DATABASE_ENTRY_BYTES];
    struct passwd entry, *found = NULL;
    const char *home = user ? NULL : getenv("HOME");
    if (home && *home)
        return xstrdup(home);
    int failed = user ? getpwnam_r(user, &entry, bytes, sizeof bytes, &found)
                      : getpwuid_r(getuid(), &entry, bytes, sizeof bytes, &found);
    return !failed && found && found->pw_dir ? xstrdup(found->pw_dir) : NULL;
}

char *expand_path(const char *path) {
    AUTO(string_free) char *plain = with_variables(path);
    if (*plain != '~')
        return TAKE(plain);
    size_t length = strcspn(plain, "/");
    AUTO(string_free) char *user = length > 1 ? xstrndup(plain + 1, length - 1) : NULL;
    AUTO(string_free) char *home = home_of(user);
    if (!home)
        return TAKE(plain);
    size_t home_length = strlen(home);
    while (home_length && home[home_length - 1] == '/')
        home_length--;
    char *whole = xasprintf("%.*s%s", (int)home_length, home, plain + length);
    if (*whole)
        return whole;
    string_free(whole);
    return xstrdup("/");
}
