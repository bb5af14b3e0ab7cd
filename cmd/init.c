/* ecmig init: a commented migration file from what is live. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/frame/command.h"
#include "cmd/migration/session.h"
#include "planner/starter.h"
#include "providers/elasticache/elasticache.h"
#include "providers/observe/observe.h"
#include "providers/process/process.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define SERVICE_MS 60000
#define NAME_CEILING_BYTES 63

static const struct option_row init_options[] = {
    { "source", OPTION_STRING, .value = "HOST:PORT",
      .summary = "the primary to migrate, any node of a cluster, or a Sentinel" },
    { "sentinel-master", OPTION_STRING, .value = "NAME",
      .summary = "the source is a Sentinel, which knows the primary by this name" },
    { "source-password-env", OPTION_STRING, .value = "NAME",
      .summary = "the environment variable that holds the source's password" },
    { "source-username", OPTION_STRING, .value = "NAME",
      .summary = "the ACL user (default: the default user)" },
    { "tls-ca-file", OPTION_STRING, .value = "FILE",
      .summary = "the source speaks TLS: certificates to trust" },
    { "tls-server-name", OPTION_STRING, .value = "NAME",
      .summary = "the source speaks TLS: the name in its certificate" },
    { "tls-cert-file", OPTION_STRING, .value = "FILE", .summary = "client certificate to present" },
    { "tls-key-file", OPTION_STRING, .value = "FILE", .summary = "key of the client certificate" },
    { "tls-port", OPTION_STRING, .value = "PORT",
      .summary = "the TLS port of servers that are announced with their plaintext port" },
    { "target", OPTION_STRING, .value = "ID",
      .summary = "the replication group: described if it exists, created if not" },
    { "region", OPTION_STRING, .value = "NAME", .summary = "the group's region" },
    { "endpoint-url", OPTION_STRING, .value = "URL",
      .summary = "a different endpoint of the service" },
    { "profile", OPTION_STRING, .value = "NAME", .summary = "the AWS profile" },
    { "out", OPTION_STRING, .value = "FILE",
      .summary = "write to this file; an existing file is not overwritten" },
};

/* [a-z0-9][a-z0-9-]{0,62}, as close to `from` as it gets; the caller frees. */
static char *migration_name(const char *from) {
    AUTO(text_clear) struct text name = { 0 };
    for (; *from && name.length < NAME_CEILING_BYTES; from++) {
        char low = (char)tolower((unsigned char)*from);
        bool plain = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
        if (plain || name.length)
            text_add_char(&name, plain ? low : '-');
    }
    return name.length ? text_take(&name) : xstrdup("migration");
}

static const struct {
    const char *option, *key;
} source_keys[] = {
    { "sentinel-master", "sentinel_master" },
    { "source-username", "username" },
}, target_keys[] = {
    { "region", "region" },
    { "endpoint-url", "endpoint_url" },
    { "profile", "profile" },
}, tls_keys[] = {
    { "tls-ca-file", "ca_file" },   { "tls-server-name", "server_name" },
    { "tls-cert-file", "cert_file" }, { "tls-key-file", "key_file" },
};

static bool has_quotes(const struct call *call) {
    for (size_t i = 0; i < COUNT(init_options); i++) {
        const char *value = options_string(call->options, init_options[i].name);
        if (value && strpbrk(value, "\"\\\n"))
            return true;
    }
    return false;
}

static void add_source_keys(const struct call *call, struct text *text) {
    const char *port = options_string(call->options, "tls-port"), *value;
    const char *password = options_string(call->options, "source-password-env");
    bool has_tls = port != NULL;
    for (size_t i = 0; i < COUNT(source_keys); i++)
        if ((value = options_string(call->options, source_keys[i].option)))
            text_addf(text, "  %s: \"%s\"\n", source_keys[i].key, value);
    if (password)
        text_addf(text, "  password: {env: \"%s\"}\n", password);
    for (size_t i = 0; i < COUNT(tls_keys); i++)
        has_tls = has_tls || options_string(call->options, tls_keys[i].option);
    if (has_tls)
        text_add(text, "  tls:\n");
    for (size_t i = 0; i < COUNT(tls_keys); i++)
        if ((value = options_string(call->options, tls_keys[i].option)))
            text_addf(text, "    %s: \"%s\"\n", tls_keys[i].key, value);
    if (port)
        text_addf(text, "    port: %s\n", port);
}

/* The smallest file that says where to look: its faults are those of the options. */
static bool read_options(const struct call *call, const char *group, struct config *out,
                         struct error *err) {
    AUTO(text_clear) struct text text = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    const char *source = options_string(call->options, "source"), *value;
    const char *master = options_string(call->options, "sentinel-master");
    if (!source) {
        error_set(err, ERROR_USAGE, "--source is missing");
        return error_hint(err, "ecmig init --source HOST:PORT [--target ID]");
    }
    if (has_quotes(call))
        return error_set(err, ERROR_USAGE,
                         "values must not contain quotes, backslashes or line breaks");
    text_addf(&text,
              "version: 1\nmigration: init\nstate: {repository: ./state}\n"
              "target:\n  replication_group: \"%s\"\n",
              group);
    for (size_t i = 0; i < COUNT(target_keys); i++)
        if ((value = options_string(call->options, target_keys[i].option)))
            text_addf(&text, "  %s: \"%s\"\n", target_keys[i].key, value);
    text_addf(&text, "source:\n  nodes: [\"%s\"]\n", source);
    add_source_keys(call, &text);
    if (master)
        text_add(&text, "  topology: sentinel\ncutover: {writes: reject}\n");
    if (config_parse(text.bytes, text.length, "options", out, &faults))
        return true;
    error_set(err, ERROR_USAGE, "the options: %s",
              faults.count ? faults.items[0].summary : "not valid");
    return faults.count && faults.items[0].remedy ? error_hint(err, "%s", faults.items[0].remedy)
                                                  : false;
}

static bool is_word(const char *value, const char *word) {
    return value && strcmp(value, word) == 0;
}

/* The first that answers; what did not is in the first of all. */
static const struct observed_node *any_node(const struct observed_source *source) {
    for (size_t i = 0; i < source->nodes.count; i++)
        if (source->nodes.items[i].reachable)
            return &source->nodes.items[i];
    return source->nodes.count ? &source->nodes.items[0] : NULL;
}

/* A server that turns out to be one of a cluster is looked at again, with all of it. */
static void look_again(const struct observe_source_options *options, struct config *config,
                       struct observed_source *out) {
    const struct observed_node *node;
    observe_source(options, out);
    node = any_node(out);
    if (config->source.topology != TOPOLOGY_STANDALONE || !node || !node->cluster_enabled)
        return;
    struct observed first = { .source = *out };
    observed_clear(&first);
    *out = (struct observed_source){ 0 };
    config->source.topology = TOPOLOGY_CLUSTER;
    observe_source(options, out);
}

static bool look_at_source(const struct call *call, struct config *config, struct observed *out,
                           struct error *err) {
    AUTO(secret_free) struct secret *password = NULL;
    AUTO(redis_tls_free) struct redis_tls *tls = NULL;
    struct config_secret reference = { .env = (char *)options_string(call->options,
                                                                     "source-password-env") };
    if (reference.env && !process_secret(&reference, NULL, "--source-password-env", &password, err))
        return false;
    if (!session_tls(&config->source.tls, ".", &tls, err))
        return false;
    const struct observe_source_options options = {
        .config = config, .password = password, .tls = tls, .target = &out->target
    };
    look_again(&options, config, &out->source);
    const struct observed_node *node = any_node(&out->source);
    if (!node)
        return error_set(err, ERROR_UNREACHABLE, "the source %s: no server is known",
                         config->source.nodes.items[0]);
    if (node->reachable && (is_word(node->role, "master") || is_word(node->role, "slave")))
        return true;
    if (node->reachable) {
        error_set(err, ERROR_USAGE, "%s holds no data: it is not a server of a source",
                  node->address);
        return error_hint(err, "for a Sentinel add --sentinel-master NAME");
    }
    error_set(err, node->password_required ? ERROR_CREDENTIALS : ERROR_UNREACHABLE,
              "the source %s: %s", node->address,
              node->problem ? node->problem : "cannot be reached");
    if (is_word(node->problem_code, "TLS") || is_word(node->problem_code, "NO-TLS"))
        return error_hint(err, "check the --tls options; if this port does not speak TLS, name the "
                               "server's tls-port, or remove them");
    return node->password_required
               ? error_hint(err,
                            "name the variable that holds its password: --source-password-env NAME")
               : error_hint(err, "check the address, the network and that the server runs");
}

/* Where there is no Valkey, as on an endpoint of this machine, it is Redis that is offered. */
static void look_at_offer(struct config *config, struct elasticache *service,
                          struct observed_target *out) {
    observe_target(config, service, NULL, NULL, clock_mono_ms() + SERVICE_MS, out);
    if (!out->reachable || out->exists || out->offered_versions.count)
        return;
    struct observed first = { .target = *out };
    observed_clear(&first);
    *out = (struct observed_target){ 0 };
    string_replace(&config->target.engine, "redis");
    observe_target(config, service, NULL, NULL, clock_mono_ms() + SERVICE_MS, out);
}

static bool look_at_target(const struct call *call, struct config *config, struct observed *out,
                           struct error *err) {
    AUTO(elasticache_close) struct elasticache *service = NULL;
    const struct elasticache_options options = {
        .region = options_string(call->options, "region"),
        .endpoint_url = options_string(call->options, "endpoint-url"),
        .profile = options_string(call->options, "profile"),
    };
    if (!elasticache_open(&options, &service, err))
        return false;
    look_at_offer(config, service, &out->target);
    if (out->target.reachable)
        return true;
    return error_set(err, ERROR_SERVICE, "the target %s: %s", config->target.replication_group,
                     out->target.problem ? out->target.problem : "cannot be described");
}

/* Paths in a migration file are meant from its folder; those of the options were from here. */
static bool move_paths(const struct call *call, struct config_tls *tls, struct error *err) {
    const char *out = options_string(call->options, "out");
    AUTO(string_free) char *folder = out ? path_folder(out) : xstrdup(".");
    char **const paths[] = { &tls->ca_file, &tls->cert_file, &tls->key_file };
    for (size_t i = 0; strcmp(folder, ".") != 0 && i < COUNT(paths); i++) {
        AUTO(string_free) char *given = *paths[i];
        *paths[i] = NULL;
        if (given && !path_absolute(given, paths[i], err))
            return false;
    }
    return true;
}

static bool put(const struct call *call, const struct text *page, struct error *err) {
    const char *path = options_string(call->options, "out");
    if (!path) {
        output_text(call->output, text_string(page));
        return true;
    }
    if (path_exists(path) && access(path, F_OK) == 0) {
        error_set(err, ERROR_CONFLICT, "'%s' exists", path);
        return error_hint(err, "name another file, or move the existing one");
    }
    return file_write(path, page->bytes, page->length, 0644, err);
}

static enum exit_class run_init(const struct call *call, struct error *err) {
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed seen = { 0 };
    AUTO(text_clear) struct text page = TEXT_PAGE;
    AUTO(findings_clear) struct findings faults = { 0 };
    AUTO(config_clear) struct config written = { 0 };
    const char *target = options_string(call->options, "target");
    AUTO(string_free) char *name = migration_name(target ? target : "migration");
    if (!read_options(call, target ? target : name, &config, err) ||
        (target && !look_at_target(call, &config, &seen, err)) ||
        !look_at_source(call, &config, &seen, err) || !move_paths(call, &config.source.tls, err))
        return error_exit_class(err->code);
    const struct starter starter = {
        .migration = name,
        .password_env = options_string(call->options, "source-password-env"),
        .replication_group = config.target.replication_group,
        .region = seen.target.region ? seen.target.region : options_string(call->options, "region"),
        .endpoint_url = options_string(call->options, "endpoint-url"),
        .profile = options_string(call->options, "profile"),
        .config = &config,
        .observed = &seen,
    };
    starter_add(&starter, &page);
    if (!config_parse(page.bytes, page.length, "the file", &written, &faults))
        output_warn(call->output, "the generated file does not validate: %s",
                    faults.items[0].summary);
    return put(call, &page, err) ? EXIT_CLASS_OK : error_exit_class(err->code);
}

const struct command command_init = {
    .name = "init",
    .workflow = WORKFLOW_SET_UP,
    .examples = "ecmig init --source 10.20.4.11:6379 --target orders-prod --region eu-west-1 --out "
                "orders.yaml\n"
                "ecmig init --source 10.20.4.9:26379 --sentinel-master orders "
                "--source-password-env ORDERS_PASSWORD",
    .touches = "reads",
    .summary = "Write a commented migration file from the live source and target",
    .description = "Looks at the source and, with --target, at the replication group, fills in "
                   "what is known and leaves the decisions to you as comments. One node of a "
                   "cluster is enough; a Sentinel needs --sentinel-master. Without --target, no "
                   "AWS credentials are needed. The file is written to stdout, or to --out.",
    .options = init_options,
    .option_count = COUNT(init_options),
    .run = run_init,
};
