#include <stddef.h>
#include <stdint.h>

#include "providers/redis/reader.h"
#include "providers/redis/sentinel.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Four replies in the protocol's own form, one after the other. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(reader_free) struct reader *reader = reader_new(1 << 20);
    AUTO(sentinel_view_clear) struct sentinel_view view = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    struct redis_reply *replies[4] = { NULL };
    size_t count = 0;
    reader_feed(reader, (const char *)bytes, length);
    while (count < COUNT(replies) && reader_next(reader, &replies[count], &err) && replies[count])
        count++;
    const struct sentinel_replies all = { replies[0], replies[1], replies[2], replies[3] };
    if (count == COUNT(replies) && sentinel_view_read(&all, "m", &view, &err) &&
        topology_of_sentinels(&view, 1, NULL, &topology, &err))
        (void)topology_find(&topology, view.primary, &(bool){ false });
    for (size_t i = 0; i < count; i++)
        redis_reply_free(replies[i]);
    return 0;
}
