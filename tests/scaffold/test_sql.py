"""SQL that SQLAlchemy must not take for anything else."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from sqlalchemy.dialects import postgresql

from migrator.model.plan import IndexPartPlan
from migrator.scaffold.code import flat
from migrator.scaffold.elements import index_part
from migrator.scaffold.sql import escaped

PLAIN = postgresql.dialect(paramstyle="named")


@settings(max_examples=2000)
@given(st.text(st.sampled_from(":\\a고_$%' 1\n"), max_size=12))
def test_text_renders_any_sql_as_it_is(sql: str) -> None:
    assert str(sa.text(escaped(sql)).compile(dialect=PLAIN)) == sql


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("lower(v)", 'sa.text("lower(v)")'),
        ("lower((v)::text)", 'sa.text("lower((v)::text)")'),
        ("a + 1", 'sa.text("(a + 1)")'),
        ("(a + 1)", 'sa.text("(a + 1)")'),
        ("(a) + (b)", 'sa.text("((a) + (b))")'),
        ("lower(v) || upper(v)", 'sa.text("(lower(v) || upper(v))")'),
        ("concat(')', v)", "sa.text(\"concat(')', v)\")"),
        ("f(a)::text", 'sa.text("(f(a)::text)")'),
        ("\"(\" || ')'", 'sa.text("(\\"(\\" || \')\')")'),
    ],
)
def test_expressions_of_indexes_have_parentheses_where_they_need_them(expression: str, code: str) -> None:
    """https://www.postgresql.org/docs/current/sql-createindex.html"""
    made = flat(index_part(IndexPartPlan(expression=expression)))
    assert eval(made, {"sa": sa}).text == eval(code, {"sa": sa}).text
