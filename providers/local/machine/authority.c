#include "providers/local/machine/authority.h"

#include <string.h>

#include "providers/local/machine/node.h"
#include "providers/process/resident.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define DAYS "3650"
#define WORD_CEILING 32

static char *file_of(const struct endpoint *endpoint, const char *name) {
    return xasprintf("%s/tls/%s", endpoint->dir, name);
}

/* The certificate comes from stdout, so that a file that is there is a whole one. */
static bool run_openssl(const char *key_file, const char *subject, const char *const *more,
                        const char *out_file, struct error *err) {
    const char *words[WORD_CEILING] = {
        "openssl", "req",   "-x509", "-newkey", "ec",     "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-days", DAYS,    "-keyout", key_file, "-subj",    subject
    };
    AUTO(string_free) char *page = NULL;
    size_t count = 14;
    for (size_t i = 0; more[i]; i++)
        words[count++] = more[i];
    if (!resident_output(words, &page, err) || !strstr(page, "-----END CERTIFICATE-----")) {
        error_set(err, ERROR_FAILED, "no certificate could be made for '%s'", subject);
        return error_hint(err, "install the program openssl, version 3 or later");
    }
    return file_write(out_file, page, strlen(page), 0600, err);
}

bool authority_make(struct endpoint *endpoint, struct error *err) {
    static const char *const more[] = { NULL };
    AUTO(string_free) char *folder = file_of(endpoint, "");
    AUTO(string_free) char *key = file_of(endpoint, "ca.key");
    AUTO(string_free) char *certificate = file_of(endpoint, "ca.pem");
    if (!path_exists(certificate) &&
        (!folder_make(folder, 0700, err) ||
         !run_openssl(key, "/CN=ecmig local endpoint", more, certificate, err)))
        return false;
    string_replace(&endpoint->state.tls_ca_file, certificate);
    return true;
}

bool authority_certify(const struct endpoint *endpoint, const struct node *node,
                       struct error *err) {
    char first[NODE_ADDRESS_BYTES], second[NODE_ADDRESS_BYTES];
    node_place(&endpoint->state, node, false, first);
    node_place(&endpoint->state, node, true, second);
    AUTO(string_free) char *authority_key = file_of(endpoint, "ca.key");
    AUTO(string_free) char *folder = node_file(endpoint->dir, node, "");
    AUTO(string_free) char *key = node_file(endpoint->dir, node, "tls.key");
    AUTO(string_free) char *certificate = node_file(endpoint->dir, node, "tls.pem");
    AUTO(string_free) char *subject = xasprintf("/CN=%s", node->id);
    AUTO(string_free) char *names = xasprintf("subjectAltName=IP:%s,IP:%s", first, second);
    const char *const more[] = {
        "-CA",     endpoint->state.tls_ca_file,          "-CAkey", authority_key, "-addext", names,
        "-addext", "basicConstraints=critical,CA:FALSE", NULL
    };
    if (!endpoint->state.tls_ca_file) {
        error_set(err, ERROR_FAILED, "the local endpoint has no certificate authority");
        return error_hint(err, "install openssl 3 or later, then run 'ecmig local up' again");
    }
    return folder_make(folder, 0700, err) && run_openssl(key, subject, more, certificate, err);
}

bool authority_list_addresses(const struct endpoint *endpoint, struct error *err) {
    const struct state *state = &endpoint->state;
    AUTO(string_free) char *path = file_of(endpoint, "addresses");
    AUTO(text_clear) struct text page = { 0 };
    if (!state->tls_ca_file)
        return true;
    for (size_t i = 0; i < state->groups.count; i++) {
        const struct group *group = &state->groups.items[i];
        for (size_t k = 0; group_transit(group) != TRANSIT_OFF && k < group->nodes.count; k++) {
            AUTO(string_free) char *address = node_endpoint(state, &group->nodes.items[k]);
            text_addf(&page, "%s\n", address);
        }
    }
    return file_write(path, text_string(&page), page.length, 0600, err);
}
