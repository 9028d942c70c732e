"""Comparisons in PostgreSQL: text is compared by its bytes.

https://www.sqlite.org/datatype3.html#comparison_expressions
"""

from __future__ import annotations

from collections.abc import Sequence

from migrator.model.types import Kind
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions import documents
from migrator.targets.postgresql.expressions.conversions import SPEECH
from migrator.targets.translation import alignment
from migrator.targets.translation.alignment import DISTINCT, ORDERED, SAME, Pair
from migrator.targets.translation.terms import Level, Term, truth


def compared(operator: str, left: Term, right: Term) -> Term:
    """A comparison.

    Raises:
        Untranslatable: SQLite compares values of different kinds here, which PostgreSQL cannot.
    """
    found = documents.compared(operator, left, right)
    if found is not None:
        return found
    pair = aligned(left, right)
    if pair is None:
        return alignment.never_equal(operator, left, right, SPEECH)
    level = Level.IS if operator in (SAME, DISTINCT) else Level.COMPARISON
    first, second = pair
    if operator in ORDERED:
        first = bytewise(first)
    return truth(f"{first.at(Level.PATTERN)} {operator} {second.at(Level.PATTERN)}", level)


def bytewise(term: Term) -> Term:
    """Text under the C collation, which orders by bytes as SQLite does; anything else as it is.

    Raises:
        Untranslatable: The value comes from JSON: SQLite orders it as a number or a text, whatever it is.
    """
    if term.document is not None:
        raise Untranslatable("SQLite orders values taken from JSON by their kinds, PostgreSQL as text.")
    if term.kind is not Kind.TEXT or (term.constant is not None and term.null):
        return term
    return Term(f'{term.at(Level.COLLATE)} COLLATE "C"', term.type, Level.COLLATE, affine=term.affine)


def aligned(left: Term, right: Term) -> Pair | None:
    """See `alignment.aligned`."""
    return alignment.aligned(left, right, SPEECH)


def any_equal(term: Term, values: Sequence[Term]) -> Term:
    """`term IN (values)`. Each value is compared for itself, as SQLite does, so they may be of several kinds."""
    usable: list[Term] = []
    first = term
    for value in values:
        pair = aligned(term, value) if term.document is None and value.document is None else None
        if pair is None or pair[0] != term:
            return alignment.one_by_one(term, values, compared)
        first, converted = pair
        usable.append(converted)
    listed = ", ".join(value.sql for value in usable)
    return truth(f"{first.at(Level.OTHER)} IN ({listed})", Level.PATTERN)
