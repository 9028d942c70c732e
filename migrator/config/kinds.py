"""The kinds of values a setting takes: how each is checked, and what the JSON Schema says of it.

A check raises `wrong(…)`, whose words go on after the setting's name. It never repeats a URL.
"""

from __future__ import annotations

import difflib
import math
import string
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from migrator.config import choices, secrets, templates
from migrator.config.targets import RESERVED
from migrator.environment import PLACEHOLDERS
from migrator.model.findings import RESOLUTION_MEANING, Resolution
from migrator.model.options import Naming
from migrator.model.rules import Scalar
from migrator.model.types import MAX_DECIMAL_PRECISION, Kind, LogicalType

WRONG = "wrong"
"""The type of the errors made here."""

NAMING_MEANING = {
    Naming.KEEP: "Names stay as they are. The default.",
    Naming.LOWER: "Names become lower case.",
    Naming.SNAKE: "Names become lower case with underscores between words.",
}

E = TypeVar("E", bound=StrEnum)


def wrong(says: str, hint: str = "") -> PydanticCustomError:
    """A mistake: what is said about the setting after its name, and what to do."""
    return PydanticCustomError(WRONG, "{says}", {"says": says, "hint": hint})


def near(word: str, known: Iterable[str]) -> str:
    """The hint for a word that is none of the known ones; empty where nothing is near."""
    names = {name.lower(): str(name) for name in known}
    found = difflib.get_close_matches(word.lower(), names, 1)
    return f"Did you mean {names[found[0]]!r}?" if found else ""


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise wrong("must be text", "Write it in quotes.")
    return given


# One of several words


def _one_of(kind: type[E], allowed: tuple[E, ...]) -> PlainValidator:
    def check(given: Any) -> E:
        if given in allowed:
            return kind(given)
        raise wrong(f"must be one of {', '.join(allowed)}", near(given, allowed) if isinstance(given, str) else "")

    return PlainValidator(check)


def _words(allowed: tuple[E, ...], meaning: dict[E, str]) -> WithJsonSchema:
    """`enumValues` is how the TOML language server taplo learns what each word means."""
    said = [meaning[each] for each in allowed]
    return WithJsonSchema(
        {"type": "string", "enum": [str(each) for each in allowed], "x-taplo": {"docs": {"enumValues": said}}}
    )


Names = Annotated[Naming, _one_of(Naming, tuple(Naming)), _words(tuple(Naming), NAMING_MEANING)]
OnInvalid = Annotated[
    Resolution,
    _one_of(Resolution, choices.VALUE_RESOLUTIONS),
    _words(choices.VALUE_RESOLUTIONS, RESOLUTION_MEANING),
]
OnOrphans = Annotated[
    Resolution,
    _one_of(Resolution, choices.ORPHAN_RESOLUTIONS),
    _words(choices.ORPHAN_RESOLUTIONS, RESOLUTION_MEANING),
]
OnCheck = Annotated[
    Resolution,
    _one_of(Resolution, choices.CHECK_RESOLUTIONS),
    _words(choices.CHECK_RESOLUTIONS, RESOLUTION_MEANING),
]
OnDuplicates = Annotated[
    Resolution,
    _one_of(Resolution, choices.DUPLICATE_RESOLUTIONS),
    _words(choices.DUPLICATE_RESOLUTIONS, RESOLUTION_MEANING),
]


# Types and values

_PLAIN_KINDS = "|".join(kind for kind in Kind if kind is not Kind.DECIMAL)
_DIGITS = "|".join(map(str, range(1, MAX_DECIMAL_PRECISION + 1)))
_TYPE_PATTERN = rf"^\s*({_PLAIN_KINDS}|text\([0-9]+\)|decimal\(({_DIGITS}), *[0-9]+\))\s*$"


def _logical_type(given: Any) -> LogicalType:
    spelling = _text(given)
    try:
        return LogicalType.parse(spelling)
    except ValueError as error:
        raise wrong(f"cannot be read: {error}", near(spelling.partition("(")[0], Kind)) from error


Type = Annotated[
    LogicalType,
    PlainValidator(_logical_type),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _TYPE_PATTERN,
            "examples": [*(kind for kind in Kind if kind is not Kind.DECIMAL), "text(150)", "decimal(18,4)"],
        }
    ),
]

_INT64 = range(-(2**63), 2**63)
_SCALAR_TYPES = ("string", "number", "boolean")


def _scalar(given: Any) -> Any:
    if type(given) not in (bool, int, float, str):
        raise wrong("must be text, a number, or true or false", "Write dates and times as text, in quotes.")
    if (type(given) is int and given not in _INT64) or (type(given) is float and not math.isfinite(given)):
        raise wrong("must be a finite number of at most 64 bits", "Write it as text, in quotes.")
    return given


Value = Annotated[
    Scalar,
    PlainValidator(_scalar),
    WithJsonSchema({"anyOf": [{"type": each} for each in _SCALAR_TYPES]}),
]


# Text


def _some_text(given: str) -> str:
    if not given.strip():
        raise wrong("must not be empty", "Leave the key out.")
    return given


Text = Annotated[str, AfterValidator(_some_text), Field(json_schema_extra={"pattern": r"\S"})]


_NAME_PATTERN = r"[^\s\d.:/-][^\s.:/-]*"
"""What a Python name looks like, roughly; letters of every script count."""


def _identifier(given: str) -> str:
    if not given.isidentifier():
        raise wrong("must be a Python name")
    return given


Identifier = Annotated[
    str, AfterValidator(_identifier), Field(json_schema_extra={"pattern": f"^{_NAME_PATTERN}$"})
]


def _module(given: str) -> str:
    if not all(part.isidentifier() for part in given.split(".")):
        raise wrong("must be a Python module", 'Write package.module, or name a file with file = "models.py".')
    return given


Module = Annotated[
    str,
    AfterValidator(_module),
    Field(json_schema_extra={"pattern": rf"^{_NAME_PATTERN}(\.{_NAME_PATTERN})*$"}),
]


# Files. The folder of the configuration file is the validation's context.


def _existing(given: str, info: ValidationInfo) -> Path:
    assert isinstance(info.context, Path)
    path = info.context / Path(given).expanduser()
    if not path.is_file():
        raise wrong(f"names a file that does not exist: {path}", "Paths are relative to the configuration file.")
    return path


ExistingFile = Annotated[
    Path,
    PlainValidator(lambda given, info: _existing(_text(given), info)),
    WithJsonSchema({"type": "string", "pattern": r"\S"}),
]


def _transform(given: Any, info: ValidationInfo) -> tuple[Path, str]:
    file, separator, function = _text(given).rpartition(":")
    if not separator or not file or not function.isidentifier():
        raise wrong("must be FILE:FUNCTION", 'Write for example "transforms.py:clean_users".')
    return _existing(file, info), function


Transform = Annotated[
    tuple[Path, str],
    PlainValidator(_transform),
    WithJsonSchema({"type": "string", "pattern": rf"^.+:{_NAME_PATTERN}$"}),
]


# Sources, targets and the environment

_PASSWORDS = [{"pattern": secrets.PASSWORD_PATTERN}, {"pattern": secrets.QUERY_PATTERN}]
_NO_PASSWORD = {"not": {"anyOf": _PASSWORDS}}


def refuse_password(given: str) -> str:
    """Refuse text with a password that is written out."""
    if secrets.holds_password(given):
        raise wrong(
            "holds a password, which belongs into no file that is committed",
            "Write ${NAME} in its place, in the url of a [targets.*], and set NAME in the environment or in .env.",
        )
    return given


def _source(given: str) -> str:
    if secrets.holds_password(given):
        raise wrong("holds a password, which belongs into no file that is committed", "Take it out.")
    return _some_text(given)


SourceUrl = Annotated[str, AfterValidator(_source), Field(json_schema_extra={"pattern": r"\S", **_NO_PASSWORD})]


def _source_name(given: str) -> str:
    if not given or any(character in given for character in "./\\:"):
        raise wrong(
            "cannot be the name of a source, which has none of . / \\ :",
            'A dot would make "source.table" ambiguous.',
        )
    return given


SourceName = Annotated[str, AfterValidator(_source_name), Field(json_schema_extra={"pattern": r"^[^./\\:]+$"})]


def _target_name(given: str) -> str:
    if given in RESERVED:
        raise wrong("is a target by itself and cannot be the name of another one", "Give it another name.")
    if not given or "/" in given or ":" in given:
        raise wrong("cannot be the name of a target, which has none of / :", "Give it another name.")
    return given


TargetName = Annotated[
    str,
    AfterValidator(_target_name),
    Field(json_schema_extra={"pattern": "^[^/:]+$", "not": {"enum": list(RESERVED)}}),
]


def _template(given: str) -> str:
    refuse_password(given)
    try:
        templates.check(given)
    except templates.Malformed as problem:
        raise wrong(str(problem), "Write postgresql://${PG_USER}:${PG_PASSWORD}@host/database.") from problem
    return given


TargetUrl = Annotated[
    str,
    AfterValidator(_template),
    Field(json_schema_extra={"pattern": rf"^(\$\{{{secrets.NAME}\}}|[^/?#]+://.*)$", **_NO_PASSWORD}),
]
Target = Annotated[
    str,
    AfterValidator(_some_text),
    Field(json_schema_extra={"pattern": r"\S", "not": {"anyOf": [*_PASSWORDS, {"pattern": r"\$\{"}]}}),
]


def _environment_name(given: str) -> str:
    if not templates.names_in(f"${{{given}}}"):
        raise wrong(
            "cannot be a name in the environment", "Use letters, digits and _, not beginning with a digit."
        )
    return given


EnvironmentName = Annotated[
    str, AfterValidator(_environment_name), Field(json_schema_extra={"pattern": f"^{secrets.NAME}$"})
]


def _placeholders(given: str) -> str:
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(given) if field is not None]
    except ValueError as error:
        raise wrong("has a brace without its other half", "Write {{ and }} for braces themselves.") from error
    for field in fields:
        if field not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise wrong(
                f"has {{{field}}}, which is nothing known", near(field, PLACEHOLDERS) or f"Known are {known}."
            )
    return refuse_password(given)


_PLACEHOLDER = rf"\{{({'|'.join(PLACEHOLDERS)})\}}"
Template = Annotated[
    str,
    AfterValidator(_placeholders),
    Field(json_schema_extra={"pattern": rf"^([^{{}}]|\{{\{{|\}}\}}|{_PLACEHOLDER})*$", **_NO_PASSWORD}),
]
