#include "providers/local/actions/action.h"

#include "providers/local/actions/answers.h"
#include "providers/local/state/endpoint.h"
#include "schemas/base/strings.h"

static void answer_subnet(struct request *request, int number) {
    struct text *out = request->out;
    markup_open(out, "Subnet");
    text_addf(out, "<SubnetIdentifier>subnet-%017d</SubnetIdentifier>", number);
    markup_open(out, "SubnetAvailabilityZone");
    text_addf(out, "<Name>%s%c</Name>", LOCAL_REGION, 'a' + number - 1);
    markup_close(out, "SubnetAvailabilityZone");
    markup_close(out, "Subnet");
}

static void answer_subnet_group(struct request *request, const char *name) {
    struct text *out = request->out;
    markup_open(out, "CacheSubnetGroup");
    markup_string(out, "CacheSubnetGroupName", name);
    markup_string(out, "CacheSubnetGroupDescription", "Loopback");
    markup_string(out, "VpcId", "vpc-00000000000000000");
    markup_open(out, "Subnets");
    for (int number = 1; number <= 3; number++)
        answer_subnet(request, number);
    markup_close(out, "Subnets");
    answer_arn(out, request->region, "subnetgroup", name);
    markup_open(out, "SupportedNetworkTypes");
    markup_string(out, "member", "ipv4");
    markup_close(out, "SupportedNetworkTypes");
    markup_close(out, "CacheSubnetGroup");
}

/* "default", and those that replication groups were created with. */
bool serve_describe_cache_subnet_groups(struct request *request) {
    AUTO(strings_clear) struct strings names = { 0 };
    const struct state *state = &request->endpoint->state;
    const char *only = request_value(request, "CacheSubnetGroupName");
    struct slice slice = { 0, 0 };
    strings_add(&names, "default");
    for (size_t i = 0; i < state->groups.count; i++)
        if (!strings_has(&names, state->groups.items[i].subnet_group))
            strings_add(&names, state->groups.items[i].subnet_group);
    if (only && !strings_has(&names, only))
        return refuse(request->refusal, API_ERROR_SUBNET_GROUP_NOT_FOUND,
                      "CacheSubnetGroup %s not found.", only);
    size_t total = only ? 1 : names.count;
    if (!request_slice(request, total, &slice))
        return false;
    answer_marker(request, &slice, total);
    markup_open(request->out, "CacheSubnetGroups");
    for (size_t i = slice.first; i < slice.end; i++)
        answer_subnet_group(request, only ? only : names.items[i]);
    markup_close(request->out, "CacheSubnetGroups");
    return true;
}
