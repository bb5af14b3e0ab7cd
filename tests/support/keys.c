#include "tests/support/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"

char *keys_folder;
static char *config_file;

int keys_make_folder(void **state) {
    (void)state;
    char name[] = "/tmp/ecmig-credentials-XXXXXX";
    assert_non_null(mkdtemp(name));
    keys_folder = xstrdup(name);
    config_file = path_join(keys_folder, "config");
    return 0;
}

int keys_remove_folder(void **state) {
    (void)state;
    AUTO(string_free) char *command = xasprintf("rm -r '%s'", keys_folder);
    assert_int_equal(system(command), 0);
    string_free(keys_folder);
    string_free(config_file);
    return 0;
}

void keys_put(const char *path, const char *content) {
    AUTO(error_clear) struct error err = { 0 };
    if (!file_write(path, content, strlen(content), 0600, &err))
        fail_msg("%s", err.message);
}

void keys_put_config(const char *config) {
    keys_put(config_file, config);
}

void keys_place(const char *config, const struct responder *server) {
    (void)aws_set_environment(NULL);
    keys_put(config_file, config);
    setenv("HOME", keys_folder, 1);
    setenv("AWS_CONFIG_FILE", config_file, 1);
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    unsetenv("AWS_SESSION_TOKEN");
    if (server)
        setenv("AWS_ENDPOINT_URL", responder_url(server), 1);
    else
        unsetenv("AWS_ENDPOINT_URL");
}

void keys_ask(struct elasticache *service) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(service_identity_clear) struct service_identity identity = { 0 };
    if (!elasticache_identity(service, aws_soon(), &identity, &err))
        fail_msg("%s", err.message);
}

void keys_signed(const struct responder *server, size_t index, const char *id) {
    const char *request = responder_request(server, index);
    AUTO(string_free) char *credential = xasprintf("Credential=%s/", id);
    AUTO(string_free) char *secret = xasprintf("secret%s", id);
    if (!strstr(request, credential))
        fail_msg("request %zu is not signed by %s: %s", index, id, request);
    assert_true(aws_signature_holds(request, responder_body(server, index), secret));
}

void keys_refused(const char *profile, const char *in_message, const char *in_hint) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    const struct elasticache_options options = { .profile = profile };
    assert_false(elasticache_open(&options, &service, &err));
    assert_int_equal(err.code, ERROR_CREDENTIALS);
    if (!strstr(err.message, in_message))
        fail_msg("'%s' is not in '%s'", in_message, err.message);
    if (in_hint && (!err.hint || !strstr(err.hint, in_hint)))
        fail_msg("'%s' is not in '%s'", in_hint, err.hint ? err.hint : "");
}
