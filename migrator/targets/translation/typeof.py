"""`typeof(x)` where the column's type already answers it.

SQLite asks each value for its storage class (https://www.sqlite.org/lang_corefunc.html#typeof); in a target a
column has one type, which stands for the classes its values may have had.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from migrator.model.types import TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.translation.speech import Speech
from migrator.targets.translation.terms import Level, Term, Translate, truth

_TEMPORAL: Final = frozenset({"text", "integer", "real"})
_CLASSES: Final = {
    Kind.BOOL: frozenset({"integer", "text"}),
    Kind.INT16: frozenset({"integer"}),
    Kind.INT32: frozenset({"integer"}),
    Kind.INT64: frozenset({"integer"}),
    Kind.FLOAT64: frozenset({"real", "integer"}),
    Kind.DECIMAL: frozenset({"real", "integer", "text"}),
    Kind.TEXT: frozenset({"text"}),
    Kind.BINARY: frozenset({"blob"}),
    Kind.DATE: _TEMPORAL,
    Kind.TIME: _TEMPORAL,
    Kind.TIMESTAMP: _TEMPORAL,
    Kind.TIMESTAMPTZ: _TEMPORAL,
    Kind.UUID: frozenset({"text", "blob"}),
    Kind.JSON: frozenset({"text", "blob"}),
    Kind.JSON_TEXT: frozenset({"text", "blob"}),
}
"""The storage classes the values of a type can have had in SQLite."""


def compared(operator: str, node: exp.Expr, translate: Translate, speech: Speech) -> Term | None:
    """`typeof(x) = 'class'` or `typeof(x) IN (…)`, None for any other comparison.

    In a constraint a class the type may stand for is taken for granted: the rows that arrive obey it, and the
    type keeps later ones to it. In a query that would be a guess.
    """
    if not isinstance(node.this, exp.Typeof) or operator not in ("=", "<>", "IN"):
        return None
    wanted = _constants(node.expressions if operator == "IN" else [node.expression])
    term = translate(node.this.this)
    if wanted is None or term.type is None:
        return None
    possible = _CLASSES[term.type.kind]
    if not possible <= wanted and possible & wanted and not translate.immutable:
        raise Untranslatable(
            f"A {speech.spelling(term.type)} in {speech.product} does not tell whether SQLite stored text or "
            "a number."
        )
    found = _found(term, bool(possible & wanted), "null" in wanted, speech)
    return found if operator != "<>" else _opposite(found, speech)


def _constants(nodes: list[exp.Expr]) -> frozenset[str] | None:
    if not all(isinstance(node, exp.Literal) and node.is_string for node in nodes):
        return None
    return frozenset(node.name for node in nodes)


def _found(term: Term, some: bool, null: bool, speech: Speech) -> Term:
    if some == null:
        return speech.constant(some)
    return truth(f"{term.at(Level.PATTERN)} IS {'NOT ' if some else ''}NULL", Level.IS, certain=True)


def _opposite(found: Term, speech: Speech) -> Term:
    if found.constant is not None:
        return speech.constant(not found.constant.value)
    return truth(f"NOT {found.at(Level.NOT)}", Level.NOT, certain=True)


def typeof(node: exp.Expr, translate: Translate, speech: Speech) -> Term:
    """`typeof(x)` as a value."""
    term = translate(node.this)
    classes = _CLASSES[term.kind] if term.kind is not None else frozenset()
    if len(classes) != 1:
        raise Untranslatable(f"{speech.product}'s type does not tell whether SQLite stored text or a number.")
    null, name = (speech.constant(word).sql for word in ("null", *classes))
    return Term(f"CASE WHEN {term.at(Level.PATTERN)} IS NULL THEN {null} ELSE {name} END", TEXT)
