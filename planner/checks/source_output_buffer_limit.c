#include "planner/checks/check.h"

#include "schemas/base/memory.h"
#include "schemas/base/units.h"
#include "schemas/observed/room.h"

/* Of a replica's output buffer only the backlog's part counts against maxmemory; all of it takes
 * the machine's memory. */
static void check_room(const struct check_input *input, const struct observed_node *node,
                       struct findings *out) {
    const struct situation *situation = input->situation;
    struct room room;
    room_of_machine(node, &room);
    if (situation->replicating || !room.known || situation->buffer.need_bytes <= room.free_bytes)
        return;
    AUTO(string_free) char *need = units_bytes(situation->buffer.need_bytes);
    AUTO(string_free) char *limit = units_bytes(room.limit_bytes);
    AUTO(string_free) char *taken = units_bytes(room.taken_bytes);
    AUTO(string_free) char *left = units_bytes(room.free_bytes);
    AUTO(string_free) char *fits = units_bytes(situation->buffer.size_bytes);
    struct finding *finding = check_found(
        input, out, node->address, "its machine has little memory for a replica's output buffer");
    finding_detail(finding,
                   "%s are written during the copy; total_system_memory %s - %s resident = %s "
                   "free, so that the limit is raised to %s at most",
                   need, limit, taken, left, fits);
    finding_remedy(finding, "free memory on that machine, or start at a time of few writes");
}

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    check_found_setting(input, out, node, "the replica limit is small for this much data");
    if (situation_is_primary(input->situation, node))
        check_room(input, node, out);
}

const struct check check_source_output_buffer_limit = {
    .title = "The replica output buffer holds what is written during the copy",
    .reads =
        "CONFIG GET client-output-buffer-limit; INFO used_memory_dataset, total_system_memory, "
        "used_memory_rss",
    .cause = "client-output-buffer-limit for replicas is below 1 GiB or below a fifth of the data, "
             "or the machine does not have that much free memory.",
    .risk =
        "The source disconnects the target while it loads, and the copy starts again, endlessly.",
    .remedy = "raise the replicas' client-output-buffer-limit for the duration of the migration",
    .severity = SEVERITY_WARNING,
    .setting = "client-output-buffer-limit",
    .facts = "client-output-buffer-limit",
    .unread = SEVERITY_WARNING,
    .run_node = run_node,
};
