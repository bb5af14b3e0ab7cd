/* The AWS configuration: files, profiles, regions, endpoints and where keys come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/elasticache/credentials/credentials.h"
#include "providers/elasticache/endpoint.h"
#include "providers/elasticache/expand.h"
#include "providers/elasticache/profile.h"
#include "providers/elasticache/service.h"
#include "providers/elasticache/settings.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"

static void parse(const char *string, struct profile_file *out) {
    AUTO(error_clear) struct error err = { 0 };
    if (!profile_parse(string, strlen(string), "config", out, &err))
        fail_msg("%s", err.message);
}

static void assert_value(const struct profile_file *file, const char *section, const char *key,
                         const char *value) {
    const char *found = profile_value(profile_find(file, section), key);
    if (!value)
        assert_null(found);
    else
        assert_string_equal(found ? found : "(none)", value);
}

static void profiles_are_read_as_the_aws_tools_write_them(void **state) {
    (void)state;
    AUTO(profile_file_clear) struct profile_file file = { 0 };
    parse("\xEF\xBB\xBF# a comment\r\n[default]\r\nRegion = eu-west-1 ; here\r\n"
          "aws_secret_access_key=a/b+c=#;d\r\n\r\n"
          "[ profile   deploy ]\nregion=us-east-1\nregion = us-east-2\nempty =\n"
          "services = mine\ns3 =\n  max_concurrent_requests = 20\n  # inside\n"
          "output = json\n  more of it\n"
          "[services mine]\nelasticache =\n  endpoint_url = http://127.0.0.1:1\n"
          "sts =\n\tendpoint_url = http://127.0.0.1:2\n[default]\noutput=text\n"
          "[profile \"two words\"]\nregion=q\n[profile 'a b c']\nregion=s\n[o'neil's]\nregion=o",
          &file);
    assert_value(&file, "default", "region", "eu-west-1");
    assert_value(&file, "default", "aws_secret_access_key", "a/b+c=#;d");
    assert_value(&file, "default", "output", "text");
    assert_value(&file, "profile deploy", "region", "us-east-2");
    assert_value(&file, "profile deploy", "empty", NULL);
    assert_value(&file, "profile deploy", "output", "json");
    assert_value(&file, "profile deploy", "s3.max_concurrent_requests", "20");
    assert_value(&file, "services mine", "elasticache.endpoint_url", "http://127.0.0.1:1");
    assert_value(&file, "services mine", "sts.endpoint_url", "http://127.0.0.1:2");
    assert_value(&file, "profile two words", "region", "q");
    assert_value(&file, "profile a b c", "region", "s");
    assert_value(&file, "o'neil's", "region", "o");
    assert_value(&file, "profile absent", "region", NULL);
}

static void broken_profile_files_are_refused_with_the_line_and_no_value(void **state) {
    (void)state;
    static const struct {
        const char *text, *line;
    } rows[] = {
        { "region = x\n", "line 1" },
        { "[default\nregion = x\n", "line 1" },
        { "[]\n", "line 1" },
        { "[default]\naws_secret_access_key canary\n", "line 2" },
        { "[default]\n= canary\n", "line 2" },
        { "[a]\nnested =\n  canary\n", "line 3" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct profile_file file = { 0 };
        AUTO(error_clear) struct error err = { 0 };
        assert_false(profile_parse(rows[i].text, strlen(rows[i].text), "config", &file, &err));
        assert_int_equal(err.code, ERROR_FORMAT);
        assert_non_null(strstr(err.message, rows[i].line));
        assert_null(strstr(err.message, "canary"));
        assert_int_equal(file.count, 0);
    }
    struct profile_file file = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_false(profile_parse("[a]\nb=c\0d\n", 10, "config", &file, &err));
}

static void colons_defaults_and_repeated_sections_are_read(void **state) {
    (void)state;
    AUTO(profile_file_clear) struct profile_file file = { 0 };
    parse("[b]\nx: 1\ny : a=b\nn =\n  k = c:d\n[DEFAULT]\nz=9\nx=8\n[a]\nz=\n[b]\nx=2\n[a]\nw=3\n",
          &file);
    assert_int_equal(file.count, 3);
    assert_value(&file, "b", "x", "2");
    assert_value(&file, "b", "y", "a=b");
    assert_value(&file, "b", "n.k", "c:d");
    assert_value(&file, "b", "z", "9");
    assert_value(&file, "a", "z", NULL);
    assert_value(&file, "a", "w", "3");
    assert_value(&file, "a", "x", "8");
}

static void a_file_of_a_large_organization_is_read_at_once(void **state) {
    (void)state;
    AUTO(text_clear) struct text text = { 0 };
    for (int i = 0; i < 100000; i++)
        text_addf(&text, "[profile p%d]\nrole_arn=arn:aws:iam::%012d:role/r\n", i, i);
    int64_t started_mono_ms = clock_mono_ms();
    AUTO(profile_file_clear) struct profile_file file = { 0 };
    parse(text_string(&text), &file);
    assert_int_equal(file.count, 100000);
    assert_value(&file, "profile p99999", "role_arn", "arn:aws:iam::000000099999:role/r");
    assert_true(clock_mono_ms() - started_mono_ms < 10000);
}

static void paths_are_expanded_as_the_aws_tools_do(void **state) {
    (void)state;
    setenv("HOME", "/home/me/", 1);
    setenv("PLACE", "/srv/x", 1);
    unsetenv("UNSET");
    static const struct {
        const char *given, *path;
    } rows[] = {
        { "~/.aws/config", "/home/me/.aws/config" },
        { "~", "/home/me" },
        { "$HOME/c", "/home/me//c" },
        { "${PLACE}/$UNSET/${UNSET}", "/srv/x/$UNSET/${UNSET}" },
        { "$PLACE$PLACE", "/srv/x/srv/x" },
        { "a$", "a$" },
        { "${PLACE", "${PLACE" },
        { "~root/c", "/root/c" },
        { "~no-such-user/c", "~no-such-user/c" },
        { "x~/c", "x~/c" },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(string_free) char *path = expand_path(rows[i].given);
        assert_string_equal(path, rows[i].path);
    }
    setenv("HOME", "/", 1);
    AUTO(string_free) char *top = expand_path("~");
    assert_string_equal(top, "/");
    unsetenv("PLACE");
}

static void regions_have_the_endpoints_of_their_partition(void **state) {
    (void)state;
    static const struct {
        const char *service, *region;
        struct endpoint_variant variant;
        const char *url;
    } rows[] = {
        { "elasticache", "eu-west-1", { 0 }, "https://elasticache.eu-west-1.amazonaws.com/" },
        { "sts", "ap-southeast-2", { 0 }, "https://sts.ap-southeast-2.amazonaws.com/" },
        { "elasticache", "cn-north-1", { 0 }, "https://elasticache.cn-north-1.amazonaws.com.cn/" },
        { "elasticache",
          "us-gov-west-1",
          { .fips = true },
          "https://elasticache.us-gov-west-1.amazonaws.com/" },
        { "elasticache",
          "us-east-1",
          { .fips = true },
          "https://elasticache-fips.us-east-1.amazonaws.com/" },
        { "elasticache",
          "us-east-1",
          { .dual_stack = true },
          "https://elasticache.us-east-1.api.aws/" },
        { "elasticache",
          "us-gov-west-1",
          { .fips = true, .dual_stack = true },
          "https://elasticache-fips.us-gov-west-1.api.aws/" },
        { "elasticache", "us-iso-east-1", { 0 }, "https://elasticache.us-iso-east-1.c2s.ic.gov/" },
        { "elasticache",
          "us-isob-east-1",
          { 0 },
          "https://elasticache.us-isob-east-1.sc2s.sgov.gov/" },
        { "elasticache",
          "eusc-de-east-1",
          { 0 },
          "https://elasticache.eusc-de-east-1.amazonaws.eu/" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(endpoint_clear) struct endpoint endpoint = { 0 };
        assert_true(
            endpoint_of_region(rows[i].service, rows[i].region, rows[i].variant, &endpoint, &err));
        assert_string_equal(endpoint.url, rows[i].url);
    }
    static const char *const wrong[] = {
        "", "aws-global", "aws-cn-global", "eu west", "evil.example/", "-x", "a@b", "EU"
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(endpoint_clear) struct endpoint endpoint = { 0 };
        assert_false(
            endpoint_of_region("sts", wrong[i], (struct endpoint_variant){ 0 }, &endpoint, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
    }
}

static void endpoint_urls_are_taken_apart_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *given, *url, *host, *path;
    } rows[] = {
        { "http://127.0.0.1:4566", "http://127.0.0.1:4566/", "127.0.0.1:4566", "/" },
        { "https://vpce-1.example:443/", "https://vpce-1.example/", "vpce-1.example", "/" },
        { "HTTP://[::1]:80/a/b", "http://[::1]/a/b", "[::1]", "/a/b" },
        { "http://[::1]:81", "http://[::1]:81/", "[::1]:81", "/" },
        { "https://h:80", "https://h:80/", "h:80", "/" },
        { "http://127.0.0.1:1 \t", "http://127.0.0.1:1/", "127.0.0.1:1", "/" },
        { "https://h/\n", "https://h/", "h", "/" },
        { .given = "ftp://h" },
        { .given = "h:80" },
        { .given = "http://" },
        { .given = "http://h:0" },
        { .given = "http://h:65536" },
        { .given = "http://h:8x" },
        { .given = "http://[::1" },
        { .given = "http://[::1]x" },
        { .given = "http://user:canary@h/" },
        { .given = "http://h/?q" },
        { .given = "http://h/a b" },
        { .given = "http://h\r\nX: y/" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(endpoint_clear) struct endpoint endpoint = { 0 };
        assert_int_equal(endpoint_of_url(rows[i].given, &endpoint, &err), rows[i].url != NULL);
        if (!rows[i].url) {
            assert_int_equal(err.code, ERROR_CONFIG);
            assert_null(strstr(err.message, "canary"));
            continue;
        }
        assert_string_equal(endpoint.url, rows[i].url);
        assert_string_equal(endpoint.host, rows[i].host);
        assert_string_equal(endpoint.path, rows[i].path);
    }
}

/* Opens a client with these two files; answers the code, and the endpoint in *endpoint. */
struct files {
    const char *config, *credentials;
};

static char *folder, *config_file, *credentials_file;

static int make_folder(void **state) {
    (void)aws_set_environment(state);
    const char *temporary = getenv("TMPDIR");
    folder = xasprintf("%s/ecmig-test-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(folder));
    config_file = path_join(folder, "config");
    credentials_file = path_join(folder, "credentials");
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    (void)unlink(config_file);
    (void)unlink(credentials_file);
    (void)rmdir(folder);
    string_free(folder);
    string_free(config_file);
    string_free(credentials_file);
    return 0;
}

static void place(struct files files) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(file_write(config_file, files.config, strlen(files.config), 0600, &err));
    assert_true(
        file_write(credentials_file, files.credentials, strlen(files.credentials), 0600, &err));
    (void)aws_set_environment(NULL);
    setenv("AWS_CONFIG_FILE", config_file, 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", credentials_file, 1);
}

static void without_keys_in_the_environment(void) {
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    unsetenv("AWS_SESSION_TOKEN");
}

static void assert_key(const char *profile, const char *access_key_id) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(settings_clear) struct settings settings = { 0 };
    AUTO(credentials_clear) struct credentials credentials = { 0 };
    const struct credential_lookup lookup = { .settings = &settings };
    if (!settings_load(profile, &settings, &err) || !credentials_find(&lookup, &credentials, &err))
        fail_msg("%s", err.message);
    assert_string_equal(credentials.access_key_id, access_key_id);
}

static void keys_come_from_the_first_place_that_holds_them(void **state) {
    (void)state;
    place((struct files){
        "[profile a]\naws_access_key_id=CONFIGA\naws_secret_access_key=s\n"
        "[profile b]\naws_access_key_id=CONFIGB\naws_secret_access_key=s\n",
        "[a]\naws_access_key_id=FILEA\naws_secret_access_key=s\naws_session_token=t\n"
        "[default]\naws_access_key_id=FILED\naws_secret_access_key=s\n" });
    assert_key(NULL, "AKIDEXAMPLE");
    setenv("AWS_PROFILE", "a", 1);
    assert_key(NULL, "AKIDEXAMPLE");
    assert_key("a", "FILEA");
    without_keys_in_the_environment();
    assert_key(NULL, "FILEA");
    assert_key("b", "CONFIGB");
    unsetenv("AWS_PROFILE");
    assert_key(NULL, "FILED");
}

static void what_cannot_sign_is_refused_and_says_why(void **state) {
    (void)state;
    static const struct {
        struct files files;
        const char *profile, *in_message;
    } rows[] = {
        { { "", "" }, NULL, "no AWS credentials for profile 'default'" },
        { { "", "" }, NULL, "AWS_ACCESS_KEY_ID" },
        { { "[profile a]\n", "" }, "b", "no AWS profile 'b'" },
        { { "", "[default]\naws_access_key_id=A\n" }, NULL, "only one of two values" },
        { { "", "[default]\naws_secret_access_key=s\n" }, NULL, "no AWS credentials for" },
        { { "", "[default]\naws_access_key_id=A\naws_secret_access_key=a b\n" },
          NULL,
          "invalid bytes" },
        { { "[default]\nlogin_session=arn\n", "" }, NULL, "only the aws command line" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        place(rows[i].files);
        without_keys_in_the_environment();
        AUTO(error_clear) struct error err = { 0 };
        AUTO(elasticache_close) struct elasticache *service = NULL;
        struct elasticache_options options = { .profile = rows[i].profile };
        assert_false(elasticache_open(&options, &service, &err));
        assert_int_equal(err.code, ERROR_CREDENTIALS);
        if (!strstr(err.message, rows[i].in_message))
            fail_msg("'%s' is not in '%s'", rows[i].in_message, err.message);
        assert_non_null(err.message);
    }
}

static void assert_endpoint(const struct elasticache_options *options, const char *url) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    if (!elasticache_open(options, &service, &err))
        fail_msg("%s", err.message);
    assert_string_equal(elasticache_endpoint(service), url);
}

static void the_endpoint_is_the_first_that_is_configured(void **state) {
    (void)state;
    place((struct files){ "[profile a]\nregion=eu-west-3\nservices=mine\nendpoint_url=http://h:5\n"
                          "[services mine]\nelasticache =\n  endpoint_url = http://h:4\n"
                          "[profile b]\nendpoint_url=http://h:5\n[profile c]\nservices=gone\n",
                          "" });
    struct elasticache_options options = { .endpoint_url = "http://h:1" };
    setenv("AWS_PROFILE", "a", 1);
    setenv("AWS_ENDPOINT_URL", "http://h:3", 1);
    setenv("AWS_ENDPOINT_URL_ELASTICACHE", "http://h:2", 1);
    assert_endpoint(&options, "http://h:1/");
    options.endpoint_url = NULL;
    assert_endpoint(&options, "http://h:2/");
    unsetenv("AWS_ENDPOINT_URL_ELASTICACHE");
    assert_endpoint(&options, "http://h:3/");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    assert_endpoint(&options, "https://elasticache.us-east-1.amazonaws.com/");
    unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    unsetenv("AWS_ENDPOINT_URL");
    assert_endpoint(&options, "http://h:4/");
    setenv("AWS_PROFILE", "b", 1);
    assert_endpoint(&options, "http://h:5/");
    setenv("AWS_PROFILE", "c", 1);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    assert_false(elasticache_open(&options, &service, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
}

static void assert_sts(const char *url, const char *signing_region) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    if (!elasticache_open(&(struct elasticache_options){ 0 }, &service, &err))
        fail_msg("%s", err.message);
    const struct endpoint *sts = &service->endpoints[SERVICE_STS];
    assert_string_equal(sts->url, url);
    assert_string_equal(sts->signing_region ? sts->signing_region : "", signing_region);
}

static void sts_is_that_of_the_partition_where_it_is_asked_for(void **state) {
    (void)state;
    place((struct files){ "[default]\nsts_regional_endpoints=legacy\n", "" });
    setenv("AWS_REGION", "eu-west-1", 1);
    assert_sts("https://sts.amazonaws.com/", "us-east-1");
    setenv("AWS_REGION", "eu-south-1", 1);
    assert_sts("https://sts.eu-south-1.amazonaws.com/", "");
    setenv("AWS_REGION", "eu-west-1", 1);
    setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
    assert_sts("https://sts-fips.eu-west-1.amazonaws.com/", "");
    unsetenv("AWS_USE_FIPS_ENDPOINT");
    setenv("AWS_ENDPOINT_URL_STS", "http://h:1", 1);
    assert_sts("http://h:1/", "");
    unsetenv("AWS_ENDPOINT_URL_STS");
    setenv("AWS_STS_REGIONAL_ENDPOINTS", "regional", 1);
    assert_sts("https://sts.eu-west-1.amazonaws.com/", "");
    unsetenv("AWS_STS_REGIONAL_ENDPOINTS");
}

static void the_region_is_the_first_that_is_configured(void **state) {
    (void)state;
    place((struct files){ "[default]\nregion=eu-west-3\n", "" });
    struct elasticache_options options = { .region = "eu-west-1" };
    assert_endpoint(&options, "https://elasticache.eu-west-1.amazonaws.com/");
    options.region = NULL;
    assert_endpoint(&options, "https://elasticache.us-east-1.amazonaws.com/");
    static const char *const fips[] = { "fips-us-east-1", "us-east-1-fips" };
    for (size_t i = 0; i < COUNT(fips); i++) {
        options.region = fips[i];
        assert_endpoint(&options, "https://elasticache-fips.us-east-1.amazonaws.com/");
    }
    options.region = NULL;
    unsetenv("AWS_REGION");
    assert_endpoint(&options, "https://elasticache.eu-west-3.amazonaws.com/");
    setenv("AWS_DEFAULT_REGION", "eu-west-2", 1);
    assert_endpoint(&options, "https://elasticache.eu-west-2.amazonaws.com/");
    place((struct files){ "", "" });
    unsetenv("AWS_REGION");
    AUTO(error_clear) struct error err = { 0 };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    assert_false(elasticache_open(&options, &service, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_non_null(strstr(err.message, "region"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles_are_read_as_the_aws_tools_write_them),
        cmocka_unit_test(broken_profile_files_are_refused_with_the_line_and_no_value),
        cmocka_unit_test(colons_defaults_and_repeated_sections_are_read),
        cmocka_unit_test(a_file_of_a_large_organization_is_read_at_once),
        cmocka_unit_test(paths_are_expanded_as_the_aws_tools_do),
        cmocka_unit_test(regions_have_the_endpoints_of_their_partition),
        cmocka_unit_test(endpoint_urls_are_taken_apart_or_refused),
        cmocka_unit_test(keys_come_from_the_first_place_that_holds_them),
        cmocka_unit_test(what_cannot_sign_is_refused_and_says_why),
        cmocka_unit_test(the_endpoint_is_the_first_that_is_configured),
        cmocka_unit_test(sts_is_that_of_the_partition_where_it_is_asked_for),
        cmocka_unit_test(the_region_is_the_first_that_is_configured),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
