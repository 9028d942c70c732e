"""Plans, results and run lists as JSON, and plans back from it.

What `--json` prints, `plan -o` saves, `run --plan` reads and the HTML report is made of. It must never
accept a plan it does not understand completely: a key too many or too few is an error that names its place.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, Literal, NoReturn, get_args, get_origin, overload

from cattrs import BaseValidationError, Converter, transform_error
from cattrs.gen import make_dict_structure_fn

from migrator.errors import ConfigurationError, MigratorError
from migrator.model.plan import (
    PLAN_VERSION,
    CheckPlan,
    ColumnPlan,
    Exclusion,
    ForeignKeyPlan,
    KeyPlan,
    Plan,
    TablePlan,
)
from migrator.model.profile import KeyValue
from migrator.model.result import RunResult, RunStatus, Status
from migrator.model.rules import Scalar
from migrator.model.types import LogicalType
from migrator.report.words import run_verdict

_SURROGATE = re.compile("[\ud800-\udfff]")
_HINT = "Make the plan again with `migrator plan … -o FILE`, or undo the change that was made to the file."
_SHOWN = 5
"""How many faults of a plan one message names."""

_ADDED: dict[type, frozenset[str]] = {
    ColumnPlan: frozenset({"collation", "hazards"}),
    CheckPlan: frozenset({"typed"}),
    KeyPlan: frozenset({"clustered"}),
    Exclusion: frozenset({"comparison"}),
    ForeignKeyPlan: frozenset({"comparison"}),
}
"""Keys that plans of this version did not have at first; without them their defaults hold, as they did then."""

Json = dict[str, Any]


@overload
def to_data(obj: Plan | RunResult | MigratorError) -> Json: ...
@overload
def to_data(obj: Sequence[RunStatus]) -> list[Json]: ...
def to_data(obj: Plan | RunResult | MigratorError | Sequence[RunStatus]) -> Json | list[Json]:
    """The object as dicts, lists, strings, numbers, booleans and None only.

    A result carries its `verdict` as a sentence, `rows`, `verified` (it succeeded, and all of it is proven),
    and instead of its table plans the `types` of every table. An error becomes `error`, `kind`, `where` and
    `hint`.
    """
    if isinstance(obj, RunResult):
        return _result(obj)
    if isinstance(obj, MigratorError):
        return {"error": obj.what, "kind": type(obj).__name__, "where": obj.where, "hint": obj.hint}
    data: Json | list[Json] = _converter.unstructure(obj)
    return data


def dumps(obj: Plan | RunResult | MigratorError | Sequence[RunStatus]) -> str:
    """Exactly one JSON document with a final newline, the same for equal objects, fit for UTF-8."""
    text = json.dumps(to_data(obj), ensure_ascii=False, allow_nan=False, indent=2)
    # Lone surrogates cannot be encoded in UTF-8; as an escape JSON allows them (RFC 8259, section 8.2).
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def loads_plan(text: str, origin: str = "the plan") -> Plan:
    """The plan that `dumps` wrote. `origin` is what errors call it, such as its path.

    Raises:
        ConfigurationError: It is no JSON, of another version, or holds a key or value that is wrong, missing
            or unknown; the message names the JSON path of each.
    """
    data = _parse(text, origin)
    _check_version(data, origin)
    try:
        return _converter.structure(data, Plan)
    except (BaseValidationError, ValueError) as error:
        faults = transform_error(error, format_exception=lambda cause, _type: str(cause.args[0]))
    raise _refusal(faults, origin)


def _parse(text: str, origin: str) -> Json:
    try:
        data = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"The plan is not valid JSON: {error}.", where=origin, hint=_HINT) from None
    if not isinstance(data, dict):
        raise ConfigurationError("The plan is not a JSON object.", where=f"{origin}, $", hint=_HINT)
    return data


def _no_duplicates(pairs: list[tuple[str, object]]) -> Json:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(n for n in names if names.count(n) > 1)!r} stands twice in one object")
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_version(data: Json, origin: str) -> None:
    version = data.get("version")
    if type(version) is int and version == PLAN_VERSION:
        return
    said = "has no version" if version is None else f"is of version {version!r}"
    raise ConfigurationError(
        f"The plan {said}, and this tool runs version {PLAN_VERSION}.",
        where=f"{origin}, $.version",
        hint="Make the plan again with this version of the tool: `migrator plan … -o FILE`.",
    )


def _refusal(faults: list[str], origin: str) -> ConfigurationError:
    """The error for the faults, each `"what @ JSON path"`."""
    split = [fault.rpartition(" @ ") for fault in faults]
    lines = [f"{path}: {what}" for what, _, path in split[:_SHOWN]]
    more = [f"… and {len(split) - _SHOWN} more"] if len(split) > _SHOWN else []
    return ConfigurationError(
        "The plan cannot be used: " + "; ".join(lines + more) + ".",
        where=f"{origin}, {split[0][2]}",
        hint=_HINT,
    )


def _result(result: RunResult) -> Json:
    data: Json = _converter.unstructure(result)
    del data["plans"]
    return {
        "run_id": data.pop("run_id"),
        "status": data.pop("status"),
        "verdict": run_verdict(result),
        "verified": result.status is Status.SUCCEEDED and result.verified,
        "rows": result.rows,
        **data,
        "types": [_types(table) for table in result.plans],
    }


def _types(table: TablePlan) -> Json:
    columns = [
        {
            "column": column.target,
            "source": column.source,
            "expected": None if column.expected is None else str(column.expected),
            "chosen": str(column.type),
            "nullable": column.nullable,
            "why": column.why,
        }
        for column in table.columns
    ]
    return {"database": table.database, "source": table.source, "target": table.name, "columns": columns}


def _make_converter() -> Converter:
    converter = Converter(unstruct_collection_overrides={tuple: list})
    tuples = converter.get_structure_hook(tuple[str, ...])
    converter.register_structure_hook_func(_is_tuple, lambda value, cls: tuples(_strict(list)(value, cls), cls))
    converter.register_structure_hook_factory(is_dataclass, lambda cls: _exact(cls, converter))
    for scalar in (str, int, bool):
        converter.register_structure_hook(scalar, _strict(scalar))
    converter.register_structure_hook(StrEnum, _enum_member)
    converter.register_structure_hook_func(_is_literal, _literal_member)
    converter.register_structure_hook_func(lambda cls: cls == KeyValue, lambda value, _: _key_value(value))
    converter.register_structure_hook_func(lambda cls: cls == Scalar, lambda value, _: _scalar(value))
    converter.register_structure_hook_func(
        lambda cls: cls == Scalar | None, lambda value, _: None if value is None else _scalar(value)
    )
    converter.register_structure_hook(float, lambda value, _: _float_from_json(value))
    converter.register_unstructure_hook(float, _float_to_json)
    converter.register_structure_hook(LogicalType, lambda value, _: LogicalType.parse(_strict(str)(value, str)))
    converter.register_unstructure_hook(LogicalType, str)
    return converter


def _is_tuple(cls: Any) -> bool:
    return get_origin(cls) is tuple


def _is_literal(cls: Any) -> bool:
    return get_origin(cls) is Literal


def _exact(cls: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """A dataclass from an object with exactly its fields as keys, those with defaults too, but for added ones."""
    names = [field.name for field in fields(cls)]
    added = _ADDED.get(cls, frozenset())
    structure = make_dict_structure_fn(cls, converter)

    def exact(value: Any, _: Any) -> Any:
        _strict(dict)(value, cls)
        missing = [f"lacks the key {name!r}" for name in names if name not in value and name not in added]
        unknown = [f"has the unknown key {name!r}" for name in value if name not in names]
        if missing or unknown:
            raise ValueError(", ".join(missing + unknown))
        return structure(value, cls)

    return exact


_JSON_NAME = {str: "a string", int: "an integer", bool: "true or false", list: "a list", dict: "an object"}


def _found(value: object) -> str:
    return "null" if value is None else _JSON_NAME.get(type(value), "a number")


def _strict(kind: type) -> Callable[[Any, object], Any]:
    """A hook that takes a value of exactly this JSON type. cattrs by itself would call `int("5")`."""

    def structure(value: Any, _: object) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {_JSON_NAME[kind]}, found {_found(value)}")
        return value

    return structure


def _enum_member(value: object, cls: Any) -> Any:
    return cls(_one_of(value, [member.value for member in cls]))


def _literal_member(value: object, cls: Any) -> Any:
    return _one_of(value, list(get_args(cls)))


def _one_of(value: object, choices: list[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"expected one of {', '.join(map(repr, choices))}")
    return value


def _float_to_json(value: float) -> float | Json:
    """JSON has no infinities (RFC 8259, section 6), but a key of a row may be one."""
    return value if math.isfinite(value) else {"float": repr(value)}


def _float_from_json(value: object) -> float:
    match value:
        case {"float": "inf" | "-inf" | "nan" as name, **rest} if not rest:
            return float(name)
        case int() | float() if not isinstance(value, bool):
            return float(value)
    raise TypeError(f"expected a number, found {_found(value)}")


def _scalar(value: Any) -> Scalar:
    """A value of a rule: what JSON has for it, whole numbers as integers."""
    if type(value) in (bool, int, str):
        scalar: bool | int | str = value
        return scalar
    return _float_from_json(value)


def _key_value(value: Any) -> KeyValue:
    if value is None or type(value) in (int, str):
        scalar: int | str | None = value
        return scalar
    return _float_from_json(value)


_converter = _make_converter()
