"""Tables and columns that the options mention must exist."""

from __future__ import annotations

import pytest

from migrator.errors import ConfigurationError
from migrator.model.options import ColumnOptions, Options, TableOptions
from migrator.model.schema import Column, Schema, Table
from migrator.planner.mentions import refuse_unknown

_SCHEMAS = {
    "one": Schema((Table("customer", (Column("Name", "TEXT"),)), Table("shared", (Column("a", "INT"),)))),
    "two": Schema((Table("shared", (Column("b", "INT"),)), Table("a.b", ()))),
}


def _options(table: str, *columns: str) -> Options:
    return Options(tables={table: TableOptions(columns=dict.fromkeys(columns, ColumnOptions()))})


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("customer", ("Name",)),
        ("one.customer", ("Name",)),
        ("shared", ("a", "b")),
        ("two.shared", ("b",)),
        ("a.b", ()),
        ("two.a.b", ()),
    ],
)
def test_what_exists_is_accepted(table: str, columns: tuple[str, ...]) -> None:
    refuse_unknown(_options(table, *columns), _SCHEMAS)


@pytest.mark.parametrize(
    ("table", "columns", "says"),
    [
        ("custmer", (), "no table 'custmer'.\n  where: tables\n  to do: Did you mean 'customer'?"),
        ("CUSTOMER", (), "Did you mean 'customer'?"),
        ("two.customer", (), "no table 'two.customer'"),
        (
            "customer",
            ("name",),
            "no column 'name'.\n  where: tables.customer.columns\n  to do: Did you mean 'Name'?",
        ),
        ("two.shared", ("a",), "Known are: b."),
        ("zzz", (), "Known are: a.b, customer"),
    ],
)
def test_what_does_not_exist_is_refused(table: str, columns: tuple[str, ...], says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        refuse_unknown(_options(table, *columns), _SCHEMAS)
    assert says in str(caught.value)


def test_no_options_mention_nothing() -> None:
    refuse_unknown(Options(), {})
