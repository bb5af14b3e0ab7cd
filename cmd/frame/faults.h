/* Faults of files as people and programs read them. */
#pragma once

#include "cmd/frame/output.h"
#include "schemas/base/findings.h"
#include "schemas/base/sheet.h"
#include "schemas/base/text.h"
#include "schemas/json/json.h"

/* "file:line:column: fault", and what to do indented below it. */
void faults_fill(struct sheet *sheet, const struct findings *faults);
void faults_add(struct text *text, const struct findings *faults);
/* The same as talk, beside an error; with --format json a line {"fault":{…}} for each. */
void faults_say(struct output *output, const struct findings *faults);
/* [{"file":…,"line":…,"column":…,"fault":…,"hint":…}]; without a place where there is none. */
struct json *faults_json(const struct findings *faults);
