"""Checks the properties of Custom::SSMContact with ssm-contact.schema.json.

An address of a channel is personal data. So a message contains no value that stands in Channels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import regex
from cfnlint.helpers import FUNCTIONS, REGEX_DYN_REF
from cfnlint.jsonschema import CfnTemplateValidator, ValidationError, Validator
from cfnlint.rules.jsonschema import CfnLintJsonSchema

SCHEMA = Path(__file__).resolve().parent.parent / "ssm-contact.schema.json"

Schema = dict[str, Any]
Errors = Iterator[ValidationError]
Steps = list[str | int]
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
# Names of the native types and of Terraform, with the names that they mean here.
OTHER_TOOLS = {
    "channelname": ("ContactChannelName", "Name"),
    "channeltype": ("Type",),
    "channeladdress": ("DeliveryAddress",),
    "channelid": ("ContactChannelId",),
    "simpleaddress": ("DeliveryAddress",),
    "stage": ("Stages",),
    "target": ("Targets",),
}
# A function, or a value that is not in the template.
UNKNOWN = object()
ADDRESS = re.compile(r"\d{5}")
TARGET_NAMES = ["Plan", "Stages", "*", "Targets", "*", "ChannelTargetInfo", "ContactChannelName"]


def where(validator: Validator) -> str:
    """Returns the path of the property in the form of the function's answers."""
    steps = list(validator.context.path.path)
    return dotted(steps[steps.index("Properties") + 1 :])


def dotted(steps: Steps) -> str:
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


def is_in_channels(path: str) -> bool:
    return re.match(r"Channels\b", path) is not None


def may_be_address(path: str, instance: Any) -> bool:
    """Returns whether an invalid value may be the address of a channel."""
    if path.endswith(".ContactChannelId"):
        text = str(instance)
        return not text.startswith("arn:") and re.search(r"[@\d]", text) is not None
    return is_in_channels(path) or path.endswith(".ContactChannelName")


def found(path: str, instance: Any) -> str:
    """Returns an invalid value in the form of the function's answers."""
    if isinstance(instance, dict | list) or may_be_address(path, instance):
        return ""
    if isinstance(instance, str) and len(instance) > SHOWN_MAX:
        instance = instance[:SHOWN_MAX] + "…"
    return f", not {json.dumps(instance, ensure_ascii=False)}"


def telling(keyword: Keyword) -> Keyword:
    """Returns the keyword with messages that contain the errorMessage of the schema."""

    def told(validator: Validator, value: Any, instance: Any, schema: Schema) -> Errors:
        path = where(validator)
        if path == "Plan.Stages" and has_rotations(instance):
            return
        for error in keyword(validator, value, instance, schema) or ():
            # cfn-lint checks keywords that depend on conditions separately, so `schema` may not
            # have the errorMessage.
            if allowed := validator.schema.get("errorMessage"):
                error.message = f"{path} {allowed}{found(path, instance)}"
            yield error

    return told


def nearest(name: str, known: Iterable[str], cutoff: float) -> str | None:
    known = {known.lower(): known for known in known}
    found = get_close_matches(name.lower(), known, n=1, cutoff=cutoff)
    return known[found[0]] if found else None


def has_rotations(stages: Any) -> bool:
    """Returns whether rotations stand in a stage, as in the native type. That is one mistake."""
    stages = stages if isinstance(stages, list) else []
    return any(isinstance(stage, dict) and "RotationIds" in stage for stage in stages)


def meaning(name: str, known: Iterable[str]) -> str | None:
    """Returns the name that an unknown one means."""
    folded = re.sub("[_ -]", "", name.lower())
    known = list(known)
    others = (meant for meant in OTHER_TOOLS.get(folded, ()) if meant in known)
    return next(others, None) or nearest(folded, known, cutoff=0.6)


def meant(instance: dict[Any, Any], schema: Schema) -> set[str | None]:
    """Returns the names that unknown members mean. They are not missing, too."""
    known = schema.get("properties", {})
    unknown = [str(name) for name in instance if str(name) not in known]
    if "RotationIds" in unknown and "DurationInMinutes" in known:
        return set(known)
    return {meaning(name, known) for name in unknown}


def additional_properties(validator: Validator, value: Any, instance: Any, schema: Schema) -> Errors:
    path, known = where(validator), ", ".join(schema["properties"])
    # YAML takes a name such as +1… for a number, which cfn-lint does not allow for.
    names = {str(name): name for name in instance} if isinstance(instance, dict) else {}
    if any(not isinstance(name, str) for name in names.values()):
        instance = {name: instance[given] for name, given in names.items()}
    for error in KEYWORDS["additionalProperties"](validator, value, instance, schema) or ():
        name = str(error.path.pop())
        # A name that is not made of letters may be an address that stands in the wrong place.
        is_shown = name.isascii() and name.isalpha() and "DeliveryAddress" not in path
        if is_in_channels(path) and not is_shown:
            error.message = f"{path} has an unknown member; it may have {known}"
        else:
            guess = meaning(name, schema["properties"])
            if name == "RotationIds" and "DurationInMinutes" in known:
                guess = "Plan.RotationIds"
            hint = f"; did you mean {guess}?" if guess else f", not one of {known}"
            error.message = f"{member(validator, name)} is unknown{hint}"
            error.path.append(names[name])
        yield error


def required(validator: Validator, names: list[str], instance: Any, _: Schema) -> Errors:
    for name in names if isinstance(instance, dict) else ():
        # cfn-lint itself reports a missing ServiceToken (E3003).
        if name in instance or name == "ServiceToken":
            continue
        if name not in meant(instance, validator.schema):
            yield ValidationError(f"{member(validator, name)} is required")


def exactly_one(validator: Validator, names: list[str], instance: Any, _: Schema) -> Errors:
    if isinstance(instance, dict):
        given = set(names).intersection({*instance, *meant(instance, validator.schema)})
        if len(given) != 1:
            message = f"{where(validator)} must have exactly one of {' and '.join(names)}"
            yield ValidationError(message)


def unique_keys(validator: Validator, keys: Any, instance: Any, schema: Schema) -> Errors:
    if keys == ["Name"]:
        yield from unique_names(where(validator), instance)
        return
    for error in KEYWORDS["uniqueKeys"](validator, keys, instance, schema) or ():
        error.message = f"{where(validator)} may have each key only once"
        yield error


def unique_names(path: str, channels: Any) -> Errors:
    """Finds channels of one list that have the same Name."""
    names = set()
    for index, channel in enumerate(channels if isinstance(channels, list) else []):
        name = text_of(channel.get("Name")) if isinstance(channel, dict) else UNKNOWN
        if name is not UNKNOWN and name in names:
            message = f"{path}[{index}].Name repeats the Name of another channel of the list"
            yield ValidationError(message, path=[index, "Name"])
        names.add(name)


def ignored(_: Validator, __: Any, ___: Any, ____: Schema) -> Errors:
    """Finds nothing. The schema has requiredXor beside oneOf, and cfn-lint follows conditions only
    in the former."""
    yield from ()


def text_of(value: Any) -> Any:
    """Returns the text of a literal value, as CloudFormation sends it."""
    match value:
        case bool() | int() | float():
            return json.dumps(value)
        case str() if not REGEX_DYN_REF.search(value):
            return value
        case _:
            return UNKNOWN


def is_function(value: Any) -> bool:
    return isinstance(value, dict) and any(
        name == "Ref" or str(name).startswith("Fn::") for name in value
    )


def branches(value: Any, path: Steps) -> Iterator[tuple[Any, Steps]]:
    """Yields the values that a value has under its conditions, with their paths. For a function
    other than Fn::If, yields UNKNOWN."""
    match value:
        case {"Fn::If": [_, one, other]}:
            yield from branches(one, [*path, "Fn::If", 1])
            yield from branches(other, [*path, "Fn::If", 2])
        case {"Ref": "AWS::NoValue"}:
            pass
        case dict() if is_function(value):
            yield UNKNOWN, path
        case _:
            yield value, path


def descend(value: Any, path: Steps, steps: list[str]) -> Iterator[tuple[Any, Steps]]:
    """Yields what stands at the end of the steps, under every condition. The step `*` leads to
    each item of a list."""
    for found, path in branches(value, path):
        match steps, found:
            case [], _:
                yield found, path
            case _, found if found is UNKNOWN:
                yield UNKNOWN, path
            case ["*", *rest], list():
                for index, item in enumerate(found):
                    yield from descend(item, [*path, index], rest)
            case [step, *rest], dict():
                if step in found:
                    yield from descend(found[step], [*path, step], rest)


def names_of_channels(properties: Any, pattern: str) -> set[str] | None:
    """Returns the Names of the channels, or None if the template does not contain them all, or one
    is not valid."""
    if any(not isinstance(channels, list) for channels, _ in descend(properties, [], ["Channels"])):
        return None
    channels = [channel for channel, _ in descend(properties, [], ["Channels", "*"])]
    if any(not isinstance(channel, dict) or "Name" not in channel for channel in channels):
        return None
    names = {text_of(name) for name, _ in descend(properties, [], ["Channels", "*", "Name"])}
    are_valid = all(name is not UNKNOWN and regex.search(pattern, name) for name in names)
    return names if are_valid else None


def named_channels(properties: Any, pattern: str) -> Errors:
    """Finds targets that name a channel which is not in the list."""
    known = names_of_channels(properties, pattern)
    if known is None:
        return
    for target, path in descend(properties, [], TARGET_NAMES):
        name = text_of(target)
        if name is not UNKNOWN and name not in known:
            guess = nearest(name, known, cutoff=0) or ""
            # A phone number without its plus is a valid Name.
            hint = f"; did you mean {guess}?" if guess and not ADDRESS.search(guess) else ""
            message = f"{dotted(path)} must be the Name of one of Channels{hint}"
            yield ValidationError(message, path=path)


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
            "oneOf": ignored,
            "required": required,
            "requiredXor": exactly_one,
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
        pattern = self._schema["definitions"]["channel"]["properties"]["Name"]["pattern"]
        for error in named_channels(instance, pattern):
            error.rule = self
            yield error
