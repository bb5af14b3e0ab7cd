/* ecmig local switch: the switch hook of a rehearsal. */
#include <stdlib.h>

#include "cmd/local.h"
#include "providers/local/writer/check.h"
#include "providers/local/writer/files.h"

static const struct option_row switch_options[] = {
    LOCAL_DIR_OPTION,
    { .name = "check",
      .kind = OPTION_FLAG,
      .summary = "change nothing; exit 0 if the writer is already there" },
    { .name = "password-file",
      .kind = OPTION_STRING,
      .value = "FILE",
      .summary = "log in with the password in FILE from now on, where the server knows the user" },
    { .name = "user",
      .kind = OPTION_STRING,
      .value = "NAME",
      .summary = "user of --password-file (default: the default user)" },
};

static bool wanted_address(const struct call *call, const char **out, struct error *err) {
    const char *address =
        call->arguments->count ? call->arguments->items[0] : getenv("ECMIG_TARGET_CONFIGURATION");
    if (!address || !*address)
        address = getenv("ECMIG_TARGET_PRIMARY");
    if (!address || !*address) {
        error_set(err, ERROR_USAGE, "no HOST:PORT is given");
        return error_hint(err, "name it, or set ECMIG_TARGET_PRIMARY as for a hook");
    }
    *out = address;
    return true;
}

static bool keep_login(const struct call *call, const char *dir, struct error *err) {
    const char *user = options_string(call->options, "user");
    const char *file = options_string(call->options, "password-file");
    if (user && !file) {
        error_set(err, ERROR_USAGE, "--user needs a password");
        return error_hint(err, "add --password-file FILE");
    }
    return !file || writer_log_in_as(dir, user, file, err);
}

static enum exit_class run_local_switch(const struct call *call, struct error *err) {
    const char *dir = NULL, *address = NULL;
    bool there = false;
    if (!local_dir(call, &dir, err) || !wanted_address(call, &address, err) ||
        !local_is_switched(dir, address, &there, err))
        return error_exit_class(err->code);
    if (options_flag(call->options, "check")) {
        output_textf(call->output, "writer %s at %s\n", there ? "is" : "is not", address);
        return there ? EXIT_CLASS_OK : EXIT_CLASS_ERROR;
    }
    if (!keep_login(call, dir, err) || !local_switch(dir, address, err))
        return error_exit_class(err->code);
    output_textf(call->output, "writer sent to %s\n", address);
    return EXIT_CLASS_OK;
}

const struct command command_local_switch = {
    .name = "local switch",
    .workflow = WORKFLOW_LOCAL,
    .examples = "ecmig local switch 127.31.2.1:6379 --dir local\n"
                "ecmig local switch --dir local --check",
    .arguments = "[HOST:PORT]",
    .argument_maximum = 1,
    .touches = "this machine",
    .summary = "Send the writer to another server; usable as a switch hook",
    .description = "Without HOST:PORT, the writer is sent to ECMIG_TARGET_CONFIGURATION (of a "
                   "cluster) or ECMIG_TARGET_PRIMARY, which are set for the hooks of a migration. "
                   "Running it again changes nothing. The writer speaks TLS where the nodes of the "
                   "endpoint do. A login that was given is kept for later switches, and only "
                   "used where the server accepts it, so it may be given before there are users.",
    .options = switch_options,
    .option_count = COUNT(switch_options),
    .run = run_local_switch,
};
