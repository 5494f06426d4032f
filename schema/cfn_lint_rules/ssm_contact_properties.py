"""Checks the properties of Custom::SSMContact with ssm-contact.schema.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cfnlint.helpers import FUNCTIONS
from cfnlint.jsonschema import CfnTemplateValidator, ValidationError, Validator
from cfnlint.rules.jsonschema import CfnLintJsonSchema

SCHEMA = Path(__file__).resolve().parent.parent / "ssm-contact.schema.json"

Schema = dict[str, Any]
Errors = Iterator[ValidationError]
Keyword = Callable[[Validator, Any, Any, Schema], Iterable[ValidationError] | None]

KEYWORDS: dict[str, Keyword] = CfnTemplateValidator({}).validators
SHOWN_MAX = 40
# If a schema has an errorMessage, errors of these keywords contain it. cfn-lint's own messages
# would contain regular expressions and types.
TOLD_BY_THE_SCHEMA = (
    "enum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minLength",
    "minProperties",
    "minimum",
    "not",
    "pattern",
    "type",
)


def where(validator: Validator) -> str:
    """Returns the path of the property in the form of the function's answers."""
    steps = list(validator.context.path.path)
    steps = steps[steps.index("Properties") + 1 :]
    path = ""
    in_function = False
    for step in steps:
        if in_function and isinstance(step, int):
            in_function = False
        elif step in FUNCTIONS:
            in_function = True
        elif isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}"
    return path.removeprefix(".")


def member(validator: Validator, name: str) -> str:
    return f"{where(validator)}.{name}".removeprefix(".")


def found(instance: Any) -> str:
    """Returns an invalid value in the form of the function's answers."""
    if isinstance(instance, dict | list):
        return ""
    if isinstance(instance, str) and len(instance) > SHOWN_MAX:
        instance = instance[:SHOWN_MAX] + "…"
    return f", not {json.dumps(instance, ensure_ascii=False)}"


def telling(keyword: Keyword) -> Keyword:
    """Returns the keyword with messages that contain the errorMessage of the schema."""

    def told(validator: Validator, value: Any, instance: Any, schema: Schema) -> Errors:
        for error in keyword(validator, value, instance, schema) or ():
            # cfn-lint checks keywords that depend on conditions separately, so `schema` may not
            # have the errorMessage.
            if allowed := validator.schema.get("errorMessage"):
                error.message = f"{where(validator)} {allowed}{found(instance)}"
            yield error

    return told


def additional_properties(validator: Validator, value: Any, instance: Any, schema: Schema) -> Errors:
    for error in KEYWORDS["additionalProperties"](validator, value, instance, schema) or ():
        name = str(error.path[-1])
        known = {known.lower(): known for known in schema["properties"]}
        nearest = [known[found] for found in get_close_matches(name.lower(), known, n=1)]
        hint = f"; did you mean {nearest[0]}?" if nearest else f", not one of {', '.join(known.values())}"
        error.message = f"{member(validator, name)} is unknown{hint}"
        yield error


def required(validator: Validator, names: list[str], instance: Any, _: Schema) -> Errors:
    for name in names:
        # cfn-lint itself reports a missing ServiceToken (E3003).
        if isinstance(instance, dict) and name not in instance and name != "ServiceToken":
            yield ValidationError(f"{member(validator, name)} is required")


def unique_keys(validator: Validator, keys: Any, instance: Any, schema: Schema) -> Errors:
    for error in KEYWORDS["uniqueKeys"](validator, keys, instance, schema) or ():
        error.message = f"{where(validator)} may have each key only once"
        yield error


class SsmContactProperties(CfnLintJsonSchema):
    """Finds properties that the function would refuse when the stack is deployed."""

    id = "E9701"
    shortdesc = "Properties of a contact are as the resource allows"
    description = "Custom::SSMContact refuses other properties when the stack is deployed"
    tags = ["resources", "ssm-contacts"]

    def __init__(self) -> None:
        super().__init__(keywords=["Resources/Custom::SSMContact/Properties"], all_matches=True)
        self._schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        self.validators = {
            **{name: telling(KEYWORDS[name]) for name in TOLD_BY_THE_SCHEMA},
            "additionalProperties": additional_properties,
            "required": required,
            "uniqueKeys": unique_keys,
        }

    def validate(self, validator: Validator, _: Any, instance: Any, schema: Any) -> Errors:
        # Unlike the base class, check the values inside conditions and those of parameters.
        ours = self.extend_validator(
            validator.evolve(
                function_filter=validator.function_filter.evolve(add_cfn_lint_keyword=False)
            ),
            self._schema,
            validator.context.evolve(unresolvable_function_mode=False),
        )
        yield from self._iter_errors(ours, instance)
