#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "providers/elasticache/xml.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

static struct xml *parse(const char *string) {
    struct xml *root = NULL;
    AUTO(error_clear) struct error err = { 0 };
    if (!xml_parse(string, strlen(string), &root, &err))
        fail_msg("%s", err.message);
    return root;
}

static enum error_code refusal(const void *bytes, size_t length) {
    struct xml *root = NULL;
    AUTO(error_clear) struct error err = { 0 };
    assert_false(xml_parse(bytes, length, &root, &err));
    assert_null(root);
    return err.code;
}

static void elements_are_found_by_path(void **state) {
    (void)state;
    AUTO(xml_free)
    struct xml *root = parse(
        "<?xml version=\"1.0\"?>\n<R a='1'>\n <L>\n  <M><N>1</N></M>\n  <M><N> 2 &amp; x</N></M>\n"
        " </L>\n <Port>6379</Port><Yes>true</Yes></R>");
    assert_string_equal(xml_name(root), "R");
    assert_string_equal(xml_text(root, "L/M/N"), "1");
    const struct xml *second = xml_next(xml_find(root, "L/M"), "M");
    assert_string_equal(xml_text(second, "N"), " 2 & x");
    assert_null(xml_next(second, NULL));
    assert_int_equal(xml_count(xml_find(root, "L"), "M"), 2);
    assert_int_equal(xml_int(root, "Port", -1), 6379);
    assert_int_equal(xml_int(root, "Yes", -1), -1);
    assert_true(xml_bool(root, "Yes"));
    assert_null(xml_text(root, "L"));
    assert_null(xml_text(root, "Nothing/Here"));
    assert_null(xml_text(NULL, "A"));
    assert_null(xml_first(NULL, "A"));
}

static void namespaces_do_not_matter(void **state) {
    (void)state;
    static const char *const forms[] = {
        "<E xmlns='http://elasticache.amazonaws.com/doc/2015-02-02/'><C>x</C></E>",
        "<E xmlns='http://other.example/'><C>x</C></E>",
        "<a:E xmlns:a='http://other.example/'><a:C>x</a:C></a:E>",
        "<E><C>x</C></E>",
        "<E><C><![CDATA[x]]></C></E>",
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        AUTO(xml_free) struct xml *root = parse(forms[i]);
        assert_string_equal(xml_name(root), "E");
        assert_string_equal(xml_text(root, "C"), "x");
    }
}

static void empty_and_blank_elements_have_no_text_and_no_content(void **state) {
    (void)state;
    AUTO(xml_free)
    struct xml *root =
        parse("<R><Marker></Marker><M2/><M3> \n </M3><P><Q/><S> </S></P><T><U>1</U></T></R>");
    assert_null(xml_text(root, "Marker"));
    assert_null(xml_text(root, "M2"));
    assert_null(xml_text(root, "M3"));
    assert_false(xml_has_content(xml_find(root, "P")));
    assert_false(xml_has_content(NULL));
    assert_true(xml_has_content(xml_find(root, "T")));
}

static void what_is_not_xml_is_refused(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "",
        " ",
        "{}",
        "busy",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&nope;</a>",
        "<a>\xff</a>",
        "<!DOCTYPE html><html/>",
        "<!DOCTYPE a [<!ENTITY l \"lol\"><!ENTITY m \"&l;&l;&l;\">]><a>&m;</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
    };
    for (size_t i = 0; i < COUNT(bodies); i++)
        assert_int_equal(refusal(bodies[i], strlen(bodies[i])), ERROR_FORMAT);
    assert_int_equal(refusal("<a/>\0<b/>", 9), ERROR_FORMAT);
    assert_int_equal(refusal(NULL, 0), ERROR_FORMAT);
}

static void bounds_are_kept(void **state) {
    (void)state;
    AUTO(text_clear) struct text deep = { 0 };
    for (int i = 0; i <= XML_DEPTH_CEILING; i++)
        text_add(&deep, "<a>");
    assert_int_equal(refusal(deep.bytes, deep.length), ERROR_LIMIT);
    AUTO(text_clear) struct text wide = { 0 };
    text_add(&wide, "<r>");
    for (int i = 0; i <= XML_ELEMENT_CEILING; i++)
        text_add(&wide, "<a/>");
    assert_int_equal(refusal(wide.bytes, wide.length), ERROR_LIMIT);
    AUTO(text_clear) struct text body = { 0 };
    text_add(&body, "<r>");
    for (size_t i = 0; i <= XML_TEXT_CEILING_BYTES; i++)
        text_add_char(&body, 'x');
    assert_int_equal(refusal(body.bytes, body.length), ERROR_LIMIT);
    assert_int_equal(refusal("", XML_DOCUMENT_CEILING_BYTES + 1), ERROR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_found_by_path),
        cmocka_unit_test(namespaces_do_not_matter),
        cmocka_unit_test(empty_and_blank_elements_have_no_text_and_no_content),
        cmocka_unit_test(what_is_not_xml_is_refused),
        cmocka_unit_test(bounds_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
