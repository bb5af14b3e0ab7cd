#include <stdint.h>

#include "providers/elasticache/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(xml_free) struct xml *root = NULL;
    if (xml_parse(bytes, length, &root, &err)) {
        (void)xml_has_content(root);
        (void)xml_text(root, "Error/Code");
        (void)xml_int(root, "a/b", 0);
    }
    return 0;
}
