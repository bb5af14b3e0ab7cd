/* What a trace says of a command to a Redis server: its words without anything of the data, and
 * which form the reply has. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/text.h"
#include "schemas/trace/aliases.h"

enum reply_form {
    REPLY_HIDDEN,   /* kind and size only */
    REPLY_PLAIN,    /* a status, an integer */
    REPLY_INFO,     /* FIELD:VALUE lines */
    REPLY_CLIENTS,  /* KEY=VALUE lines */
    REPLY_NODES,    /* the lines of CLUSTER NODES */
    REPLY_ELEMENTS, /* an array of words and hosts */
    REPLY_SETTINGS  /* name and value in turn */
};

/* By the words as the trace has them: "CONFIG GET maxmemory". */
enum reply_form trace_reply_form(const char *command);
/* Adds the words that may be written: those of a command of commands.def, else the name, and of
 * CONFIG SET the first setting's name. `lengths` may be NULL. */
void trace_add_command(struct aliases *aliases, size_t count, const char *const *words,
                       const size_t *lengths, struct text *out);
