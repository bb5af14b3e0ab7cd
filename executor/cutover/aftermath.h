/* What a migration that ended leaves to be done on the source, which only the operator can do: take
 * the password back, and keep the fence over a restart. */
#pragma once

#include "providers/redis/tls.h"
#include "schemas/base/sheet.h"
#include "schemas/base/strings.h"
#include "schemas/config/config.h"
#include "schemas/json/json.h"
#include "schemas/plan/plan.h"

/* HOST:PORT of the source nodes, as the plan saw them. */
void aftermath_planned_nodes(const struct plan *plan, struct strings *out);
/* Those source nodes of the plan that let anybody in now, sorted as in the plan. None where the
 * plan saw that nothing was changed since they started: then they always did. Takes a
 * source.timeout. */
void aftermath_open_nodes(const struct config_source *source, const struct redis_tls *tls,
                          const struct plan *plan, struct strings *out);
/* Lines for people; none when no node is open. */
void aftermath_say_password(const struct config_source *source, const struct strings *open,
                            struct sheet *sheet);
/* The nodes whose file does not have the fence, by the evidence of the step that keeps it. */
void aftermath_say_restart(const struct json *evidence, struct sheet *sheet);
