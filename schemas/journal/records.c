#include "schemas/journal/records.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static const struct shape_field run_config_rows[] = {
    FIELD(struct run_config, commit, SHAPE_STRING),
    FIELD(struct run_config, dirty, SHAPE_TRI),
};
static const struct shape run_config_shape =
    SHAPE("run configuration", struct run_config, run_config_rows);

static const struct shape_field run_record_rows[] = {
    FIELD(struct run_record, run, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct run_record, migration, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct run_record, mode, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct run_record, plan, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct run_record, actor, SHAPE_STRING),
    FIELD(struct run_record, host, SHAPE_STRING),
    FIELD(struct run_record, caller, SHAPE_STRING),
    FIELD(struct run_record, ci, SHAPE_STRING),
    FIELD(struct run_record, version, SHAPE_STRING),
    FIELD(struct run_record, arguments, SHAPE_STRINGS),
    FIELD(struct run_record, config, SHAPE_STRUCT, .shape = &run_config_shape),
    FIELD(struct run_record, started_at, SHAPE_STRING, .flags = SHAPE_REQUIRED),
};
const struct shape run_record_shape = SHAPE("run record", struct run_record, run_record_rows);

static const struct shape_field run_result_rows[] = {
    FIELD(struct run_result, exit_code, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct run_result, class, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct run_result, retryable, SHAPE_BOOL),
    FIELD(struct run_result, resumable, SHAPE_BOOL),
    FIELD(struct run_result, changed, SHAPE_BOOL),
    FIELD(struct run_result, digest, SHAPE_STRING),
    FIELD(struct run_result, run, SHAPE_STRING),
    FIELD(struct run_result, head, SHAPE_STRING),
};
const struct shape run_result_shape = SHAPE("result", struct run_result, run_result_rows);

static const struct shape_field lock_machine_rows[] = {
    FIELD(struct lock_machine, boot_id, SHAPE_STRING),
    FIELD(struct lock_machine, device, SHAPE_INT),
    FIELD(struct lock_machine, inode, SHAPE_INT),
};
static const struct shape lock_machine_shape =
    SHAPE("lock machine", struct lock_machine, lock_machine_rows);

static const struct shape_field lock_record_rows[] = {
    FIELD(struct lock_record, nonce, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct lock_record, epoch, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct lock_record, run, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct lock_record, holder, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct lock_record, acquired_at, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct lock_record, expires_at, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct lock_record, machine, SHAPE_STRUCT, .shape = &lock_machine_shape),
};
const struct shape lock_record_shape = SHAPE("lock", struct lock_record, lock_record_rows);

static const struct shape_field approval_rows[] = {
    FIELD(struct approval, digest, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct approval, gate, SHAPE_STRING),
    FIELD(struct approval, who, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct approval, when, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct approval, how, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct approval, reason, SHAPE_STRING),
    FIELD(struct approval, migration, SHAPE_STRING),
    FIELD(struct approval, record, SHAPE_STRING),
    FIELD(struct approval, signer, SHAPE_STRING),
    FIELD(struct approval, signature, SHAPE_STRING),
};
const struct shape approval_shape = SHAPE("approval", struct approval, approval_rows);

static const struct shape_field entry_signature_rows[] = {
    FIELD(struct entry_signature, migration, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct entry_signature, record, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct entry_signature, run, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct entry_signature, seq, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct entry_signature, hash, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct entry_signature, signer, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct entry_signature, signature, SHAPE_STRING, .flags = SHAPE_REQUIRED),
};
const struct shape entry_signature_shape =
    SHAPE("entry signature", struct entry_signature, entry_signature_rows);

static void copy_signed(void *copy, const char *key, const struct json *value) {
    if (strcmp(key, "signature") != 0)
        json_put(copy, key, json_share(value));
}

char *signed_statement(const struct json *document) {
    AUTO(json_free) struct json *copy = json_new_object();
    json_each(document, copy_signed, copy);
    return json_write(copy, JSON_CANONICAL);
}

static const struct shape_field run_summary_rows[] = {
    FIELD(struct run_summary, run, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct run_summary, mode, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct run_summary, plan, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct run_summary, started_at, SHAPE_STRING),
    FIELD(struct run_summary, open, SHAPE_BOOL),
    FIELD(struct run_summary, given_up_by, SHAPE_STRING),
    FIELD(struct run_summary, class, SHAPE_STRING),
    FIELD(struct run_summary, step, SHAPE_STRING),
    FIELD(struct run_summary, gate, SHAPE_STRING),
    FIELD(struct run_summary, cutover, SHAPE_STRING),
    FIELD(struct run_summary, epoch, SHAPE_INT),
    FIELD(struct run_summary, head, SHAPE_STRING),
    FIELD(struct run_summary, base, SHAPE_STRING),
};
const struct shape run_summary_shape = SHAPE("run summary", struct run_summary, run_summary_rows);

char *run_id_new(int64_t at_ms) {
    char when[CLOCK_TEXT_BYTES];
    clock_format_compact(at_ms, when);
    AUTO(string_free) char *random = random_hex(2);
    return xasprintf("%s-%s", when, random);
}

void run_record_clear(struct run_record *record) {
    shape_clear(&run_record_shape, record);
}

void run_result_clear(struct run_result *result) {
    shape_clear(&run_result_shape, result);
}

void lock_record_clear(struct lock_record *lock) {
    shape_clear(&lock_record_shape, lock);
}

void approval_clear(struct approval *approval) {
    shape_clear(&approval_shape, approval);
}

void entry_signature_clear(struct entry_signature *signature) {
    shape_clear(&entry_signature_shape, signature);
}

static void run_summary_clear(struct run_summary *summary) {
    shape_clear(&run_summary_shape, summary);
}

void run_summaries_clear(struct run_summaries *list) {
    LIST_CLEAR(list, run_summary_clear);
}
