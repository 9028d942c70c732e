"""Sources, tables and columns that the options mention must exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.errors import ConfigurationError
from migrator.model.options import ColumnOptions, Options, TableOptions, TransformOptions
from migrator.model.schema import Column, Schema, Table
from migrator.planner.mentions import refuse_unknown

_SCHEMAS = {
    "one": Schema((Table("customer", (Column("Name", "TEXT"),)), Table("shared", (Column("a", "INT"),)))),
    "two": Schema((Table("shared", (Column("b", "INT"),)), Table("a.b", ()))),
}
_TRANSFORM = TransformOptions(Path("transforms.py"), "clean")


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
        ("custmer", (), "The source has no table 'custmer'.\n  where: tables\n  to do: Did you mean 'customer'?"),
        ("CUSTOMER", (), "Did you mean 'customer'?"),
        ("two.customer", (), "no table 'two.customer'"),
        ("one.custmer", (), "Did you mean 'one.customer'?"),
        ("onw.customer", (), "There is no source 'onw'.\n  where: tables\n  to do: Did you mean 'one'?"),
        ("zzz.a.b", (), "There is no source 'zzz'.\n  where: tables\n  to do: Known are: one, two."),
        ("zzz.unknown", (), "The source has no table 'zzz.unknown'."),
        (
            "customer",
            ("name",),
            "no column 'name'.\n  where: tables.customer.columns\n  to do: Did you mean 'Name'?",
        ),
        ("two.shared", ("a",), "Known are: b. A new column needs `value` or `compute`."),
        ("zzz", (), "Known are: a.b, customer"),
    ],
)
def test_what_does_not_exist_is_refused(table: str, columns: tuple[str, ...], says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        refuse_unknown(_options(table, *columns), _SCHEMAS)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (_options("one.custmer"), ("tables", "one.custmer")),
        (_options("onw.customer"), ("tables", "onw.customer")),
        (_options("one.customer", "Nam"), ("tables", "one.customer", "columns", "Nam")),
    ],
)
def test_the_error_knows_where_the_file_names_it(options: Options, path: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        refuse_unknown(options, _SCHEMAS)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("column", "new"),
    [
        (ColumnOptions(value="x"), True),
        (ColumnOptions(value=False), True),
        (ColumnOptions(value=""), True),
        (ColumnOptions(compute="lower(Name)"), True),
        (ColumnOptions(trim=True), False),
        (ColumnOptions(target="elsewhere"), False),
        (ColumnOptions(skip=True), False),
    ],
)
def test_only_a_column_that_something_fills_may_be_new(column: ColumnOptions, new: bool) -> None:
    options = Options(tables={"customer": TableOptions(columns={"added": column})})
    if new:
        refuse_unknown(options, _SCHEMAS)
        return
    with pytest.raises(ConfigurationError, match="no column 'added'"):
        refuse_unknown(options, _SCHEMAS)


def test_a_transform_may_make_any_column_but_no_table() -> None:
    chosen = TableOptions(transform=_TRANSFORM, columns={"made": ColumnOptions(target="x")})
    refuse_unknown(Options(tables={"customer": chosen}), _SCHEMAS)
    with pytest.raises(ConfigurationError, match="no table 'custmer'"):
        refuse_unknown(Options(tables={"custmer": chosen}), _SCHEMAS)


@pytest.mark.parametrize(
    ("keys", "unused"),
    [
        (("customer", "one.customer"), "customer"),
        (("shared", "one.shared", "two.shared"), "shared"),
        (("shared", "one.shared"), None),
        (("a.b", "two.a.b"), "a.b"),
        (("one.customer", "two.shared"), None),
    ],
)
def test_a_key_that_longer_ones_leave_nothing_for_is_refused(keys: tuple[str, ...], unused: str | None) -> None:
    options = Options(tables=dict.fromkeys(keys, TableOptions()))
    if unused is None:
        refuse_unknown(options, _SCHEMAS)
        return
    with pytest.raises(ConfigurationError, match="never used") as caught:
        refuse_unknown(options, _SCHEMAS)
    assert caught.value.path == ("tables", unused)


def test_no_options_mention_nothing() -> None:
    refuse_unknown(Options(), {})
