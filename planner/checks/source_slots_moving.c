#include "planner/checks/check.h"

#include <string.h>

#include "schemas/base/memory.h"

/* "HOST:PORT 93 migrating": one finding a node and way, with the slots in its detail. */
static void add_slot(const struct check_input *input, const char *line, struct findings *out) {
    size_t host = strcspn(line, " ");
    const char *slot = line + host + strspn(line + host, " ");
    size_t digits = strcspn(slot, " ");
    const char *way = slot + digits + strspn(slot + digits, " ");
    AUTO(string_free) char *address = xstrndup(line, host);
    AUTO(string_free) char *number = xstrndup(slot, digits);
    AUTO(string_free) char *summary = xasprintf("slots are %s", *way ? way : "open");
    struct finding *last = out->count ? &out->items[out->count - 1] : NULL;
    if (last && check_is(last->id, input->id) && check_is(last->subject, address) &&
        check_is(last->summary, summary)) {
        AUTO(string_free) char *own = last->detail;
        last->detail = xasprintf("%s, %s", own, number);
        return;
    }
    finding_detail(check_found(input, out, address, "%s", summary), "slot %s", number);
}

static void run(const struct check_input *input, struct findings *out) {
    const struct strings *open = &input->observed->source.agreement.open_slots;
    for (size_t i = 0; input->situation->clustered && i < open->count; i++)
        add_slot(input, open->items[i], out);
}

const struct check check_source_slots_moving = {
    .title = "No slot is being migrated",
    .reads = "CLUSTER NODES, open slots",
    .cause = "A slot is migrating or importing: resharding is in progress, or was left unfinished.",
    .risk = "StartMigration fails, and keys that move between shards may not be copied.",
    .remedy = "let the resharding finish (redis-cli --cluster fix ADDRESS closes slots that were "
              "left open), and start no other before the migration is over",
    .severity = SEVERITY_ERROR,
    .run = run,
};
