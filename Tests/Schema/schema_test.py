"""Checks the schemas of fixtures: they are valid, accept every fixture, and refuse what the readers refuse.

usage: schema_test.py SCHEMAS CASES FOLDER…

SCHEMAS is the folder of the schemas. CASES is a file of fixtures to accept and to refuse; the tests of the readers use
it too. The schemas have to accept every fixture in the FOLDERs. Exit code 4: something is wrong.
"""

import json
import pathlib
import sys

import jsonschema
import referencing

ENDINGS = {"/givens.json": "givens", ".expect.json": "expect", ".scenario.json": "scenario", ".json": "event"}


def validators(folder):
    """The validators by kind of file. The schemas refer to each other by file name."""
    schemas = {file.name: json.loads(file.read_text()) for file in folder.glob("*.schema.json")}
    for schema in schemas.values():
        jsonschema.Draft7Validator.check_schema(schema)
    draft = referencing.jsonschema.DRAFT7
    registry = referencing.Registry().with_resources(
        (name, draft.create_resource(schema)) for name, schema in schemas.items())
    return {
        kind: jsonschema.Draft7Validator({"$ref": f"{kind}.schema.json"}, registry=registry)
        for kind in ENDINGS.values()
    }


def kind_of(file):
    return next(kind for ending, kind in ENDINGS.items() if f"/{file.name}".endswith(ending))


def main(schemas, cases, *folders):
    known = validators(pathlib.Path(schemas))
    problems = []
    count = 0
    for folder in folders:
        for file in sorted(pathlib.Path(folder).rglob("*.json")):
            count += 1
            error = jsonschema.exceptions.best_match(known[kind_of(file)].iter_errors(json.loads(file.read_text())))
            if error:
                problems.append(f"{file}#/{'/'.join(map(str, error.absolute_path))}: {error.message}")
    for wanted, listed in json.loads(pathlib.Path(cases).read_text()).items():
        for case in listed:
            count += 1
            if known[case["file"]].is_valid(case["content"]) == (wanted == "refused"):
                problems.append(f"{cases}, {wanted}: {json.dumps(case)}")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{count} fixtures checked against the schemas, {len(problems)} problems")
    return 4 if problems else 0


sys.exit(main(*sys.argv[1:]))
