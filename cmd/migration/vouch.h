/* ecmig recover --vouch: the last entry of the open run is signed again, by another key, when what
 * signed it no longer counts. */
#pragma once

#include "cmd/frame/command.h"

enum exit_class vouch_for_run(const struct call *call, struct error *err);
