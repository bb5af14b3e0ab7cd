#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/journal/spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The checksum of a block, made right for whatever is in it, so that what lies behind is reached.
 */
static char *mended(const uint8_t *bytes, size_t length) {
    AUTO(text_clear) struct text lines = { 0 };
    char hash[DIGEST_HEX_BYTES];
    size_t count = 0;
    text_init(&lines, (size_t)1 << 20);
    while (length > 0) {
        const uint8_t *end = memchr(bytes, '\n', length);
        size_t line = end ? (size_t)(end - bytes) : length;
        if (line > 1 && bytes[0] == '{' && bytes[1] == '"' && bytes[line - 1] == '}') {
            text_add_bytes(&lines, bytes, line);
            text_add_char(&lines, '\n');
            count++;
        }
        bytes += end ? line + 1 : line;
        length -= end ? line + 1 : line;
    }
    digest_sha256_hex(text_string(&lines), lines.length, hash);
    return xasprintf("x " SPOOL_BEGIN
                     "\r\n%s{\"end\":{\"lines\":%zu,\"sha256\":\"%s\"}}\nx " SPOOL_END,
                     text_string(&lines), count, hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(spool_clear) struct spool spool = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free) char *whole = mended(bytes, length);
    if (!spool_parse(bytes, length, "log", &spool, &err))
        error_clear(&err);
    spool_clear(&spool);
    if (!spool_parse(whole, strlen(whole), "log", &spool, &err))
        return 0;
    /* What was read is written, and read again the same. */
    AUTO(string_free) char *written = spool_write(&spool);
    AUTO(spool_clear) struct spool again = { 0 };
    if (!spool_parse(written, strlen(written), "log", &again, &err) ||
        again.entries.count != spool.entries.count || again.files.count != spool.files.count)
        abort();
    return 0;
}
