"""The user's SQL in rules: one expression that only reads, always gives the same, and knows all of Unicode."""

from __future__ import annotations

import pytest

from migrator.errors import ConfigurationError
from migrator.model.rules import ColumnRule, TableRules
from migrator.sources.sqlite.source import SqliteSource
from migrator.sources.sqlite.staging.expressions import Place, expression
from migrator.sources.sqlite.values import InvalidText, SqliteValue
from tests.sources.sqlite.stored import broken, opened
from tests.sources.sqlite.test_staging import apply, stored

TABLE = "CREATE TABLE t (v TEXT, n INT)"
PLACES = ["where", "compute"]


def rules_with(sql: str, place: str) -> TableRules:
    if place == "where":
        return TableRules("t", sql)
    return TableRules("t", None, (ColumnRule("new", compute=sql),))


def refusal(source: SqliteSource, sql: str, place: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        source.stage((rules_with(sql, place),), {})
    assert caught.value.hint
    path = ("tables", "t", "where") if place == "where" else ("tables", "t", "columns", "new", "compute")
    assert caught.value.path == path
    where = "table t, where" if place == "where" else "table t, column new, compute"
    assert caught.value.where == where
    return caught.value


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("", "it is empty"),
        ("-- nothing", "it is empty"),
        ("nam = 1", "no such column: nam"),
        ('"nam" = 1', "there is no column nam"),
        ('v = "active"', "there is no column active"),
        ("v = (", "a parenthesis is never closed"),
        ("v = 1)", "a parenthesis closes that was never opened"),
        ("v ==== 1", 'near "==": syntax error'),
        ("v = 'x", "a quote at character 5 is never closed"),
        ("v, n", "row value misused"),
        ("v = ?", "nothing is given for ?"),
        ("v = :v", "nothing is given for :v"),
        ("nowhere(v)", "no such function: nowhere"),
        ("max(n)", "misuse of aggregate"),
        ("count(*)", "misuse of aggregate"),
        ("(SELECT max(t.n))", "misuse of aggregate"),
        ("row_number() OVER ()", "misuse of window function"),
        ("(SELECT v, n FROM t)", "sub-select returns 2 columns"),
        ("(SELECT 1 FROM nowhere)", "no such table: nowhere"),
        ("random() > 0", "not authorized to use function: random"),
        ("current_timestamp", "not authorized to use function: current_timestamp"),
        ("load_extension('x')", "not authorized to use function: load_extension"),
        ("datetime('now')", "datetime() tells the time"),
        ("date()", "date() tells the time"),
        ("Date ( lower('NOW') || 'now' , '+1 day')", "Date() tells the time"),
        ("strftime('%s')", "strftime() tells the time"),
        ("json_extract(v, '$.a')", "malformed JSON"),
        ("abs(-9223372036854775807 - n)", "integer overflow"),
        ("(SELECT name FROM pragma_database_list)", "not authorized"),
    ],
)
def test_what_is_no_usable_expression_is_refused_with_sqlites_words(sql: str, what: str, place: str) -> None:
    with opened(TABLE, rows=[("[", 1)]) as source:
        error = refusal(source, sql, place)
        assert error.what.startswith("SQLite cannot evaluate the expression: ")
        assert what in error.what


INJECTIONS = [
    "1; DROP TABLE t",
    "1) FROM t; DROP TABLE t; --",
    "1) --",
    "1) /*",
    "1 /* FROM t",
    "1 -- FROM t",
    "1) UNION ALL SELECT 1, 2, 3 --",
    "1) FROM t UNION SELECT (1",
    "1 FROM t WHERE (1",
    "1) AS x, (2",
    "ATTACH 'x.db' AS x",
    "(DELETE FROM t RETURNING 1)",
    "(INSERT INTO t VALUES (1, 2) RETURNING 1)",
    "PRAGMA writable_schema = ON",
    "n RETURNING 1",
    "x'00') --",
    "'a' || ';' || ')'",
    "[v;)]",
    "`v;)`",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("sql", INJECTIONS)
def test_nothing_but_an_expression_is_ever_run(sql: str, place: str) -> None:
    with opened(TABLE, rows=[("a", 1), ("b", 2)]) as source:
        before = source._snapshot.read_bytes()
        try:
            source.stage((rules_with(sql, place),), {})
        except ConfigurationError:
            pass
        else:
            # It was an expression after all: a value for every row, or a condition.
            assert sql in ("1 /* FROM t", "1 -- FROM t", "'a' || ';' || ')'")
            rows = stored(source)
            expected = [] if sql.startswith("'a'") and place == "where" else ["a", "b"]
            assert [row[0] for row in rows] == expected
        assert source._snapshot.read_bytes() == before
        assert {path.name for path in source._snapshot.parent.iterdir()} <= {"app.db", "app.db.staged"}


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize(
    ("sql", "value", "result"),
    [
        ("lower(v)", "ÄÖ İ ΑΣ", "ÄÖ İ ΑΣ".lower()),
        ("upper(v)", "straße 한", "STRASSE 한"),
        ("trim(v)", "\u3000a\u00a0", "a"),
        ("trim(v, 'a')", "a\u00a0a", "\u00a0"),
        ("ltrim(v)", "\u00a0 a", "\u00a0 a"),
        ("lower ( /* it */ trim(v) ) -- so", " Ä ", "ä"),
        ("LOWER(v) || upper('é')", "Ä", "äÉ"),
        ('"lower"(v)', "Ä", "ä"),
        ("lower(v)", "A\0É", "a\0é"),
        ("lower(v)", None, None),
        ("lower(v)", "", ""),
        ("lower(12.5)", "", "12.5"),
        ("upper(replace(lower(v), 'ä', 'ö'))", "ÄX", "ÖX"),
        ("typeof(lower(v))", "x", "text"),
        ("lower(v) = 12", "12", 0),
        ("CASE WHEN lower(v) IN ('ä', 'ö') THEN 'umlaut' ELSE upper(v) END", "Ä", "umlaut"),
        ("'lower(v)' || v", "x", "lower(v)x"),
        ("v->>'$.a'", '{"a": "b"}', "b"),
        ("v <> 'a' AND n IS NOT 2", "b", 1),
        ("(SELECT group_concat(value) FROM json_each('[1,2]'))", "x", "1,2"),
        ("date(v, '+1 day')", "2024-02-28", "2024-02-29"),
        ("v = 'now'", "now", 1),
        ("t.v", "x", "x"),
        ("\"V\" || 'y'", "x", "xy"),
        ('(SELECT max(a."n") FROM t AS "a")', "x", 1),
        ("rowid * 10", "x", 10),
        ("CAST(v AS INTEGER) + .5e1", "7", 12.0),
    ],
)
def test_expressions_mean_what_they_mean_in_sqlite_and_know_unicode(
    sql: str, value: SqliteValue, result: SqliteValue, encoding: str
) -> None:
    with opened(TABLE, rows=[(value, 1)], encoding=encoding) as source:
        apply(source, ColumnRule("new", compute=sql))
        assert [row[2] for row in stored(source)] == [result]


@pytest.mark.parametrize("function", ["lower", "upper", "trim"])
def test_functions_leave_text_alone_that_is_no_text(function: str) -> None:
    with opened(TABLE, rows=[(broken(b" \xffA "), 1)]) as source:
        apply(source, ColumnRule("v", compute=f"{function}(v)"))
        assert stored(source) == [(InvalidText(b" \xffA "), 1)]


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("a<=b", "a<=b"),
        ("a -- why\n + /* and */ b", "a + b"),
        ("lower(a)", "+CAST(migrator_lower(CAST(a AS BLOB)) AS TEXT)"),
        ("trim(a, b)", "trim(a, b)"),
        ("lower", "lower"),
        ("'lower'(a)", "'lower'(a)"),
    ],
)
def test_the_text_that_sqlite_is_given(sql: str, made: str) -> None:
    assert expression(sql, frozenset(), Place.condition("t")) == made
