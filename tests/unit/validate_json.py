# SPDX-License-Identifier: GPL-2.0-only
"""Validate JSON documents by a JSON Schema: [--strict] SCHEMA DOCUMENT...

With --strict keys the schema does not describe are refused, and those it describes
have to be there, if only in one of the documents.
Exit status: 0 valid, 1 not, 77 there is no validator.
"""

import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)


def close(schema):
    """Refuse unknown keys: "additionalProperties": false wherever keys are named."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: close(part) for key, part in schema.items()}
    # Conditions name keys to look at them, not to list them all.
    for key in ("if", "then", "allOf"):
        if key in schema:
            closed[key] = schema[key]
    if schema.get("type") == "object" and "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


def keys(value):
    if isinstance(value, list):
        return set().union(*map(keys, value))
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set()


def described(schema):
    if isinstance(schema, list):
        return set().union(*map(described, schema))
    if not isinstance(schema, dict):
        return set()
    names = set(schema.get("properties", {}))
    return names.union(*map(described, schema.values()))


def main(arguments):
    strict = arguments[:1] == ["--strict"]
    names = arguments[strict:]
    with open(names[0], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(close(schema) if strict else schema)
    status, seen = 0, set()
    for name in names[1:]:
        with open(name, encoding="utf-8") as file:
            document = json.load(file)
        seen |= keys(document)
        for error in validator.iter_errors(document):
            print(f"{name}: {error.json_path}: {error.message}"[:300])
            status = 1
    # What ./run adds is not the program's.
    never = described(schema) - seen - {"rounds", "chain", "device"}
    if strict and never:
        print("described, but in no document:", *sorted(never))
        status = 1
    return status


sys.exit(main(sys.argv[1:]))
