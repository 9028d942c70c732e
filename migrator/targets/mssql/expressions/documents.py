"""JSON: paths into documents, and the values found there compared as SQLite compares them.

In a query a value is read by OPENJSON, which tells its kind and its whole text. Constraints and computed columns
take no query, and JSON_VALUE tells neither a number from its text nor `true` from 'true', and gives NULL for more
than 4,000 characters: there only a comparison with text that is neither has an equal.
https://www.sqlite.org/json1.html, https://learn.microsoft.com/sql/t-sql/functions/openjson-transact-sql and
https://learn.microsoft.com/sql/t-sql/functions/json-value-transact-sql
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from sqlglot import exp

from migrator.model.types import INT64, JSON_TEXT, TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions.collating import exactly
from migrator.targets.mssql.expressions.conversions import SPEECH
from migrator.targets.mssql.expressions.terms import UNKNOWN, as_value, text
from migrator.targets.translation.alignment import DIFFERENT, DISTINCT, EQUAL, MIRRORED, ORDERED, SAME
from migrator.targets.translation.constants import number
from migrator.targets.translation.nodes import path
from migrator.targets.translation.terms import (
    DOCUMENTS,
    NUMBERS,
    Document,
    Level,
    Term,
    Translate,
    text_constant,
    truth,
)

_NUMBER, _TRUTH, _TEXTS = 2, 3, (1, 4, 5)
"""What OPENJSON calls numbers, truth values, and what SQLite has as text: strings, arrays and objects."""

_UNREADABLE: Final = "A constraint of SQL Server cannot tell the numbers, texts and truth values of JSON apart."


def as_document(term: Term) -> str:
    """A term as JSON text. Raises Untranslatable."""
    if term.document is not None:
        return term.document.json
    if term.kind in DOCUMENTS or term.kind is Kind.TEXT:
        return term.sql
    raise Untranslatable("SQLite reads a column as JSON that holds none in SQL Server.")


def extracted(node: exp.Expr, translate: Translate) -> Term:
    """The JSON at a path, where it is an array or an object; SQL Server has no other JSON."""
    document, steps = as_document(translate(node.this)), path(node.expression, SPEECH.product)
    if not steps:
        return Term(document, JSON_TEXT)
    found = f"JSON_QUERY({document}, {_path(steps)})"
    problem = "SQL Server gives a single value in JSON in another way than SQLite's -> does."
    return Term(found, JSON_TEXT, document=Document(found, found), problem=problem)


def value(node: exp.Expr, translate: Translate) -> Term:
    """The value at a path, as text that remembers its document. True and false are 1 and 0 in SQLite."""
    document, steps = as_document(translate(node.this)), path(node.expression, SPEECH.product)
    if not steps:
        raise Untranslatable("A whole JSON document as text is spelt in another way in SQL Server than in SQLite.")
    container = f"JSON_QUERY({document}, {_path(steps)})"
    if translate.immutable:
        found = f"COALESCE(JSON_VALUE({document}, {_path(steps)}), {container})"
        return Term(found, TEXT, document=Document(container, found), problem=_UNREADABLE)
    rows = _rows(document, steps)
    bit = "CASE [value] WHEN N'true' THEN N'1' ELSE N'0' END"
    spelt = f"(SELECT TOP (1) CASE WHEN [type] = {_TRUTH} THEN {bit} ELSE [value] END {rows})"
    return Term(spelt, TEXT, document=Document(container, f"(SELECT TOP (1) [value] {rows})", rows))


def _rows(document: str, steps: list[str | int]) -> str:
    *above, last = steps
    source = f"OPENJSON({document}, {_path(above)})" if above else f"OPENJSON({document})"
    return f"FROM {source} WHERE [key] = {text(str(last))}"


def _path(steps: list[str | int]) -> str:
    """A path constant,
    https://learn.microsoft.com/sql/relational-databases/json/json-path-expressions-sql-server."""
    return text("$" + "".join(map(_step, steps)))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        if step < 0:
            raise Untranslatable("SQL Server's JSON paths count from the beginning only.")
        return f"[{step}]"
    return f".{step}" if step.isascii() and step.isidentifier() else f".{json.dumps(step, ensure_ascii=False)}"


def presence(term: Term) -> str:
    """What is NULL exactly when the value is missing or null."""
    assert term.document is not None
    return term.document.text


def compared(operator: str, left: Term, right: Term) -> Term | None:
    """A comparison where a side is a value taken from JSON, None when none is."""
    if left.document is None:
        return compared(MIRRORED[operator], right, left) if right.document is not None else None
    if right.null:
        return _with_null(operator, left)
    if right.document is not None or right.kind not in NUMBERS | {Kind.BOOL, Kind.TEXT}:
        raise Untranslatable("SQL Server cannot compare the value from JSON as SQLite does.")
    if not left.document.rows:
        return _in_constraint(operator, left.document, right)
    return _in_query(operator, left.document, as_value(right))


def _with_null(operator: str, left: Term) -> Term:
    if operator in (SAME, DISTINCT):
        return truth(f"{presence(left)} IS {'NOT ' if operator == DISTINCT else ''}NULL", Level.IS, certain=True)
    return truth(UNKNOWN, Level.COMPARISON)


def _in_constraint(operator: str, left: Document, right: Term) -> Term:
    value = text_constant(right)
    ambiguous = value is None or number(value) is not None or value in ("true", "false")
    if ambiguous or operator not in (EQUAL, DIFFERENT):
        raise Untranslatable(_UNREADABLE)
    return truth(f"{exactly(Term(left.text, TEXT)).sql} {operator} {right.sql}", Level.COMPARISON)


def _in_query(operator: str, left: Document, right: Term) -> Term:
    """Numbers come before text in SQLite, and true and false are numbers."""
    wanted = {SAME: EQUAL, DISTINCT: DIFFERENT}.get(operator, operator)
    if right.kind is Kind.TEXT:
        other = _constant(wanted in ("<", "<=", DIFFERENT))
        results = {_TEXTS: _when(_exact(wanted, right)), (_NUMBER, _TRUTH): other}
    else:
        bit = "CASE [value] WHEN N'true' THEN 1 ELSE 0 END"
        side = right.at(Level.OTHER)
        results = {
            (_NUMBER,): _when(f"CAST([value] AS float(53)) {wanted} {side}"),
            (_TRUTH,): _when(f"{bit} {wanted} {side}"),
            _TEXTS: _constant(wanted in (">", ">=", DIFFERENT)),
        }
    cases = " ".join(f"WHEN [type] IN ({', '.join(map(str, kinds))}) THEN {sql}" for kinds, sql in results.items())
    answer = f"(SELECT TOP (1) CASE {cases} END {left.rows})"
    if operator in (SAME, DISTINCT):
        return truth(f"COALESCE({answer}, {int(operator == DISTINCT)}) = 1", Level.COMPARISON, certain=True)
    return truth(f"{answer} = 1", Level.COMPARISON)


def _exact(operator: str, right: Term) -> str:
    """Blanks at the end count, as they do in SQLite."""
    found = exactly(Term("[value]", TEXT)).sql
    plain = f"{found} {operator} {right.at(Level.OTHER)}"
    if operator in ORDERED:
        return plain
    lengths = f"DATALENGTH([value]) {operator} DATALENGTH({right.sql})"
    return f"{plain} {'AND' if operator == EQUAL else 'OR'} {lengths}"


def _when(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def _constant(holds: bool) -> str:
    return str(int(holds))


def array_length(node: exp.Expr, translate: Translate) -> Term:
    """`json_array_length`: 0 for what is no array, https://www.sqlite.org/json1.html#jarraylen."""
    if translate.immutable:
        raise Untranslatable("SQL Server counts the elements of an array by a query, which may not stand here.")
    document = as_document(translate(node.expressions[0]))
    counted = f"(SELECT COUNT_BIG(*) FROM OPENJSON({document}))"
    is_array = f"LTRIM({document}) LIKE N'[[]%'"
    return Term(f"CASE WHEN {is_array} THEN {counted} WHEN {document} IS NOT NULL THEN 0 END", INT64)


def valid(node: exp.Expr, translate: Translate) -> Term:
    """`json_valid`: the JSON types hold nothing else. Before 2022 ISJSON calls a single value no JSON
    (https://learn.microsoft.com/sql/t-sql/functions/isjson-transact-sql)."""
    term = translate(node.expressions[0])
    if term.kind not in DOCUMENTS:
        raise Untranslatable("SQL Server's ISJSON does not know every document that SQLite does.")
    return truth(*SPEECH.is_unknown(replace(term, document=None), otherwise=True))
