#include <string.h>

#include "providers/elasticache/credentials/source.h"
#include "providers/elasticache/credentials/words.h"
#include "providers/process/process.h"
#include "schemas/base/memory.h"
#include "schemas/config/config.h"

static enum source_answer take(const char *where, struct json *document, struct credentials *out,
                               struct error *err) {
    if (json_find_int(document, "Version", 0) != 1)
        return source_broken(err, where, "its output does not have Version 1",
                             "it must print {\"Version\": 1, \"AccessKeyId\": ...}");
    return source_document(where, document, "SessionToken", out, err);
}

static enum source_answer look(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err) {
    const char *line = settings_key(lookup->settings, "credential_process");
    if (!line)
        return SOURCE_EMPTY;
    AUTO(string_free)
    char *where = xasprintf("credential_process of profile '%s'", lookup->settings->profile);
    struct config_secret program = { 0 };
    AUTO(secret_free) struct secret *printed = NULL;
    AUTO(json_free) struct json *document = NULL;
    if (!words_split(line, &program.exec) || !program.exec.count)
        return source_broken(err, where, "the command line has an unterminated quote", NULL);
    bool ran = process_secret(&program, NULL, where, &printed, err);
    strings_clear(&program.exec);
    if (!ran) {
        err->code = ERROR_CREDENTIALS;
        return SOURCE_BROKEN;
    }
    if (!json_parse(secret_bytes(printed), secret_length(printed), "its output", &document, err)) {
        err->code = ERROR_CREDENTIALS;
        error_wrap(err, "%s", where);
        return SOURCE_BROKEN;
    }
    return take(where, document, out, err);
}

const struct credential_source credential_source_process = { look };
