/* ecmig help: the commands, one command, or a topic. */
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/frame/manual.h"
#include "cmd/frame/reference.h"
#include "cmd/frame/usage.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"
#include "schemas/base/text.h"

static void add_workflow(struct text *text, enum workflow workflow) {
    text_addf(text, "\n%s:\n", workflow_titles[workflow]);
    for (size_t i = 0; command_table[i]; i++)
        if (command_table[i]->workflow == workflow)
            text_addf(text, "  %-14s%s\n", command_table[i]->name, command_table[i]->summary);
}

static void show_commands(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "ecmig moves a live Redis into ElastiCache without losing a write.\n\n"
                    "Usage: ecmig COMMAND [options]\n");
    for (int workflow = 0; workflow < WORKFLOW_COUNT; workflow++)
        add_workflow(&text, (enum workflow)workflow);
    text_add(
        &text,
        "\nA migration: init, validate, plan, apply, apply --approve-gate; status at any time. "
        "To\ntry it all on this machine first: local up.\n\n"
        "'ecmig help COMMAND' describes one of them; topics: approvals, config, environment,\n"
        "exit-codes, manual (for man -l -), policy, trace.\n");
    output_text(output, text_string(&text));
}

static void add_row(struct text *text, const struct command *command) {
    AUTO(text_clear) struct text words = TEXT_PAGE;
    text_addf(&words, "ecmig %s", command->name);
    if (command->arguments)
        text_addf(&words, " %s", command->arguments);
    text_add(text, "| `");
    for (const char *at = text_string(&words); *at; at++)
        text_addf(text, "%s%c", *at == '|' ? "\\" : "", *at);
    text_addf(text, "` | %s | %s |\n", command->touches, command->summary);
}

/* The table of README.md; .ci/checks/generated keeps it so. */
static void show_table(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "| command | touches | purpose |\n|---|---|---|\n");
    for (int workflow = 0; workflow < WORKFLOW_COUNT; workflow++) {
        text_addf(&text, "| **%s** | | |\n", workflow_titles[workflow]);
        for (size_t i = 0; command_table[i]; i++)
            if (command_table[i]->run && (int)command_table[i]->workflow == workflow)
                add_row(&text, command_table[i]);
    }
    output_text(output, text_string(&text));
}

static void show_exit_codes(struct output *output) {
    static const enum exit_class classes[] = {
#define EXIT_CLASS(symbol, status, class, meaning) EXIT_CLASS_##symbol,
#include "schemas/base/exit_classes.def"
#undef EXIT_CLASS
    };
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "Exit codes; the first that applies is used:\n\n");
    for (size_t i = 0; i < COUNT(classes); i++)
        text_addf(&text, "  %3d  %-16s %s\n", exit_class_status(classes[i]),
                  exit_class_name(classes[i]), exit_class_meaning(classes[i]));
    output_text(output, text_string(&text));
}

static void show_environment(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "Environment variables that ecmig reads, or sets for hooks:\n");
#define ENVIRONMENT(name, words)                                                                   \
    text_add(&text, "\n  " name "\n      ");                                                       \
    usage_add_wrapped(&text, words, 6);                                                            \
    text_add_char(&text, '\n');
#include "cmd/frame/environment.def"
#undef ENVIRONMENT
    output_text(output, text_string(&text));
}

/* What an approval proves, and what it does not. */
static void show_approvals(struct output *output) {
    output_text(
        output,
        "A plan is approved by its digest: the SHA-256 of the steps, gates, findings and facts "
        "that\n"
        "the plan shows. Changing any of them changes the digest.\n"
        "\n"
        "An approval is a file in the state repository, approvals/DIGEST/NNNN.json. 'ecmig "
        "approve',\n"
        "'ecmig apply --approve DIGEST' and 'ecmig apply --approve-gate NAME' write it.\n"
        "\n"
        "WITHOUT 'approvals' in the migration file\n"
        "\n"
        "What an approval proves: somebody who may push to the state repository wrote it. The name "
        "in\n"
        "it is what that process said of itself: the user and host, or the person who triggered "
        "the CI\n"
        "job. Nothing checks that name. Who may push to the state repository can approve.\n"
        "\n"
        "What is checked: apply runs a stored plan only if its content has the approved digest. "
        "The\n"
        "journal names the plan, the approvals that a run relied on, run.json, config.yaml and "
        "the\n"
        "evidence by their hashes. Every command that acts on a run verifies its journal, the\n"
        "commits of its entries and these files first, and stops with exit code 3 if one of them\n"
        "was changed, dropped or replaced.\n"
        "\n"
        "What is not detected: somebody with push rights who writes new entries in ecmig's own\n"
        "form, with matching commit messages, at the end of the journal. So:\n"
        "\n"
        "  * let only the people who may approve, and the CI job that applies, push to the "
        "branch;\n"
        "  * protect the branch against forced pushes;\n"
        "  * keep the head hash that apply prints at its end: 'ecmig log NAME RUN' must show it.\n"
        "\n");
    output_text(
        output,
        "WITH 'approvals' in the migration file\n"
        "\n"
        "  approvals:\n"
        "    allowed_signers: allowed_signers   # OpenSSH's file: NAME [OPTIONS] KEY, one a line\n"
        "    revoked_keys: revoked_keys         # keys that no longer count, or a KRL; optional\n"
        "    minimum: 2                         # different people, each with another key "
        "(default: 1)\n"
        "    not_by_applier: true               # the person who runs apply does not count; "
        "implies "
        "next\n"
        "    sign_entries: true                 # entries of the journal must be signed\n"
        "\n"
        "An approval counts only if it is signed by an SSH key of allowed_signers, for this\n"
        "migration, state repository, plan and gate, and the key is valid and not revoked now. "
        "The\n"
        "content of both files and these settings are part of the plan, so that changing them "
        "makes\n"
        "another plan, with another digest. A key that is added to revoked_keys, or expires, while "
        "a\n"
        "run is open stops counting at once: approvals by a revoked key are missing then, and if "
        "it\n"
        "signed the last entry, another key has to vouch for that (ecmig recover --vouch "
        "--sign-with\n"
        "KEY FILE). What is over stays what it was; 'ecmig log --verify' names such keys.\n"
        "\n"
        "A newer run must not hide one that is open. So a run stands for its migration only if "
        "its\n"
        "plan is approved by keys that the migration file names now, or by those of each run "
        "before it\n"
        "that counts signatures. To continue without 'approvals', let the open run end first, or "
        "have\n"
        "the new plan approved by its people: ecmig approve PLAN --sign-with KEY.\n"
        "\n"
        "'ecmig approve' signs with --sign-with KEY, the file of a private key, or of a public "
        "one\n"
        "whose private key an agent holds (ssh-add, SSH_AUTH_SOCK). Without it, with git's\n"
        "user.signingkey where gpg.format is ssh. No passphrase is asked for: use an agent. "
        "ssh-keygen\n"
        "signs and verifies; it is in the package openssh-client.\n"
        "\n"
        "With sign_entries every commit of a run carries a signature of its last entry, which "
        "covers\n"
        "all entries before it: 'ecmig apply --sign-with KEY', and the same for abort, recover, "
        "drill,\n"
        "and lock break. A run whose last entry is not signed by such a key is "
        "refused\n"
        "with exit code 3. Another process may continue a run with another key of the file. The\n"
        "applier of not_by_applier is the signer of the process that relies on the approval.\n"
        "\n"
        "In allowed_signers, namespaces=\"ecmig-entry\" is for a key that applies and cannot "
        "approve,\n"
        "such as that of a CI job; namespaces=\"ecmig-approval\" is for one that approves only. "
        "Times\n"
        "(valid-after, valid-before) without a zone are UTC. Names are compared as text, and a\n"
        "certificate authority's names (cert-authority) are those of the certificates.\n"
        "\n"
        "'ecmig status' shows which approvals count, and why others do not. 'ecmig log NAME "
        "--verify'\n"
        "says who approved, and by whose keys the entries were added.\n"
        "\n"
        "What is not detected even so: a record put back to an earlier state by a forced push, "
        "where\n"
        "this machine never saw the later one; somebody with a key of the file and push rights.\n"
        "\n"
        "Examples:\n"
        "  ecmig plan orders.yaml --out plan.json\n"
        "  ecmig approve plan.json --reason 'change 4711'\n"
        "  ecmig approve plan.json --gate cutover --sign-with ~/.ssh/id_ed25519.pub\n"
        "  ecmig apply orders.yaml --sign-with applier\n"
        "  ecmig log orders.yaml --verify\n");
}

static void show_policy(struct output *output) {
    output_text(
        output,
        "A migration file is code: it names the host that a password is sent to, the secret that\n"
        "is sent, and programs that run as you. A policy says what a file that nobody has "
        "reviewed\n"
        "yet may name, as in the pipeline of a pull request. Every command that reads a migration\n"
        "file or a plan takes --policy FILE or ECMIG_POLICY. A command that breaks it ends\n"
        "with exit code 3 before it connects, reads a secret of the file or runs a program.\n\n"
        "Take the policy from a place that the author of the file cannot change: the base branch,\n"
        "or the runner. What it does not allow is forbidden:\n\n"
        "  version: 1\n"
        "  hosts:\n"
        "    source: [10.20.0.0/16, \"*.redis.internal\"]   # of source.nodes\n"
        "    endpoint: []         # of target.endpoint_url; none: only the service's own\n"
        "    state: [github.com]  # of state.repository, --state; a folder is always allowed\n"
        "  secrets:\n"
        "    env: [ORDERS_*]      # variables for secrets, and for hooks\n"
        "    file: [/run/ecmig]   # files, or folders of files\n"
        "  profiles: []           # of target.profile, AWS_PROFILE\n"
        "  exec: forbidden        # programs that print a secret\n"
        "  hooks: allowed         # plan never runs them\n\n"
        "What a command would use is judged wherever it was given: --state counts like\n"
        "state.repository, AWS_PROFILE like target.profile, and AWS_ENDPOINT_URL, its variants "
        "for\n"
        "ElastiCache, STS and IAM and endpoint_url in an AWS profile like target.endpoint_url.\n"
        "Proxies, ECMIG_GIT_TOKEN, GIT_SSH_COMMAND and where AWS credentials come from are the\n"
        "machine's and not judged. Servers that a Sentinel or a cluster names are asked with the\n"
        "same password: allow only sources that you trust.\n\n"
        "Examples:\n"
        "  ecmig plan --policy policy.yaml orders.yaml\n"
        "  ECMIG_POLICY=/etc/ecmig/policy.yaml ecmig apply orders.yaml\n"
        "  ecmig schema policy\n");
}

/* What is in a trace, and what is not. */
static void show_trace(struct output *output) {
    output_text(
        output,
        "--trace FILE records what ecmig exchanges with the service and with Redis servers, and "
        "the\n"
        "events of a run, as lines of JSON (schemas/trace/README.md). Use it to report what a "
        "real\n"
        "environment does, or what ecmig did not expect from it.\n\n"
        "  ecmig plan orders.yaml --trace orders.jsonl\n"
        "  ecmig apply orders.yaml --approve sha256:… --trace orders.jsonl\n"
        "  ecmig trace check orders.jsonl\n\n"
        "In it: the service's calls with their members and answers, INFO, ROLE, CONFIG GET, "
        "CLIENT\n"
        "LIST, CLUSTER, SENTINEL and PSYNC with their replies, times and durations. Of every "
        "other\n"
        "command only the name, and the kind and size of its reply.\n\n"
        "Not in it: passwords, keys, tokens and signatures; keys and values of the data; names. "
        "Each\n"
        "host, address, account, ARN, group, user, client, tag and migration is replaced by the "
        "same\n"
        "placeholder wherever it occurs: 10.0.0.1, 000000000001, group-1. Regions, versions, "
        "ports\n"
        "and ids of requests stay. Read a trace before you hand it on.\n\n"
        "The file is created with mode 0600. A trace that is there is continued: each process "
        "begins\n"
        "with a header, and placeholders are counted anew. Any other file is refused. At 256 MiB "
        "the\n"
        "trace ends, and a trace that cannot be written ends with a warning; the run continues.\n");
}

static void show_config(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    reference_add(&text);
    output_text(output, text_string(&text));
}

static void show_manual(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    manual_add(&text);
    output_text(output, text_string(&text));
}

static const struct {
    const char *name;
    void (*show)(struct output *output);
} topics[] = {
    { "approvals", show_approvals },     { "config", show_config },
    { "environment", show_environment }, { "exit-codes", show_exit_codes },
    { "manual", show_manual }, /* ecmig(1), for man */
    { "policy", show_policy },           { "trace", show_trace },
};

static enum exit_class run_help(const struct call *call, struct error *err) {
    const struct strings *words = call->arguments;
    size_t named = 0;
    if (words->count == 0) {
        if (output_format(call->output) == FORMAT_MARKDOWN)
            show_table(call->output);
        else
            show_commands(call->output);
        return EXIT_CLASS_OK;
    }
    for (size_t i = 0; i < COUNT(topics) && words->count == 1; i++) {
        if (strcmp(topics[i].name, words->items[0]) == 0) {
            topics[i].show(call->output);
            return EXIT_CLASS_OK;
        }
    }
    const struct command *command =
        command_find(words->items[0], words->count > 1 ? words->items[1] : NULL, &named);
    if (command && named == words->count) {
        usage_show(command, call->output);
        return EXIT_CLASS_OK;
    }
    AUTO(string_free) char *word = strings_join(words, " ");
    (void)command_unknown(word, err);
    return EXIT_CLASS_USAGE;
}

const struct command command_help = {
    .name = "help",
    .workflow = WORKFLOW_PROGRAM,
    .examples = "ecmig help plan\n"
                "ecmig help approvals",
    .arguments = "[COMMAND|TOPIC]",
    .argument_maximum = 2,
    .touches = "nothing",
    .summary = "Describe the commands, one command or a topic",
    .formats = FORMAT_BIT(FORMAT_MARKDOWN),
    .run = run_help,
};
