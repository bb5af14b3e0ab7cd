"""Holds what goes over the wire against a service model: Query requests, XML answers."""
import json
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree

COMMON_ERRORS = {
    "AccessDenied", "AuthFailure", "ExpiredToken", "IncompleteSignature", "InternalFailure", "InvalidAction",
    "InvalidClientTokenId", "InvalidParameterCombination", "InvalidParameterValue", "MissingAction",
    "MissingAuthenticationToken", "MissingParameter", "OptInRequired", "RequestExpired",
    "ServiceUnavailable", "SignatureDoesNotMatch", "Throttling", "ThrottlingException", "ValidationError",
}


def merged(base, more):
    """`more` over `base`, mapping by mapping."""
    if not isinstance(base, dict) or not isinstance(more, dict):
        return more
    return {**base, **{key: merged(base[key], value) if key in base else value for key, value in more.items()}}


class Model:
    """`newer`: a file of what was added since, where the model does not have it yet."""

    def __init__(self, path, newer=None):
        with open(path, encoding="utf-8") as file:
            self.model = json.load(file)
        if newer:
            with open(newer, encoding="utf-8") as file:
                self.model = merged(self.model, json.load(file))
        self.shapes = self.model["shapes"]
        self.operations = self.model["operations"]
        self.version = self.model["metadata"]["apiVersion"]
        self.namespace = self.model["metadata"]["xmlNamespace"]

    def request(self, body):
        """Faults of a request body, and its action."""
        pairs = urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=True)
        given = dict(pairs)
        action = given.pop("Action", None)
        faults = []
        if len(given) + 1 != len(pairs):
            faults.append("a parameter comes twice")
        if given.pop("Version", None) != self.version:
            faults.append("another Version")
        if action not in self.operations:
            return [f"no action {action}"], action
        shape = self.operations[action].get("input", {}).get("shape")
        if shape:
            used = set()
            self._sent(shape, "", given, used, faults)
            given = {name: value for name, value in given.items() if name not in used}
        return faults + [f"'{name}' is no parameter" for name in given], action

    def _sent(self, name, prefix, given, used, faults):
        shape = self.shapes[name]
        if shape["type"] == "structure":
            for member, reference in shape["members"].items():
                path = (prefix + "." if prefix else "") + reference.get("locationName", member)
                present = any(key == path or key.startswith(path + ".") for key in given)
                if present:
                    self._sent(reference["shape"], path, given, used, faults)
                elif member in shape.get("required", []):
                    faults.append(f"'{path}' is missing")
        elif shape["type"] == "list":
            wire = prefix if shape.get("flattened") else \
                f"{prefix}.{shape['member'].get('locationName', 'member')}"
            number = 1
            while any(re.match(rf"{re.escape(wire)}\.{number}(\.|$)", key) for key in given):
                self._sent(shape["member"]["shape"], f"{wire}.{number}", given, used, faults)
                number += 1
        elif prefix in given:
            used.add(prefix)
            faults += self._scalar(shape, given[prefix], prefix)

    def answer(self, action, status, body):
        """Faults of an answer to `action`."""
        operation = self.operations[action]
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError as error:
            return [f"no XML: {error}"]
        space = "{%s}" % self.namespace
        foreign = [element.tag for element in root.iter() if not element.tag.startswith(space)]
        if foreign:
            return [f"'{foreign[0]}' is not in the namespace {self.namespace}"]
        for element in root.iter():
            element.tag = element.tag[len(space):]
        if status != 200:
            return self._refusal(operation, root, status)
        faults = [] if root.tag == action + "Response" else [f"the root is {root.tag}"]
        if not root.findtext("ResponseMetadata/RequestId"):
            faults.append("no RequestId")
        output = operation.get("output")
        wanted = {"ResponseMetadata"}
        if output:
            wrapper = output.get("resultWrapper", action + "Result")
            wanted.add(wrapper)
            result = root.find(wrapper)
            if result is None:
                faults.append(f"no {wrapper}")
            else:
                self._received(output["shape"], result, wrapper, faults)
        return faults + [f"'{child.tag}' in the answer" for child in root if child.tag not in wanted]

    def _refusal(self, operation, root, status):
        code = root.findtext("Error/Code")
        known = {self._code(error["shape"]): self._status(error["shape"])
                 for error in operation.get("errors", [])}
        faults = []
        if root.tag != "ErrorResponse" or not root.findtext("RequestId"):
            faults.append("no ErrorResponse with a RequestId")
        if root.findtext("Error/Type") not in ("Sender", "Receiver"):
            faults.append("an error without a Type")
        if code in known:
            if known[code] != status:
                faults.append(f"{code} with HTTP {status}, not {known[code]}")
        elif code not in COMMON_ERRORS:
            faults.append(f"{code} is no error of this action")
        return faults

    def _code(self, name):
        return self.shapes[name].get("error", {}).get("code", name)

    def _status(self, name):
        return self.shapes[name].get("error", {}).get("httpStatusCode", 400)

    def _received(self, name, element, path, faults):
        shape = self.shapes[name]
        if shape["type"] == "structure":
            members = {reference.get("locationName", member): reference["shape"]
                       for member, reference in shape["members"].items()}
            for member in shape.get("required", []):
                wire = shape["members"][member].get("locationName", member)
                if element.find(wire) is None:
                    faults.append(f"{path}/{wire} is missing")
            for child in element:
                if child.tag in members:
                    self._received(members[child.tag], child, f"{path}/{child.tag}", faults)
                else:
                    faults.append(f"{path}/{child.tag} is not in the model")
            tags = [child.tag for child in element]
            faults += [f"{path}/{tag} comes twice" for tag in set(tags) if tags.count(tag) > 1]
        elif shape["type"] == "list":
            wire = shape["member"].get("locationName", "member")
            for child in element:
                if child.tag != wire:
                    faults.append(f"{path}/{child.tag} instead of {wire}")
                else:
                    self._received(shape["member"]["shape"], child, f"{path}/{wire}", faults)
        else:
            faults += self._scalar(shape, element.text or "", path)

    def _scalar(self, shape, value, path):
        kind = shape["type"]
        good = True
        if kind in ("integer", "long"):
            good = re.fullmatch(r"-?\d+", value) is not None
            good = good and shape.get("min", int(value)) <= int(value) <= shape.get("max", int(value))
        elif kind in ("double", "float"):
            good = re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
        elif kind == "boolean":
            good = value in ("true", "false")
        elif kind == "timestamp":
            good = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value) is not None
        elif kind == "string":
            good = value in shape.get("enum", [value])
            good = good and shape.get("min", 0) <= len(value) <= shape.get("max", len(value))
            if good and "pattern" in shape:
                try:
                    good = re.search(shape["pattern"], value) is not None
                except re.error:  # a pattern of another dialect
                    good = True
        return [] if good else [f"{path}: '{value[:60]}' is no {kind} of the model"]
