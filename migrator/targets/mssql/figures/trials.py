"""Whether a server computes a figure as it is defined, found by trying it on known values.

Servers differ: there is no UTF-8 before SQL Server 2019, and not every service that speaks T-SQL counts characters
or bytes of text as SQL Server does. A figure that comes out different, or that the server refuses, is left out of
every table; a comparison with it would blame the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from migrator.model.figures import hash_head
from migrator.model.plan import ColumnPlan
from migrator.model.types import BINARY, JSON_TEXT, TEXT, Kind, LogicalType
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.figures.expressions import LEFT_OUT, Computed, distinct, plain
from migrator.targets.mssql.names import literal

Untrusted = frozenset[tuple[Kind, str]]
"""Figures by their kind and name."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """Values in SQL, and the figures they have."""

    type: LogicalType
    values: tuple[str, ...]
    expected: Mapping[str, Any]


def _of_texts(type: LogicalType, texts: tuple[str, ...], **expected: Any) -> _Trial:
    hashes = sum(hash_head(text.encode("utf-16-le")) for text in texts)
    values = tuple(f"CAST({literal(text)} AS nvarchar(max))" for text in texts)
    return _Trial(
        type, values, {name.replace("_", "-"): value for name, value in expected.items()} | {"hash": hashes}
    )


def _of_bytes(given: tuple[bytes, ...], **expected: Any) -> _Trial:
    values = tuple(f"CAST(0x{each.hex()} AS varbinary(max))" for each in given)
    return _Trial(BINARY, values, expected | {"hash": sum(map(hash_head, given))})


_TRIALS = (
    _of_texts(
        TEXT, ("b", "B", "", " x", "x ", "x", "x\r\n", "한"), min="", max="한", empty=1, blank_ended=2, distinct=8
    ),
    _of_texts(TEXT, ("🙂 ", "한é "), length=5, octets=11, min=LEFT_OUT, max=LEFT_OUT, distinct=2),
    _of_texts(
        JSON_TEXT, ('{"🙂":1}', "\t\r\n []", "1", '"{"'), objects=1, arrays=1, length=17, octets=20, distinct=4
    ),
    _of_bytes((b"", b"\x00\xff", b"\x00", b"\xab" * 40), min="", max="AB" * 32, octets=43, empty=1, distinct=4),
)
_TRIED: WeakKeyDictionary[Engine, Untrusted] = WeakKeyDictionary()


def untrusted(engine: Engine) -> Untrusted:
    """The figures that this server does not compute as they are defined. It is asked once for each engine.

    Raises:
        sqlalchemy.exc.DBAPIError: The connection broke.
    """
    if engine not in _TRIED:
        _TRIED[engine] = frozenset(
            (trial.type.kind, name) for trial in _TRIALS for name in _failing(engine, trial)
        )
    return _TRIED[engine]


def _failing(engine: Engine, trial: _Trial) -> list[str]:
    """The names of the figures that are not as expected: tried all at once, and one by one if that is refused."""
    column = ColumnPlan("c", "c", trial.type, "")
    computed = {
        name: each
        for name, each in {**plain(column, hashes=True), **distinct(column)}.items()
        if name in trial.expected
    }
    try:
        found = _compute(engine, trial, computed)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return (
            list(computed)
            if len(computed) == 1
            else [name for each in _single(trial) for name in _failing(engine, each)]
        )
    return [name for name in computed if found[name] != trial.expected[name]]


def _single(trial: _Trial) -> Iterator[_Trial]:
    """A trial for each figure."""
    return (_Trial(trial.type, trial.values, {name: value}) for name, value in trial.expected.items())


def _compute(engine: Engine, trial: _Trial, computed: Mapping[str, Computed]) -> dict[str, Any]:
    rows = " UNION ALL ".join(f"SELECT {value} AS c" for value in trial.values)
    expressions = ", ".join(sql.format(c="c") for each in computed.values() for sql in each.asked)
    with engine.connect() as connection:
        answers = iter(execute(connection, f"SELECT {expressions} FROM ({rows}) AS tried").one())
    return {name: each.make(*(next(answers) for _ in each.asked)) for name, each in computed.items()}
