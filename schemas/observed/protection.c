#include "schemas/observed/protection.h"

#include <string.h>

#include "schemas/base/memory.h"

const char *protection_tls(const struct observed_target *target) {
    if (!target->transit_encryption)
        return TLS_OFF;
    return target->transit_mode ? target->transit_mode : TLS_REQUIRED;
}

char *protection_auth(const struct observed_target *target) {
    if (!target->user_groups.count)
        return xstrdup(target->auth ? AUTH_TOKEN : AUTH_NONE);
    AUTO(string_free) char *ids = strings_join(&target->user_groups, ",");
    return xasprintf(AUTH_USER_GROUP "%s", ids);
}

const char *protection_durability(const struct observed_target *target) {
    return target->durability ? target->durability : DURABILITY_OFF;
}

int protection_rank(const char *tls) {
    static const char *const ranks[] = { TLS_OFF, TLS_PREFERRED, TLS_REQUIRED };
    for (int i = 0; i < (int)COUNT(ranks); i++)
        if (tls && strcmp(tls, ranks[i]) == 0)
            return i;
    return -1;
}
