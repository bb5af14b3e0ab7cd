#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/memory.h"
#include "schemas/journal/records.h"

static char *statement_of(const char *document) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *json = NULL;
    if (!json_parse(document, strlen(document), "document", &json, &err))
        fail_msg("%s", err.message);
    return signed_statement(json);
}

/* These bytes are signed: any other form of the same document must not make others of them. */
static void the_statement_is_the_document_without_its_signature(void **state) {
    (void)state;
    AUTO(string_free)
    char *statement = statement_of("{\"who\": \"ann@build7\", \"signature\": \"x\",\n"
                                   " \"digest\": \"d\", \"signer\": \"ann@corp\"}");
    assert_string_equal(statement,
                        "{\"digest\":\"d\",\"signer\":\"ann@corp\",\"who\":\"ann@build7\"}");
    AUTO(string_free)
    char *again = statement_of("{\"signer\":\"ann@corp\",\"digest\":\"d\",\"who\":\"ann@build7\"}");
    assert_string_equal(again, statement);
}

static void every_other_key_is_part_of_it(void **state) {
    (void)state;
    AUTO(string_free) char *plain = statement_of("{\"digest\":\"d\"}");
    AUTO(string_free) char *newer = statement_of("{\"digest\":\"d\",\"evidence\":\"e\"}");
    AUTO(string_free) char *deep = statement_of("{\"digest\":\"d\",\"more\":{\"signature\":1}}");
    assert_string_not_equal(plain, newer);
    assert_string_equal(deep, "{\"digest\":\"d\",\"more\":{\"signature\":1}}");
}

static void an_approval_survives_its_document(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(approval_clear) struct approval again = { 0 };
    char digest[] = "d", gate[] = "cutover", who[] = "ann@build7", when[] = "w", how[] = "h";
    char migration[] = "orders", record[] = "r", signer[] = "ann@corp", signature[] = "s\n";
    const struct approval approval = { .digest = digest,
                                       .gate = gate,
                                       .who = who,
                                       .when = when,
                                       .how = how,
                                       .migration = migration,
                                       .record = record,
                                       .signer = signer,
                                       .signature = signature };
    AUTO(json_free) struct json *document = shape_write(&approval_shape, &approval);
    AUTO(string_free) char *statement = signed_statement(document);
    assert_string_equal(statement,
                        "{\"digest\":\"d\",\"gate\":\"cutover\",\"how\":\"h\","
                        "\"migration\":\"orders\",\"record\":\"r\","
                        "\"signer\":\"ann@corp\",\"when\":\"w\",\"who\":\"ann@build7\"}");
    assert_true(shape_read(&approval_shape, document, &again, &err));
    AUTO(json_free) struct json *second = shape_write(&approval_shape, &again);
    assert_true(json_same(document, second));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_statement_is_the_document_without_its_signature),
        cmocka_unit_test(every_other_key_is_part_of_it),
        cmocka_unit_test(an_approval_survives_its_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
