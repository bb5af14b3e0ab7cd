/* ecmig trace: the group of commands about traces. */
#include "cmd/frame/command.h"

const struct command command_trace = {
    .name = "trace",
    .workflow = WORKFLOW_LOOK,
    .examples = "ecmig plan orders.yaml --trace orders.jsonl\n"
                "ecmig trace check orders.jsonl",
    .touches = "nothing",
    .summary = "Compare what was recorded with --trace with what ecmig believes",
    .description = "Every command records with --trace FILE; 'ecmig help trace' says what.",
};
