"""Neutral SQL as PostgreSQL's SQL: defaults, conditions, expressions and queries.

Neutral SQL is sqlglot's base dialect with the meaning its source documents: `/` truncates integers, LIKE has no
escape character of its own, LOWER and ILIKE change A-Z only, ORDER BY puts NULLs first. What depends on a
column's type is decided here: a truth value compared with 1, a timestamp with text, text with a number. What
PostgreSQL cannot say with the same meaning raises Untranslatable, whose text says what has no equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from migrator.model.types import LogicalType
from migrator.targets import Relation, Scope
from migrator.targets.postgresql.expressions import documents
from migrator.targets.postgresql.expressions.conversions import SPEECH, fit
from migrator.targets.postgresql.expressions.queries import GRAMMAR
from migrator.targets.postgresql.expressions.terms import as_condition, as_value
from migrator.targets.postgresql.expressions.translator import translator
from migrator.targets.postgresql.names import quote
from migrator.targets.translation.nodes import Columns, parsed
from migrator.targets.translation.queries import output_of, types_of
from migrator.targets.translation.terms import Level

__all__ = ["condition", "default", "expression", "query", "query_columns"]


def default(neutral: str, type: LogicalType) -> str:
    """A column default that gives a value of the column's type; `NULL` where the default is none.

    Raises:
        Untranslatable: The type cannot hold the value, or PostgreSQL cannot compute it.
    """
    term = translator(Columns(Scope({}), quote))(parsed(neutral))
    if term.constant is not None:
        return SPEECH.required(term, type).sql
    return fit(term, type).at(Level.ATOM)  # DEFAULT takes no operators outside of brackets


def condition(neutral: str, scope: Scope) -> str:
    """A truth-valued expression for a CHECK or an index predicate.

    Immutable wherever PostgreSQL has an immutable equal; a CHECK may do without
    (https://www.postgresql.org/docs/current/ddl-constraints.html), an index the server will refuse.

    Raises:
        Untranslatable: It has no equal.
    """
    return as_condition(translator(Columns(scope, quote), immutable=True)(parsed(neutral))).sql


def expression(neutral: str, scope: Scope, type: LogicalType | None) -> str:
    """An immutable value expression, for a generated column of that type or, with None, an index.

    Raises:
        Untranslatable: It has no equal, or only one that depends on time, chance or the session's settings.
    """
    node, translate = parsed(neutral), translator(Columns(scope, quote), immutable=True, strict=True)
    if type is None:
        is_path = isinstance(node, exp.JSONExtractScalar)
        return (documents.indexed(node, translate) if is_path else as_value(translate(node))).sql
    return fit(translate(node), type).sql


def query(neutral: str, relations: Mapping[str, Relation]) -> str:
    """A SELECT over tables and views, keyed by their source names.

    Raises:
        Untranslatable: It has no equal, or reads something that is not among the relations.
    """
    return output_of(neutral, relations, GRAMMAR).sql


def query_columns(neutral: str, relations: Mapping[str, Relation]) -> dict[str, LogicalType | None]:
    """The output columns of `query` with their types, None where a type is not known. With them as its scope,
    a view can be a relation of other views.

    Raises:
        Untranslatable: As `query`.
    """
    return types_of(output_of(neutral, relations, GRAMMAR))
