/* What a reference to a secret may name: it is sent to the host that the same file names. */
#include <fnmatch.h>
#include <string.h>

#include "schemas/config/cross.h"

struct secret_variable {
    const char *name;
    bool for_git;
};

static const struct secret_variable variables[] = {
#define SECRET_VARIABLE(name, for_git) { name, for_git },
#include "schemas/config/secret_variables.def"
#undef SECRET_VARIABLE
};

static const struct secret_variable *find(const char *name) {
    for (size_t i = 0; i < COUNT(variables); i++)
        if (strcmp(variables[i].name, name) == 0)
            return &variables[i];
    return NULL;
}

bool config_is_secret_variable(const char *name) {
    return find(name) != NULL;
}

static bool is_private_file(const char *path) {
    static const char *const patterns[] = {
        "/etc/shadow*",
        "/etc/gshadow*",
        "/etc/ssh/*",
        "/etc/ssl/private/*",
        "/proc/*",
        "*/.ssh/*",
        "*/.aws/*",
        "*/.netrc",
        "*/.git-credentials",
        "*/.kube/*",
        "*/.docker/*",
        "*/.gnupg/*",
        "/var/run/secrets/kubernetes.io/*",
        "/run/secrets/kubernetes.io/*",
    };
    for (size_t i = 0; i < COUNT(patterns); i++)
        if (fnmatch(patterns[i], path, 0) == 0)
            return true;
    return false;
}

const char *secret_reference_fault(const struct config_secret *reference, bool for_git) {
    const struct secret_variable *variable = reference->env ? find(reference->env) : NULL;
    if (variable && !(for_git && variable->for_git))
        return "names a variable that holds an unrelated secret";
    if (reference->file && is_private_file(reference->file))
        return "names a file that holds unrelated secrets";
    return NULL;
}
