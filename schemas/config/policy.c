#include "schemas/config/policy.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/config/bytes.h"
#include "schemas/config/fields.h"
#include "schemas/config/reading.h"

static const char *const stands[] = { "forbidden", "allowed", NULL };

#define HOSTS "^[A-Za-z0-9*?.:/_-]+$"
#define ROW(path_, kind_, member_, ...)                                                            \
    { .path = path_, .kind = kind_, .offset = offsetof(struct file_policy, member_), __VA_ARGS__ }
#define HOST_ROW(path_, member_, help_)                                                            \
    ROW(path_, FIELD_STRINGS, member_, .maximum = 200, .pattern = HOSTS,                           \
        .wanted = "a host with * and ?, or ADDRESS/BITS", .help = help_)

static const struct field rows[] = {
    ROW("version", FIELD_INTEGER, version, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 1,
        .help = "version of this file's format"),
    { .path = "hosts", .kind = FIELD_SECTION, .help = "hosts that may be named" },
    HOST_ROW("hosts.source", hosts.source, "hosts of source.nodes, such as 10.20.0.0/16"),
    HOST_ROW("hosts.endpoint", hosts.endpoint,
             "hosts of target.endpoint_url and AWS_ENDPOINT_URL; empty: only the service's own"),
    HOST_ROW("hosts.state", hosts.state,
             "hosts of state.repository and --state; a local folder is always allowed"),
    { .path = "secrets", .kind = FIELD_SECTION, .help = "references to secrets that may be used" },
    ROW("secrets.env", FIELD_STRINGS, secrets.env, .maximum = 200, .pattern = "^[A-Za-z0-9_*?]+$",
        .wanted = "the name of a variable, with * and ?",
        .help = "variables that a secret may be taken from, and that a hook may be given"),
    ROW("secrets.file", FIELD_STRINGS, secrets.file, .maximum = 200, .pattern = "^/",
        .wanted = "a whole path", .help = "files, or folders of files, that may hold a secret"),
    ROW("profiles", FIELD_STRINGS, profiles, .maximum = 200, .pattern = "^[^ ]+$",
        .wanted = "the name of a profile",
        .help = "profiles that target.profile and AWS_PROFILE may name"),
    ROW("exec", FIELD_CHOICE, exec, .choices = stands,
        .help = "whether a program may print a secret (exec)"),
    ROW("hooks", FIELD_CHOICE, hooks, .choices = stands,
        .help = "whether the file may have hooks (cutover.hold, cutover.ready, "
                "cutover.switch, target.after_cutover.hooks)"),
};
static const struct field_table policy_fields = { rows, COUNT(rows), sizeof(struct file_policy),
                                                  false };

bool file_policy_parse(const void *bytes, size_t length, const char *name, struct file_policy *out,
                       struct findings *list) {
    struct faults faults = { .list = list, .subject = name };
    AUTO(tree_clear) struct tree tree = { 0 };
    AUTO(file_policy_clear) struct file_policy policy = { 0 };
    if (length > CONFIG_FILE_CEILING_BYTES)
        fault(&faults, (struct place){ 1, 1 }, "the file is larger than 1 MiB");
    else if (bytes_are_text(bytes, length, &faults) && tree_parse(bytes, length, &faults, &tree)) {
        struct reading reading = { &faults, NULL, "", tree.root };
        if (tree.root->kind != NODE_MAPPING)
            fault(&faults, tree.root->at, "the file must be a mapping");
        else
            read_mapping(&reading, &policy_fields, "", &policy);
    }
    strings_clear(&faults.bad_paths);
    findings_sort(list);
    if (faults.count)
        return false;
    *out = MOVE(policy);
    return true;
}

/* ADDRESS/BITS holds the address, of the same family. */
static bool is_within(const char *network, const char *host) {
    unsigned char wanted[16], is[16];
    AUTO(string_free) char *address = xstrndup(network, strcspn(network, "/"));
    char *end;
    unsigned long bits = strtoul(strchr(network, '/') + 1, &end, 10);
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;
    if (*end || bits > (family == AF_INET6 ? 128 : 32) || inet_pton(family, address, wanted) != 1 ||
        inet_pton(family, host, is) != 1)
        return false;
    for (unsigned long bit = 0; bit < bits; bit++)
        if ((wanted[bit / 8] ^ is[bit / 8]) & (0x80 >> bit % 8))
            return false;
    return true;
}

static bool has_host(const struct strings *list, const char *host) {
    for (size_t i = 0; i < list->count; i++)
        if (strchr(list->items[i], '/') ? is_within(list->items[i], host)
                                        : fnmatch(list->items[i], host, FNM_CASEFOLD) == 0)
            return true;
    return false;
}

/* The host of HOST:PORT, scheme://user@host:port/path and user@host:path; NULL for a folder. */
static char *host_of(const char *place, bool address) {
    const char *scheme = strstr(place, "://");
    const char *slash = strchr(place, '/'), *colon = strchr(place, ':');
    if (scheme ? strncasecmp(place, "file:", 5) == 0
               : !address && (!colon || (slash && slash < colon)))
        return NULL;
    const char *start = scheme ? scheme + 3 : place;
    size_t length = strcspn(start, scheme ? "/?#" : address ? "" : "/");
    const char *at = memrchr(start, '@', length);
    if (at) {
        length -= (size_t)(at + 1 - start);
        start = at + 1;
    }
    if (*start == '[')
        return xstrndup(start + 1, strcspn(start + 1, "]"));
    const char *end = memchr(start, ':', length);
    return xstrndup(start, end ? (size_t)(end - start) : length);
}

struct judging {
    const struct file_policy *policy;
    const char *folder;
    struct findings *out;
};

static void judge_host(const struct judging *judging, const char *key, const char *place,
                       bool address, const struct strings *allowed, const char *rule) {
    AUTO(string_free) char *host = host_of(place, address);
    if (!host || has_host(allowed, host))
        return;
    struct finding *finding =
        finding_add(judging->out, SEVERITY_ERROR, NULL, key,
                    "'%s' names the host '%s', which %s does not allow", key, host, rule);
    string_replace(&finding->remedy, "name another host, or ask for it to be added to the policy");
}

static bool has_name(const struct strings *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (fnmatch(list->items[i], name, 0) == 0)
            return true;
    return false;
}

/* A path with .. in it is compared with nothing: it is not allowed. */
static bool has_path(const struct strings *list, const char *path) {
    if (strstr(path, "/../") || strstr(path, "//"))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        const char *allowed = list->items[i];
        size_t length = strlen(allowed);
        while (length > 1 && allowed[length - 1] == '/')
            length--;
        if (strncmp(path, allowed, length) == 0 && (!path[length] || path[length] == '/'))
            return true;
    }
    return false;
}

static void judge_secret(const struct judging *judging, const char *key,
                         const struct config_secret *reference) {
    const struct file_policy *policy = judging->policy;
    const char *kind = NULL;
    AUTO(string_free)
    char *path = reference->file ? config_path(judging->folder, reference->file) : NULL;
    if (reference->env && !has_name(&policy->secrets.env, reference->env))
        kind = "secrets.env";
    if (path && !has_path(&policy->secrets.file, path))
        kind = "secrets.file";
    if (reference->exec.count && policy->exec != POLICY_ALLOWED)
        kind = "exec";
    if (kind)
        finding_add(judging->out, SEVERITY_ERROR, NULL, key,
                    "'%s' refers to a secret that '%s' of the policy does not allow", key, kind);
}

static void judge_hook(const struct judging *judging, const char *key,
                       const struct config_hook *hook) {
    if (hook->run.count && judging->policy->hooks != POLICY_ALLOWED)
        finding_add(judging->out, SEVERITY_ERROR, NULL, key,
                    "'%s' is a program, and 'hooks' of the policy does not allow any", key);
    for (size_t i = 0; i < hook->env.count; i++)
        if (!has_name(&judging->policy->secrets.env, hook->env.items[i]))
            finding_add(judging->out, SEVERITY_ERROR, NULL, key,
                        "'%s.env' gives a variable that 'secrets.env' of the policy does not allow",
                        key);
}

static void judge_profile(const struct judging *judging, const char *key, const char *profile) {
    if (profile && !strings_has(&judging->policy->profiles, profile))
        finding_add(judging->out, SEVERITY_ERROR, NULL, key,
                    "'%s' names a profile that 'profiles' of the policy does not allow", key);
}

static void judge_hooks(const struct judging *judging, const struct config *config) {
    for (size_t i = 0;; i++) {
        AUTO(string_free) char *key = NULL;
        const struct config_hook *hook = config_hook_at(config, i, &key);
        if (!hook)
            return;
        judge_hook(judging, key, hook);
    }
}

static void judge_config(const struct judging *judging, const struct config *config,
                         bool state_given) {
    const struct file_policy *policy = judging->policy;
    const struct config_target *target = &config->target;
    for (size_t i = 0; i < config->source.nodes.count; i++)
        judge_host(judging, "source.nodes", config->source.nodes.items[i], true,
                   &policy->hosts.source, "'hosts.source' of the policy");
    if (target->endpoint_url)
        judge_host(judging, "target.endpoint_url", target->endpoint_url, false,
                   &policy->hosts.endpoint, "'hosts.endpoint' of the policy");
    judge_profile(judging, "target.profile", target->profile);
    if (!state_given)
        judge_host(judging, "state.repository", config->state.repository, false,
                   &policy->hosts.state, "'hosts.state' of the policy");
    struct config_secret_place place;
    for (size_t i = 0; config_secret_at(config, i, &place); i++)
        if (!place.for_git || !state_given)
            judge_secret(judging, place.key, place.reference);
    judge_hooks(judging, config);
}

void file_policy_judge(const struct file_policy *policy, const struct config *config,
                       const char *folder, const struct file_policy_given *given,
                       struct findings *out) {
    const struct judging judging = { policy, folder, out };
    if (config)
        judge_config(&judging, config, given->state != NULL);
    if (given->state)
        judge_host(&judging, "--state", given->state, false, &policy->hosts.state,
                   "'hosts.state' of the policy");
    judge_profile(&judging, "AWS_PROFILE", given->profile);
    for (size_t i = 0; given->endpoints && i < given->endpoints->count; i++) {
        const struct pair *endpoint = &given->endpoints->items[i];
        AUTO(string_free) char *key = xasprintf("AWS_ENDPOINT_URL of %s", endpoint->name);
        judge_host(&judging, key, endpoint->value, false, &policy->hosts.endpoint,
                   "'hosts.endpoint' of the policy");
    }
}

struct json *file_policy_schema(void) {
    return fields_schema(&policy_fields, "ecmig policy");
}

void file_policy_clear(struct file_policy *policy) {
    if (!policy)
        return;
    strings_clear(&policy->hosts.source);
    strings_clear(&policy->hosts.endpoint);
    strings_clear(&policy->hosts.state);
    strings_clear(&policy->secrets.env);
    strings_clear(&policy->secrets.file);
    strings_clear(&policy->profiles);
    *policy = (struct file_policy){ 0 };
}
