#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "providers/gitstore/address.h"

static void expect(const char *url, const char *user, const char *host, int64_t port,
                   const char *path) {
    AUTO(ssh_address_clear) struct ssh_address address = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_true(ssh_address_parse(url, &address, &err));
    if (user)
        assert_string_equal(address.user, user);
    else
        assert_null(address.user);
    assert_string_equal(address.host, host);
    assert_int_equal(address.port, port);
    assert_string_equal(address.path, path);
}

static void refuse(const char *url) {
    AUTO(ssh_address_clear) struct ssh_address address = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_false(ssh_address_parse(url, &address, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_null(address.host);
}

static void a_url_names_user_host_port_and_path(void **state) {
    (void)state;
    expect("ssh://git@example.com/team/state.git", "git", "example.com", 0, "/team/state.git");
    expect("ssh://example.com:2222/s", NULL, "example.com", 2222, "/s");
    expect("ssh://ann%40corp@[::1]:22/a%20b", "ann@corp", "::1", 22, "/a b");
}

static void a_short_form_has_a_path_behind_a_colon(void **state) {
    (void)state;
    expect("git@github.com:team/state.git", "git", "github.com", 0, "team/state.git");
    expect("build:/srv/a:b", NULL, "build", 0, "/srv/a:b");
    expect("ann@[fe80::1]:s", "ann", "fe80::1", 0, "s");
}

static void a_home_folder_is_left_to_the_host(void **state) {
    (void)state;
    expect("ssh://h/~/s.git", NULL, "h", 0, "~/s.git");
    expect("ssh://h/~ann/s.git", NULL, "h", 0, "~ann/s.git");
}

static void nothing_becomes_an_option_of_ssh(void **state) {
    (void)state;
    refuse("ssh://-oProxyCommand=x/s");
    refuse("ssh://%2doProxyCommand=x/s");
    refuse("ssh://-l@h/s");
    refuse("-oProxyCommand=x:s");
    refuse("h:-s");
}

static void what_is_no_address_is_refused(void **state) {
    (void)state;
    refuse("");
    refuse("ssh://");
    refuse("ssh://h");
    refuse("ssh://h:0/s");
    refuse("ssh://h:65536/s");
    refuse("ssh://h:22x/s");
    refuse("ssh://[::1/s");
    refuse("ssh://@h/s");
    refuse("h");
    refuse("h:");
    refuse("a b:s");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_names_user_host_port_and_path),
        cmocka_unit_test(a_short_form_has_a_path_behind_a_colon),
        cmocka_unit_test(a_home_folder_is_left_to_the_host),
        cmocka_unit_test(nothing_becomes_an_option_of_ssh),
        cmocka_unit_test(what_is_no_address_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
