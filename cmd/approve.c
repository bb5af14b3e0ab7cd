/* ecmig approve: record that somebody wants a plan, or a gate of one, to be carried out. */
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/gates.h"
#include "cmd/migration/policy.h"
#include "cmd/migration/session.h"
#include "cmd/migration/signing.h"
#include "cmd/migration/state.h"
#include "executor/record/succession.h"
#include "executor/record/tally.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

struct approving {
    struct state state;
    struct plan plan;
    char *document; /* of the plan, when it was given; NULL when it is stored */
};

static void approving_close(struct approving *approving) {
    state_close(&approving->state);
    plan_clear(&approving->plan);
    string_free(approving->document);
}
AUTO_VALUE(struct approving, approving_close)

static const char *digits_of(const char *digest) {
    const char *digits = strncmp(digest, "sha256:", 7) == 0 ? digest + 7 : digest;
    return strlen(digits) == 64 && strspn(digits, "0123456789abcdef") == 64 ? digits : NULL;
}

static bool refuse_digest(const char *digest, struct error *err) {
    error_set(err, ERROR_USAGE, "'%s' is not a digest", digest);
    return error_hint(err,
                      "a digest is sha256: and 64 hexadecimal digits, as 'ecmig plan' prints it");
}

static bool open_plan(const struct call *call, const char *path, struct approving *out,
                      struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    if (strncmp(path, "sha256:", 7) == 0)
        return refuse_digest(path, err);
    if (!file_read(path, JSON_DOCUMENT_CEILING_BYTES, &bytes, err))
        return error_hint(err, "name a plan that 'ecmig plan --out' wrote, or its digest");
    if (!plan_parse(text_string(&bytes), bytes.length, &out->plan, err) ||
        !plan_config(&out->plan, &config, err))
        return error_wrap(err, "plan '%s'", path);
    AUTO(string_free) char *folder = NULL;
    out->document = text_take(&bytes);
    return session_plan_folder(&out->plan, path, &folder, err) &&
           file_policy_holds(call, &config, folder, err) &&
           state_open_config(call, &config, folder, &out->state, err);
}

/* Without a migration file the plan may be of any migration that the state knows. */
static bool find_stored(struct state *state, const char *digest, struct text *out,
                        struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
    if (state->migration)
        strings_add(&names, state->migration);
    else if (!journal_migrations(state->store, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        AUTO(error_clear) struct error absent = { 0 };
        if (journal_read_plan(state->store, names.items[i], digest, out, &absent)) {
            string_replace(&state->migration, names.items[i]);
            return true;
        }
        if (absent.code != ERROR_NOT_FOUND) {
            error_move(err, &absent);
            return false;
        }
    }
    error_set(err, ERROR_NOT_FOUND, "the state has no plan sha256:%.12s…", digest);
    return error_hint(
        err, "name the plan document itself: ecmig plan FILE --out PLAN, then ecmig approve PLAN");
}

static bool open_digest(const struct call *call, const char *digest, struct approving *out,
                        struct error *err) {
    const struct strings *given = call->arguments;
    AUTO(text_clear) struct text bytes = { 0 };
    return state_open(call, given->count > 1 ? given->items[1] : NULL, &out->state, err) &&
           find_stored(&out->state, digest, &bytes, err) &&
           (plan_parse(text_string(&bytes), bytes.length, &out->plan, err) ||
            error_wrap(err, "stored plan sha256:%.12s…", digest));
}

static bool is_worth_approving(const struct approving *approving, const char *gate,
                               struct error *err) {
    const struct plan *plan = &approving->plan;
    if (!gates_has(plan, gate, err))
        return false;
    if (gate)
        return true;
    if (!approving->document || (plan->context.applyable && !plan_is_blocked(plan)))
        return true;
    error_set(err, ERROR_BLOCKED, "the plan has findings that must be resolved first");
    return error_hint(err, "'ecmig show PLAN' lists them");
}

/* The policies by whose keys an approval of this plan may count: its own; what the migration file
 * says now, and that of a run that is open, which have a say in what comes after them. */
struct electorate {
    struct approval_policy policies[3];
};

static void electorate_clear(struct electorate *electorate) {
    for (size_t i = 0; i < COUNT(electorate->policies); i++)
        approval_policy_clear(&electorate->policies[i]);
}
AUTO_VALUE(struct electorate, electorate_clear)

static bool find_electorate(struct state *state, const struct plan *plan, struct electorate *out,
                            struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    const struct succession succession = { state->store, state->migration, &state->keys, &runs };
    if (!signing_policy(plan, NULL, &out->policies[0], err) ||
        !journal_history(state->store, state->migration, &runs, err) ||
        !succession_open_policy(&succession, &out->policies[2], err))
        return false;
    out->policies[1] = state->keys;
    state->keys = (struct approval_policy){ 0 };
    return true;
}

/* The first of them that lets the key sign; else why its own does not. */
static bool find_signer(const struct call *call, struct gitstore *store,
                        const struct electorate *electorate, struct signing_key *out,
                        struct error *err) {
    bool has_key = options_string(call->options, "sign-with") != NULL;
    AUTO(error_clear) struct error refused = { 0 };
    if (signing_approver(call, store, &electorate->policies[0], out, &refused))
        return true;
    for (size_t i = 1; has_key && i < COUNT(electorate->policies); i++) {
        AUTO(error_clear) struct error other = { 0 };
        if (!electorate->policies[i].file)
            continue;
        if (signing_approver(call, store, &electorate->policies[i], out, &other))
            return true;
        if (refused.code == ERROR_USAGE)
            error_move(&refused, &other);
    }
    error_move(err, &refused);
    return false;
}

/* Signed where the plan counts signed approvals only, and where a key is given. */
static bool record(const struct call *call, struct approving *approving,
                   const struct approval *approval, struct approval *signed_one,
                   struct error *err) {
    struct state *state = &approving->state;
    AUTO(electorate_clear) struct electorate electorate = { 0 };
    AUTO(signing_key_clear) struct signing_key signer = { 0 };
    const struct approval_place place = { state->store, state->migration, approval->digest };
    if (!find_electorate(state, &approving->plan, &electorate, err) ||
        !find_signer(call, state->store, &electorate, &signer, err) ||
        (signer.key &&
         !approval_sign(&place, &signer, approval, approving->document, signed_one, err)))
        return false;
    return approval_record(state->store, state->migration, signer.key ? signed_one : approval,
                           approving->document, err);
}

static enum exit_class run_approve(const struct call *call, struct error *err) {
    AUTO(approving_close) struct approving approving = { 0 };
    const struct options *options = call->options;
    const char *subject = call->arguments->items[0], *digest = digits_of(subject);
    AUTO(string_free) char *gate = xstrdup(options_string(options, "gate"));
    AUTO(string_free) char *reason = xstrdup(options_string(options, "reason"));
    AUTO(string_free) char *who = session_actor(), *how = xstrdup("ecmig approve");
    char now[CLOCK_TEXT_BYTES];
    if (!(digest ? open_digest(call, digest, &approving, err)
                 : open_plan(call, subject, &approving, err)) ||
        !is_worth_approving(&approving, gate, err))
        return error_exit_class(err->code);
    clock_format(clock_wall_ms(), now);
    const struct approval approval = { .digest = approving.plan.digest,
                                       .gate = gate,
                                       .who = who,
                                       .when = now,
                                       .how = how,
                                       .reason = reason };
    const struct state *state = &approving.state;
    AUTO(approval_clear) struct approval signed_one = { 0 };
    if (!record(call, &approving, &approval, &signed_one, err))
        return error_exit_class(err->code);
    const struct approval *given = signed_one.signature ? &signed_one : &approval;
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *document = shape_write(&approval_shape, given);
        json_put_string(document, "migration", state->migration);
        output_json(call->output, document);
    } else {
        output_textf(call->output, "%s: %s%s of plan sha256:%s approved by %s%s\n",
                     state->migration, gate ? "gate " : "all", gate ? gate : "", approval.digest,
                     given->signer ? given->signer : who, given->signer ? ", signed" : "");
    }
    return EXIT_CLASS_OK;
}

static const struct option_row approve_options[] = {
    { "gate", OPTION_STRING, .value = "NAME", .summary = "approve this gate of the plan" },
    { "reason", OPTION_STRING, .value = "TEXT", .summary = "recorded with the approval" },
    SIGNING_OPTIONS,
};

const struct command command_approve = {
    .name = "approve",
    .workflow = WORKFLOW_PLAN,
    .examples = "ecmig approve plan.json --reason 'change 4711'\n"
                "ecmig approve plan.json --gate cutover --sign-with ~/.ssh/id_ed25519.pub",
    .arguments = "PLAN|DIGEST [FILE]",
    .argument_minimum = 1,
    .argument_maximum = 2,
    .touches = "state",
    .summary = "Record an approval of a plan, or of one of its gates",
    .description = "PLAN is a document that 'ecmig plan --out' wrote; it is stored with the "
                   "approval and names its own state repository. A DIGEST must belong to a plan "
                   "that is already stored; the state is found by the migration file, or by "
                   "--state. Needs no lock: a run that waits at the gate notices the approval.",
    .options = approve_options,
    .option_count = COUNT(approve_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_approve,
};
