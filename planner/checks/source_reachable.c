#include "planner/checks/check.h"

static bool refuses_login(const struct observed_node *node) {
    return check_is(node->problem_code, "NOAUTH") || check_is(node->problem_code, "WRONGPASS");
}

/* NULL: the row's own. */
static const char *remedy_of(const struct check_input *input, const struct observed_node *node) {
    const struct config_source *source = &input->config->source;
    const char *code = node->problem_code;
    if (refuses_login(node))
        return "check source.username and source.password in the file, and that the variable or "
               "file they name holds the password";
    if (check_is(code, "DENIED"))
        return "the source is in protected mode, which refuses every other machine, including the "
               "target: on the source's own machine run CONFIG SET protected-mode no; access is "
               "then restricted by the network alone";
    if (check_is(code, "TLS"))
        return "check source.tls: source.tls.ca_file is the authority that signed the server's "
               "certificate, server_name is a name in the certificate; if the server requires a "
               "client certificate, set source.tls.cert_file and key_file";
    if (!check_is(code, "NO-TLS"))
        return NULL;
    if (source->tls.port <= 0 && !strings_has(&source->nodes, node->address))
        return "the source names this server by its plaintext port: set source.tls.port to the "
               "port that speaks TLS";
    return "name the port that speaks TLS in source.nodes and source.tls.port, or remove "
           "source.tls if the source has none";
}

/* Sentinels list a replica until they are told to forget it, however long it is gone. */
static bool is_forgettable(const struct check_input *input, const struct observed_node *node) {
    return input->config->source.topology == TOPOLOGY_SENTINEL &&
           input->config->source.sentinel_master && input->observed->source.shards.count &&
           !situation_is_primary(input->situation, node);
}

/* What was said, and where the address comes from. */
static void add_problem(const struct observed_node *node, struct finding *finding) {
    const char *problem = node->problem ? node->problem : "no answer";
    if (node->listed_by)
        finding_detail(
            finding,
            "%s; %s names it so: its connection's address, or its replica-announce-ip and -port",
            problem, node->known_from);
    else if (node->known_from)
        finding_detail(finding, "%s; named by %s", problem, node->known_from);
    else
        finding_detail(finding, "%s", problem);
}

static void run(const struct check_input *input, struct findings *out) {
    bool later = input->situation->mode == PLAN_ABORT && input->observed->history.open;
    for (size_t i = 0; i < input->observed->source.nodes.count; i++) {
        const struct observed_node *node = &input->observed->source.nodes.items[i];
        if (node->reachable)
            continue;
        const char *remedy = remedy_of(input, node);
        struct finding *finding = check_found_as(
            input, out, later ? SEVERITY_WARNING : SEVERITY_ERROR, node->address,
            refuses_login(node)                      ? "the source refuses our login"
            : check_is(node->problem_code, "DENIED") ? "the source is in protected mode"
                                                     : "the source cannot be reached");
        add_problem(node, finding);
        if (remedy)
            finding_remedy(finding, "%s", remedy);
        else if (!later && is_forgettable(input, node))
            finding_remedy(
                finding,
                "bring it back, or check address, firewall and source.timeout; if it is gone for "
                "good, make each Sentinel forget it, one after the other: SENTINEL RESET %s",
                input->config->source.sentinel_master);
        else if (later)
            finding_remedy(finding, "the target is detached all the same; once the server answers, "
                                    "the same command restores its settings");
    }
}

const struct check check_source_reachable = {
    .title = "Every source server answers",
    .reads = "a connection, AUTH, PING",
    .cause = "A source server did not answer in time, refused the connection, or refused the "
             "login that the migration file names.",
    .risk = "The server cannot be checked or planned for; a replica that cannot be fenced could be "
            "promoted during the cutover and accept writes that are not copied.",
    .remedy = "check address, firewall and source.timeout; each replica must be reachable too",
    .severity = SEVERITY_ERROR,
    .when_serverless = true,
    .when_aborting = true,
    .any_engine = true,
    .run = run,
};
