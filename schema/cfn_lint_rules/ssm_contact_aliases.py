"""Checks that no two contacts of a template have the same alias."""

from __future__ import annotations

import json

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template


class SsmContactAliases(CloudFormationLintRule):
    """An alias is unique in an account and Region, so the second of two contacts is refused."""

    id = "E9703"
    shortdesc = "Aliases of contacts are unique"
    description = "Two resources of the type Custom::SSMContact do not have the same alias"
    tags = ["resources", "ssm-contacts"]

    def match(self, cfn: Template) -> list[RuleMatch]:
        seen: dict[str, list[tuple[str, str | None]]] = {}
        matches = []
        for name, resource in cfn.get_resources("Custom::SSMContact").items():
            properties, condition = resource.get("Properties"), resource.get("Condition")
            alias = properties.get("Alias") if isinstance(properties, dict) else None
            if not isinstance(alias, str | int):
                continue
            text = alias if isinstance(alias, str) else json.dumps(alias)
            for other, its_condition in seen.setdefault(text, []):
                # Of two conditions, only one may be true at a time.
                if None in (condition, its_condition) or condition == its_condition:
                    message = f"Alias is that of the resource {other}, too; an alias is unique"
                    matches.append(RuleMatch(["Resources", name, "Properties", "Alias"], message))
                    break
            seen[text].append((name, condition))
        return matches
