"""Checks that the attributes of a Custom::SSMContact are ones that the function returns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cfnlint.helpers import REGEX_SUB_PARAMETERS
from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

ATTRIBUTES = ("ContactArn", "Arn", "Alias", "Type")


def referenced(function: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yields each resource and attribute in the value of an intrinsic function."""
    match function, value:
        case "Fn::GetAtt", [str(resource), str(attribute)]:
            yield resource, attribute
        case "Fn::GetAtt", str(both) if "." in both:
            resource, _, attribute = both.partition(".")
            yield resource, attribute
        case "Fn::Sub", str(text):
            yield from in_text(text, {})
        case "Fn::Sub", [str(text), dict(variables)]:
            yield from in_text(text, variables)


def in_text(text: str, variables: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in REGEX_SUB_PARAMETERS.findall(text):
        resource, dot, attribute = name.partition(".")
        if dot and name not in variables:
            yield resource, attribute


class SsmContactAttributes(CloudFormationLintRule):
    """cfn-lint itself allows any attribute of a custom resource."""

    id = "E9702"
    shortdesc = "Attributes of a contact exist"
    description = "Fn::GetAtt of a Custom::SSMContact names an attribute that the function returns"
    tags = ["functions", "getatt", "ssm-contacts"]

    def match(self, cfn: Template) -> list[RuleMatch]:
        contacts = cfn.get_resources("Custom::SSMContact")
        matches = []
        for function in ("Fn::GetAtt", "Fn::Sub"):
            for *path, value in cfn.search_deep_keys(function):
                for resource, attribute in referenced(function, value):
                    if resource in contacts and attribute not in ATTRIBUTES:
                        allowed = ", ".join(ATTRIBUTES)
                        message = f"{resource} has no attribute {attribute}, only {allowed}"
                        matches.append(RuleMatch(path, message))
        return matches
