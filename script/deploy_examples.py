"""Checks the deployment examples against the schemas of their platforms.

usage: deploy_examples.py FOLDER SETTING…

FOLDER is functions/deploy; the SETTINGs are the environment variables that the functions read. Prints a line for each
example. Exit code 4: at least one is wrong.
"""

import json
import pathlib
import sys

import googleapiclient
import jsonschema
import kubernetes_validate
import yaml

# Intrinsic functions of CloudFormation are left to cfn-lint.
yaml.SafeLoader.add_multi_constructor("!", lambda loader, suffix, node: None)


class Wrong(Exception):
    pass


def read_json(file):
    def once(members):
        names = [name for name, _ in members]
        if len(set(names)) < len(names):
            raise Wrong(f"duplicate name among {', '.join(names)}")
        return dict(members)

    return json.loads(file.read_text(), object_pairs_hook=once)


def cloud_run_schema():
    """Cloud Run's Service from its API description, as a JSON schema that refuses unknown members.

    https://developers.google.com/discovery/v1/reference/apis
    """
    folder = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache/documents"
    document = json.loads((folder / "run.v1.json").read_text())

    def strict(node):
        if isinstance(node, list):
            return [strict(each) for each in node]
        if not isinstance(node, dict):
            return node
        node = {name: strict(value) for name, value in node.items()}
        if isinstance(node.get("$ref"), str):
            return {"$ref": "#/schemas/" + node["$ref"]}
        if node.get("type") == "object":
            node.setdefault("additionalProperties", False)
        return node

    return {"$ref": "#/schemas/Service", "schemas": strict(document["schemas"])}


def check_cloud_run(service):
    jsonschema.validate(service, cloud_run_schema())


def check_knative(service):
    """A revision is a pod with two more fields (https://knative.dev/docs/serving/reference/serving-api/)."""
    if (service["apiVersion"], service["kind"]) != ("serving.knative.dev/v1", "Service"):
        raise Wrong(f"{service['apiVersion']} {service['kind']} is not a Knative Service")
    spec = dict(service["spec"]["template"]["spec"])
    for own in ("containerConcurrency", "timeoutSeconds"):
        if not isinstance(spec.pop(own, 0), int):
            raise Wrong(f"{own} is not an integer")
    kubernetes_validate.validate(
        {"apiVersion": "v1", "kind": "Pod", "metadata": service["metadata"], "spec": spec}, "1.32", strict=True)


def check_kubernetes(object):
    kubernetes_validate.validate(object, "1.32", strict=True)


def settings_within(node):
    """The names of environment variables: `env` of containers, OpenFaaS' `environment`, and SAM's `Variables`."""
    if isinstance(node, list):
        for each in node:
            yield from settings_within(each)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "env":
                yield from (variable["name"] for variable in value)
            elif name in ("environment", "Variables"):
                yield from value
            else:
                yield from settings_within(value)


CHECKS = {"cloud-run": check_cloud_run, "knative": check_knative, "kubernetes": check_kubernetes}


def check(file, platform, known):
    contents = [read_json(file)] if file.suffix == ".json" else list(yaml.safe_load_all(file.read_text()))
    unknown = sorted(set(settings_within(contents)) - known)
    if unknown:
        raise Wrong(f"no function has the setting {', '.join(unknown)}")
    if platform in CHECKS:
        for content in contents:
            CHECKS[platform](content)


def main(folder, *settings):
    folder = pathlib.Path(folder)
    wrong = 0
    for file in sorted(each for each in folder.rglob("*") if each.suffix in (".json", ".yaml", ".yml")):
        name = file.relative_to(folder)
        try:
            check(file, name.parts[0], set(settings))
            print(f"{name}: fine")
        except Exception as error:
            wrong += 1
            print(f"{name}: {getattr(error, 'message', error) or repr(error)}", file=sys.stderr)
    return 4 if wrong else 0


sys.exit(main(*sys.argv[1:]))
