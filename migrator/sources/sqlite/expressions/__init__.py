"""SQLite's expressions and views as neutral SQL: text in sqlglot's base dialect, free of SQLite's quirks.

Neutral text means the same to every target; a target needs no knowledge of SQLite to read it:

| neutral | meaning |
| --- | --- |
| `"name"`, `"alias"."name"` | a column, spelt exactly as the schema spells it; in queries always with its alias |
| `/`, `%` | division of integers truncates; a divisor that could be zero is written `NULLIF(x, 0)` |
| `LIKE`, `ILIKE`, `GLOB` | no escape character unless `ESCAPE` names one; `ILIKE` ignores the case of A-Z only |
| `LOWER`, `UPPER` | change A-Z only |
| `CAST` to a number | of text: the number the text begins with, 0 if there is none; to BIGINT truncates |
| `CURRENT_TIMESTAMP()`, `CURRENT_DATE`, `CURRENT_TIME()` | the moment in UTC, whole seconds |
| `LOCALTIMESTAMP` | the same on the clock of where it runs |
| `TIME_TO_STR(t, format)` | a moment as text, `format` as in C's `strftime`; `%s` is the Unix time |
| `TIME_TO_UNIX(t)`, `UNIX_TO_TIME(n)`, `JULIANDAY(t)` | seconds since 1970, the inverse, and the Julian day |
| `DATE_TRUNC(unit, t)`, `t + INTERVAL 'n' unit` | a moment cut down, and moved |
| `UNHEX('00ff')` | a binary constant |
| `RANDOM_INT64()`, `RANDOMBLOB(n)` | a random 64-bit integer, n random bytes |
| `FORMAT(format, …)` | C's `printf` |
| `JSON_EXTRACT(x, path)` | the JSON at a path, as JSON |
| `JSON_EXTRACT_SCALAR(x, path)` | the value at a path: text, a number, 1 or 0 for true or false |
| `JSON_VALID(x)`, `JSON_ARRAY_LENGTH(x)`, `TYPEOF(x)`, `GROUP_CONCAT(x, separator)` | as their names say |
| `ORDER BY` | NULLs first, with DESC last, unless it says otherwise; a number is an output column's position |

A moment `t` is `CURRENT_TIMESTAMP()`, a column, a text constant, or built from these by the functions above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from migrator.sources.sqlite.expressions.names import NoStandardMeaning, Table
from migrator.sources.sqlite.expressions.parsing import parsed_expression, parsed_view
from migrator.sources.sqlite.expressions.queries import Queries
from migrator.sources.sqlite.expressions.rewriting import compared, rewritten

__all__ = ["neutral", "neutral_query"]


def neutral(sql: str, columns: Iterable[str]) -> str | None:
    """An expression of one table (default, CHECK, generated column, index part or predicate) as neutral text.

    Identifiers are resolved among `columns` as SQLite does it: ignoring ASCII case, and a "double-quoted" name
    that is no column is a string (https://sqlite.org/quirks.html#dblquote). None when it cannot be parsed, or
    uses something with no standard meaning: a function of the application's own, MATCH, REGEXP, a rowid.
    """
    names = Table(columns)
    try:
        node, positions = parsed_expression(sql)
        names.quoting = positions
        return _text(compared(_word_as_string(node, names), lambda part: rewritten(part, names)))
    except (NoStandardMeaning, SqlglotError, RecursionError):
        return None


def neutral_query(sql: str, relations: Mapping[str, Iterable[str]]) -> tuple[str | None, tuple[str, ...]]:
    """The SELECT of a whole `CREATE VIEW` statement as neutral text, and the tables and views it reads.

    `relations` are all tables and views with their columns. Where the view itself is among them, its columns
    are taken from there, so that they are called what SQLite calls them. The text is None under the same
    conditions as `neutral`; what the view reads is then what was found up to there.
    """
    queries = Queries({name: tuple(columns) for name, columns in relations.items()})
    try:
        view = parsed_view(sql)
        return _text(queries.view(view)), tuple(queries.reads)
    except (NoStandardMeaning, SqlglotError, RecursionError):
        return None, tuple(queries.reads)


def _word_as_string(node: exp.Expr, names: Table) -> exp.Expr:
    """A single word that is no column: what `DEFAULT abc` gives, and SQLite reads as the string 'abc'."""
    if isinstance(node, exp.Column) and not node.table and not names.knows(node.name):
        return exp.Literal.string(node.name)
    return node


def _text(node: exp.Expr) -> str:
    """The tree as text that reads back as the same tree.

    Raises:
        SqlglotError: It cannot be read back.
        NoStandardMeaning: It reads back as something else.
    """
    text = node.sql(comments=False)
    sql = text if isinstance(node, exp.Query) else f"SELECT {text}"
    if parse_one(sql).sql(comments=False) != sql:
        raise NoStandardMeaning(text)
    return text
