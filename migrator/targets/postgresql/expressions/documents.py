"""JSON: paths into documents, and the values found there compared as SQLite compares them.

https://www.sqlite.org/json1.html and https://www.postgresql.org/docs/current/functions-json.html
"""

from __future__ import annotations

import json
from decimal import Decimal

from sqlglot import exp

from migrator.model.types import INT32, JSON, TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.postgresql.names import literal
from migrator.targets.translation.alignment import MIRRORED
from migrator.targets.translation.nodes import path
from migrator.targets.translation.terms import NUMBERS, Document, Level, Term, Translate, truth


def as_document(term: Term) -> Term:
    """A term as jsonb. Raises Untranslatable."""
    if term.document is not None:
        return Term(term.document.json, JSON, Level.OTHER)
    if term.kind is Kind.JSON or term.unknown:
        return term
    if term.kind in (Kind.JSON_TEXT, Kind.TEXT):
        return Term(f"CAST({term.sql} AS jsonb)", JSON)
    raise Untranslatable("SQLite reads a column as JSON that holds none in PostgreSQL.")


def extracted(node: exp.Expr, translate: Translate) -> Term:
    """The JSON at a path."""
    document, steps = as_document(translate(node.this)), path(node.expression, "PostgreSQL")
    return Term(_at(document, steps, ("->", "#>")), JSON, Level.OTHER) if steps else document


def value(node: exp.Expr, translate: Translate) -> Term:
    """The value at a path, as text that remembers its document. True and false are 1 and 0 in SQLite."""
    document, steps = as_document(translate(node.this)), path(node.expression, "PostgreSQL")
    if not steps:
        raise Untranslatable("A whole JSON document as text is spelt in another way in PostgreSQL than in SQLite.")
    found = Document(_at(document, steps, ("->", "#>")), _at(document, steps, ("->>", "#>>")))
    truths = " ".join(f"WHEN '{name}' THEN '{number}'" for name, number in (("true", 1), ("false", 0)))
    return Term(f"CASE {found.json} {truths} ELSE {found.text} END", TEXT, document=found)


def indexed(node: exp.Expr, translate: Translate) -> Term:
    """The value at a path as PostgreSQL's queries ask for it, so that they can use an index over it."""
    found = value(node, translate).document
    assert found is not None
    return Term(found.text, TEXT, Level.OTHER)


def _at(document: Term, steps: list[str | int], operators: tuple[str, str]) -> str:
    if len(steps) == 1:
        step = str(steps[0]) if isinstance(steps[0], int) else literal(steps[0])
        return f"{document.at(Level.OTHER)} {operators[0]} {step}"
    return f"{document.at(Level.OTHER)} {operators[1]} {literal('{' + ','.join(map(_element, steps)) + '}')}"


def _element(step: str | int) -> str:
    """An element of an array constant, https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO."""
    if isinstance(step, int) or (step.isidentifier() and step.lower() != "null"):
        return str(step)
    return '"' + step.replace("\\", "\\\\").replace('"', '\\"') + '"'


def compared(operator: str, left: Term, right: Term) -> Term | None:
    """A comparison where a side is a value taken from JSON, None when none is."""
    if left.document is None:
        return compared(MIRRORED[operator], right, left) if right.document is not None else None
    if right.constant is not None and not right.null:
        return _with_constant(operator, left.document, right.constant.value)
    if right.document is not None and MIRRORED[operator] == operator:
        return _operation(_known(left.document), operator, _known(right.document))
    if right.kind in NUMBERS:
        return _operation(f"CAST({left.sql} AS numeric)", operator, right.at(Level.PATTERN))
    return None


def _operation(left: str, operator: str, right: str) -> Term:
    return truth(f"{left} {operator} {right}", Level.IS if operator.startswith("IS") else Level.COMPARISON)


def _known(document: Document) -> str:
    """JSON's null is NULL in SQLite."""
    return f"NULLIF({document.json}, 'null')"


def _with_constant(operator: str, left: Document, value: object) -> Term:
    """JSON's true and false are 1 and 0 in SQLite."""
    if isinstance(value, bytes):
        raise Untranslatable("SQLite compares a value taken from JSON with a binary one.")
    if MIRRORED[operator] != operator:
        return _ordered(operator, left, value)
    if isinstance(value, (bool, int)) and value in (0, 1):
        return _truth_value(operator, left, bool(value))
    text = str(value) if isinstance(value, (int, Decimal)) else json.dumps(value, ensure_ascii=False)
    return _operation(_known(left), operator, literal(text))


def _truth_value(operator: str, left: Document, value: bool) -> Term:
    both = f"{_known(left)} IN ('{str(value).lower()}', '{int(value)}')"
    if operator == "=":
        return truth(both, Level.PATTERN)
    if operator == "<>":
        return truth(f"NOT {both}", Level.NOT)
    return truth(f"({both}) IS {'NOT ' if operator == 'IS DISTINCT FROM' else ''}TRUE", Level.IS)


def _ordered(operator: str, left: Document, value: object) -> Term:
    """Numbers come before text in SQLite, and true and false are numbers."""
    before, after = (str(operator in side).upper() for side in (("<", "<="), (">", ">=")))
    if isinstance(value, str):
        text = f'({left.text}) COLLATE "C" {operator} {literal(value)}'
        results = {"number": before, "boolean": before, "string": text}
    else:
        number = int(value) if isinstance(value, bool) else value
        bit = f"CAST(CAST({left.json} AS boolean) AS integer)"
        results = {
            "number": f"CAST({left.json} AS numeric) {operator} {number}",
            "boolean": f"{bit} {operator} {number}",
            "string": after,
        }
    cases = " ".join(f"WHEN '{kind}' THEN {result}" for kind, result in results.items())
    return truth(f"CASE jsonb_typeof({left.json}) {cases} END", Level.ATOM)


def array_length(node: exp.Expr, translate: Translate) -> Term:
    """`json_array_length`: 0 for what is no array, https://www.sqlite.org/json1.html#jarraylen."""
    document = as_document(translate(node.expressions[0])).sql
    return Term(
        f"CASE WHEN jsonb_typeof({document}) <> 'array' THEN 0 ELSE jsonb_array_length({document}) END", INT32
    )


def valid(node: exp.Expr, translate: Translate) -> Term:
    """`json_valid`: the JSON types hold nothing else; for text `IS JSON` says it, from PostgreSQL 16 on."""
    term = translate(node.expressions[0])
    if term.kind in (Kind.JSON, Kind.JSON_TEXT):
        return truth(f"{term.at(Level.PATTERN)} IS NOT NULL OR NULL", Level.OR)
    if term.kind is not Kind.TEXT:
        raise Untranslatable("SQLite tests a column for JSON that holds none in PostgreSQL.")
    return truth(f"{term.at(Level.PATTERN)} IS JSON", Level.IS)
