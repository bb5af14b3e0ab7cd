#include <stdlib.h>
#include <string.h>

#include "providers/observe/observe.h"
#include "schemas/base/digest.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define SIGNERS_CEILING_BYTES ((size_t)256 << 10) /* it becomes a part of every plan */

static const char revocation_list_magic[] = "SSHKRL\n";

static bool read_file(const char *name, const char *folder, struct text *out, char **problem) {
    AUTO(string_free) char *path = config_path(folder, name);
    AUTO(error_clear) struct error err = { 0 };
    if (file_read(path, SIGNERS_CEILING_BYTES, out, &err))
        return true;
    if (!*problem)
        *problem = xstrdup(err.message);
    return false;
}

static bool is_text(const struct text *bytes) {
    for (size_t i = 0; i < bytes->length; i++)
        if ((unsigned char)bytes->bytes[i] < ' ' && !strchr("\t\r\n", bytes->bytes[i]))
            return false;
    return !memchr(text_string(bytes), 0, bytes->length);
}

/* Comments and blanks decide nothing, so that changing them makes no other plan. */
static void add_lines(const struct text *bytes, struct strings *out) {
    for (const char *at = text_string(bytes); *at; at += strcspn(at, "\n"), at += *at == '\n') {
        size_t length = strcspn(at, "\n"), start = strspn(at, " \t\r");
        while (length > start && strchr(" \t\r", at[length - 1]))
            length--;
        if (start >= length || at[start] == '#')
            continue;
        AUTO(string_free) char *line = xstrndup(at + start, length - start);
        strings_add(out, line);
    }
}

static void add_revoked(const struct text *bytes, struct observed_signers *out) {
    size_t magic = strlen(revocation_list_magic);
    if (bytes->length < magic || memcmp(bytes->bytes, revocation_list_magic, magic) != 0) {
        add_lines(bytes, &out->revoked);
        return;
    }
    out->revocation_list = xcalloc(2 * bytes->length + 1, 1);
    digest_hex((const uint8_t *)bytes->bytes, bytes->length, out->revocation_list);
}

void observe_signers(const struct config_approvals *approvals, const char *config_folder,
                     struct observed_signers *out) {
    AUTO(text_clear) struct text allowed = { 0 }, revoked = { 0 };
    if (!approvals->allowed_signers)
        return;
    if (read_file(approvals->allowed_signers, config_folder, &allowed, &out->problem)) {
        if (is_text(&allowed))
            add_lines(&allowed, &out->allowed);
        else
            out->problem = xasprintf("'%s' is not a text file", approvals->allowed_signers);
    }
    if (approvals->revoked_keys &&
        read_file(approvals->revoked_keys, config_folder, &revoked, &out->problem))
        add_revoked(&revoked, out);
}
