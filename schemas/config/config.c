#include "schemas/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/config/bytes.h"
#include "schemas/config/cross.h"
#include "schemas/config/fault.h"
#include "schemas/config/reading.h"
#include "schemas/config/tree.h"

/* Keys that have no say are kept out of the plan, so that they cannot change its digest. */
void config_settle(struct config *config) {
    struct config_verify_step *steps[] = { &config->verify.before_cutover,
                                           &config->verify.after_cutover };
    for (size_t i = 0; i < COUNT(steps); i++)
        if (steps[i]->mode != VERIFY_SAMPLE)
            steps[i]->keys = 0;
}

static void read_root(const struct tree *tree, struct faults *faults, struct config *config) {
    const struct node *root = tree->root;
    read_defaults(&config_fields, config);
    if (root->kind == NODE_SCALAR && root->plain && !root->length) {
        fault(faults, root->at, "the file is empty");
        fault_hint(faults, "ecmig init writes one from the live source and target");
    } else if (root->kind != NODE_MAPPING) {
        fault(faults, root->at, "the file must be a mapping, not %s", node_kind_name(root->kind));
        fault_hint(faults, "the first line is: version: 1");
    } else {
        struct reading reading = { faults, NULL, "", root };
        read_mapping(&reading, &config_fields, "", config);
        cross_check(config, root, faults);
    }
}

bool config_parse(const void *bytes, size_t length, const char *name, struct config *out,
                  struct findings *faults) {
    struct faults found = { .list = faults, .subject = name };
    AUTO(tree_clear) struct tree tree = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    if (length > CONFIG_FILE_CEILING_BYTES)
        fault(&found, (struct place){ 1, 1 }, "the file is larger than 1 MiB");
    else if (bytes_are_text(bytes, length, &found) && tree_parse(bytes, length, &found, &tree))
        read_root(&tree, &found, &config);
    strings_clear(&found.bad_paths);
    findings_sort(faults);
    if (found.count)
        return false;
    config_settle(&config);
    *out = MOVE(config);
    return true;
}

bool config_load(const char *path, struct config *out, struct findings *faults, struct error *err) {
    AUTO(text_clear) struct text content = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    const char *name = strcmp(path, "-") == 0 ? "stdin" : path;
    if (!file_read(path, CONFIG_FILE_CEILING_BYTES, &content, &failure)) {
        error_set(err, ERROR_CONFIG, "%s", failure.message);
        return failure.hint ? error_hint(err, "%s", failure.hint)
                            : error_hint(err, "name a migration file; ecmig init writes one");
    }
    size_t before = findings_count(faults, SEVERITY_ERROR);
    if (config_parse(text_string(&content), content.length, name, out, faults))
        return true;
    size_t count = findings_count(faults, SEVERITY_ERROR) - before;
    error_set(err, ERROR_CONFIG, "'%s' has %zu error%s", name, count, count == 1 ? "" : "s");
    return error_hint(err, "ecmig validate '%s' lists them", path);
}

char *config_path(const char *config_folder, const char *path) {
    return *path == '/' ? xstrdup(path) : path_join(config_folder, path);
}

const char *config_target_name(const struct config_target *target) {
    const char *group = target->replication_group;
    return group ? group : target->serverless_cache ? target->serverless_cache : "";
}

char *config_parameter_group(const char *replication_group) {
    return xasprintf("%s-ecmig", replication_group);
}

bool config_may_set_parameters(const struct config_target *target, const char *parameter_group) {
    AUTO(string_free) char *ours = config_parameter_group(target->replication_group);
    return strncmp(parameter_group, "default.", 8) == 0 || strcmp(parameter_group, ours) == 0;
}
