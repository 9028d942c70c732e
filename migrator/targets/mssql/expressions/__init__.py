"""Neutral SQL as T-SQL: defaults, conditions, predicates, expressions and queries.

Neutral SQL is sqlglot's base dialect with the meaning its source documents: `/` truncates integers, LIKE has no
escape character of its own, LOWER and ILIKE change A-Z only, ORDER BY puts NULLs first. What T-SQL cannot say with
the same meaning, in every version from 2016 on, raises Untranslatable, whose text says what has no equal.

Text is compared by its code points, under a collation that each comparison names. Where T-SQL is a little laxer or
stricter than SQLite and it is left so:

- A comparison with a constant that does not end in a blank, ordering, DISTINCT, GROUP BY and compounds pass over
  blanks at the end of text, and ordering over zeros at the end of binary values.
- Characters beyond the Basic Multilingual Plane are ordered before U+E000 to U+FFFF, and are two characters for
`_` of LIKE and `?` of GLOB.
- In a constraint a text of more than 4,000 characters inside JSON counts as missing.
- Rounding a float goes by its binary value.
- A recursion of more than 100 rounds ends with an error, and STRING_AGG is of 2017 and later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.model.types import Kind, LogicalType
from migrator.targets import Relation, Scope, Untranslatable
from migrator.targets.mssql.expressions.collating import bound, fold_case
from migrator.targets.mssql.expressions.constants import spelling
from migrator.targets.mssql.expressions.conversions import SPEECH, fit
from migrator.targets.mssql.expressions.predicates import Filter
from migrator.targets.mssql.expressions.queries import GRAMMAR
from migrator.targets.mssql.expressions.terms import as_condition, as_value
from migrator.targets.mssql.expressions.translator import translator
from migrator.targets.mssql.names import quote
from migrator.targets.translation.nodes import Columns, parsed
from migrator.targets.translation.queries import output_of, types_of
from migrator.targets.translation.terms import Level, Term, known

__all__ = ["condition", "default", "expression", "fold_case", "predicate", "query", "query_columns"]

_MAX_KEY = 1700
"""Bytes of an index key.
https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server"""


def default(neutral: str, type: LogicalType) -> str:
    """A column default that gives a value of the column's type; `NULL` where the default is none.

    Raises:
        Untranslatable: The type cannot hold the value, or SQL Server cannot compute it.
    """
    term = translator(Columns(Scope({}), quote))(parsed(neutral))
    if term.constant is not None:
        return SPEECH.required(term, type).at(Level.ATOM)
    return fit(term, type).at(Level.ATOM)


def condition(neutral: str, scope: Scope) -> str:
    """A predicate for a CHECK. It holds no query and does not depend on time or chance.

    Raises:
        Untranslatable: It has no equal.
    """
    return as_condition(translator(Columns(scope, quote), immutable=True)(parsed(neutral))).sql


def predicate(neutral: str, scope: Scope, *, unique: bool) -> str:
    """The predicate of a filtered index. In a unique one it has to choose exactly the rows SQLite's does, so it
    may compare only such text columns as `scope.exact` names.

    Raises:
        Untranslatable: A filtered index cannot have it.
    """
    translate = translator(Columns(scope, quote), immutable=True, strict=True)
    return " AND ".join(Filter(scope, translate, unique).conditions(parsed(neutral)))


def expression(neutral: str, scope: Scope, type: LogicalType | None) -> str:
    """A deterministic value expression, for a persisted computed column of that type or, with None, for one that
    an index is made over. It is cast to its type, which is as long as the value can be at most.
    https://learn.microsoft.com/sql/relational-databases/indexes/indexes-on-computed-columns

    Raises:
        Untranslatable: It has no equal, or only one that depends on time, chance or the session's settings, or its
            text might be longer than the type.
    """
    term = translator(Columns(scope, quote), immutable=True, strict=True)(parsed(neutral))
    if type is None:
        return _key(as_value(term))
    return _cast(fit(term, type), type)


def _cast(value: Term, type: LogicalType) -> str:
    """A CAST, which would cut a value that is too long."""
    if type.length is not None and value.constant is None:
        length = bound(value)
        if length is None or length > type.length:
            raise Untranslatable(f"The value may be longer than {spelling(type)} is, and SQL Server would cut it.")
    return f"CAST({value.sql} AS {spelling(type)})"


def _key(term: Term) -> str:
    """A value as an index key."""
    if term.kind not in (Kind.TEXT, Kind.BINARY):
        return term.sql
    length = bound(term)
    octets = (length or 0) * (2 if term.kind is Kind.TEXT else 1)
    if length is None or not 1 <= octets <= _MAX_KEY:
        raise Untranslatable(
            f"An index key of SQL Server holds {_MAX_KEY:,} bytes, and the expression is not known to fit."
        )
    return _cast(term, replace(known(term), length=length))


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
