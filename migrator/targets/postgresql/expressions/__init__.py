"""Neutral SQL as PostgreSQL's SQL: defaults, conditions, expressions and queries.

Neutral SQL is sqlglot's base dialect with the meaning its source documents: `/` truncates integers, LIKE has no
escape character of its own, LOWER and ILIKE change A-Z only, ORDER BY puts NULLs first. What depends on a
column's type is decided here: a truth value compared with 1, a timestamp with text, text with a number. What
PostgreSQL cannot say with the same meaning raises Untranslatable, whose text says what has no equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from migrator.model.types import LogicalType
from migrator.targets import Relation, Scope, Untranslatable
from migrator.targets.postgresql.expressions import documents, queries
from migrator.targets.postgresql.expressions.constants import required
from migrator.targets.postgresql.expressions.conversions import fit
from migrator.targets.postgresql.expressions.terms import Level, Term, as_condition, as_value
from migrator.targets.postgresql.expressions.translator import Translator
from migrator.targets.postgresql.names import quote

__all__ = ["condition", "default", "expression", "query", "query_columns"]


def default(neutral: str, type: LogicalType) -> str:
    """A column default that gives a value of the column's type; `NULL` where the default is none.

    Raises:
        Untranslatable: The type cannot hold the value, or PostgreSQL cannot compute it.
    """
    term = Translator(_Columns(Scope({})))(_parsed(neutral))
    if term.constant is not None:
        return required(term, type).sql
    return fit(term, type).at(Level.ATOM)  # DEFAULT takes no operators outside of brackets


def condition(neutral: str, scope: Scope) -> str:
    """A truth-valued expression for a CHECK or an index predicate.

    Immutable wherever PostgreSQL has an immutable equal; a CHECK may do without
    (https://www.postgresql.org/docs/current/ddl-constraints.html), an index the server will refuse.

    Raises:
        Untranslatable: It has no equal.
    """
    return as_condition(Translator(_Columns(scope), immutable=True)(_parsed(neutral))).sql


def expression(neutral: str, scope: Scope, type: LogicalType | None) -> str:
    """An immutable value expression, for a generated column of that type or, with None, an index.

    Raises:
        Untranslatable: It has no equal, or only one that depends on time, chance or the session's settings.
    """
    node, translate = _parsed(neutral), Translator(_Columns(scope), immutable=True, strict=True)
    if type is None:
        is_path = isinstance(node, exp.JSONExtractScalar)
        return (documents.indexed(node, translate) if is_path else as_value(translate(node))).sql
    return fit(translate(node), type).sql


def query(neutral: str, relations: Mapping[str, Relation]) -> str:
    """A SELECT over tables and views, keyed by their source names.

    Raises:
        Untranslatable: It has no equal, or reads something that is not among the relations.
    """
    return _output(neutral, relations).sql


def query_columns(neutral: str, relations: Mapping[str, Relation]) -> dict[str, LogicalType | None]:
    """The output columns of `query` with their types, None where a type is not known. With them as its scope,
    a view can be a relation of other views.

    Raises:
        Untranslatable: As `query`.
    """
    output = _output(neutral, relations)
    return {name: term.type for name, term in zip(output.names, output.terms, strict=True)}


def _output(neutral: str, relations: Mapping[str, Relation]) -> queries.Output:
    try:
        node = parse_one(neutral)
        assert isinstance(node, exp.Expr)
        return queries.translated(node, queries.Scope(relations, {}))
    except SqlglotError:
        raise Untranslatable("The query cannot be read.") from None
    except RecursionError:
        raise Untranslatable("The query is nested too deeply to be translated.") from None


def _parsed(neutral: str) -> exp.Expr:
    """A neutral expression as a tree: a SELECT's only column."""
    try:
        (node,) = parse_one(f"SELECT {neutral}").expressions
    except (SqlglotError, ValueError, RecursionError):
        raise Untranslatable("The expression cannot be read.") from None
    assert isinstance(node, exp.Expr)
    return node


class _Columns:
    """The columns of one table; satisfies `translator.Names`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def column(self, table: str, name: str) -> Term:
        """A column of the table. Raises Untranslatable."""
        if table or name not in self._scope.columns:
            raise Untranslatable(f"There is no column {name}.")
        target, type = self._scope.columns[name]
        return Term(quote(target), type, affine=True)

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """Always raises Untranslatable."""
        raise Untranslatable("A query may not stand in a constraint, an index, a default or a generated column.")
