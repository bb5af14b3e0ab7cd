/* What the tests of the ElastiCache client share. */
#pragma once

#include "providers/elasticache/elasticache.h"

#define AWS_CANARY_SECRET "canary/secret+key"
#define AWS_CANARY_TOKEN "canary/session+token=="

/* No file of this machine, a canary key pair, us-east-1, and a proxy that would break everything.
 */
int aws_set_environment(void **state);
/* Of cmocka: fails the test when it cannot. `url` may be NULL. */
struct elasticache *aws_open(const char *url);
int64_t aws_soon(void); /* a deadline a test never reaches */
/* Rebuilds the signature of a recorded request as a server does, and compares. */
bool aws_signature_holds(const char *request, const char *body, const char *secret_key);

#define AWS_GROUP                                                                                  \
    "<ReplicationGroup><ReplicationGroupId>orders</ReplicationGroupId>"                            \
    "<Status>available</Status><PendingModifiedValues/>"                                           \
    "<MemberClusters><ClusterId>orders-001</ClusterId></MemberClusters>"                           \
    "<NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId><Status>available</Status>"             \
    "<PrimaryEndpoint><Address>10.0.0.1</Address><Port>6379</Port></PrimaryEndpoint>"              \
    "<NodeGroupMembers><NodeGroupMember><CacheClusterId>orders-001</CacheClusterId>"               \
    "<CurrentRole>primary</CurrentRole><PreferredAvailabilityZone>z1</PreferredAvailabilityZone>"  \
    "<ReadEndpoint><Address>10.0.0.1</Address><Port>6379</Port></ReadEndpoint></NodeGroupMember>"  \
    "</NodeGroupMembers></NodeGroup></NodeGroups><MultiAZ>enabled</MultiAZ>"                       \
    "<ClusterEnabled>false</ClusterEnabled></ReplicationGroup>"
#define AWS_ANSWER(action, result)                                                                 \
    "<" action "Response xmlns=\"http://elasticache.amazonaws.com/doc/2015-02-02/\"><" action      \
    "Result>" result "</" action "Result><ResponseMetadata><RequestId>r-1</RequestId>"             \
    "</ResponseMetadata></" action "Response>"
#define AWS_DESCRIBED                                                                              \
    AWS_ANSWER("DescribeReplicationGroups",                                                        \
               "<Marker></Marker><ReplicationGroups>" AWS_GROUP "</ReplicationGroups>")
#define AWS_REFUSAL(code, message)                                                                 \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" message              \
    "</Message></Error><RequestId>r-9</RequestId></ErrorResponse>"
