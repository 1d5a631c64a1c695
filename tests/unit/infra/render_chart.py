"""Renders the chart as Helm does, and checks each object against the schemas of Kubernetes; in its own environment.

    python render_chart.py FOLDER < values.json > objects.json

Ends with 1 and says on standard error what Helm or a schema does not take.
"""

import json
import sys

import helm_python
import kubernetes_validate
import yaml

VERSIONS = ("1.27", "1.36")
BUILT_IN = {"v1", "apps/v1", "policy/v1", "networking.k8s.io/v1"}


def main(folder: str) -> None:
    found = helm_python.lint(folder)
    if found["errors"] or any(message["severity"] > 1 for message in found["messages"]):
        sys.exit(json.dumps(found))
    with helm_python.Chart.load(folder) as chart:
        try:
            rendered = chart.render(json.load(sys.stdin), name="helpdesk-bot", namespace="prod")
        except helm_python.HelmError as error:
            sys.exit(str(error))
    objects = [
        one
        for name, text in rendered.items()
        if name.endswith(".yaml")
        for one in yaml.safe_load_all(text)
        if one is not None
    ]
    for one in objects:
        for version in VERSIONS:
            if one["apiVersion"] in BUILT_IN:
                kubernetes_validate.validate(one, version, strict=True)
    json.dump(objects, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
