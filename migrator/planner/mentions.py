"""Every table and column that the options mention must exist: a misspelt one would be a decision not taken.

Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from migrator.errors import ConfigurationError
from migrator.model.options import ColumnOptions, Options, TableOptions
from migrator.model.schema import Schema, Table

Known = Mapping[str, list[Table]]
"""Tables by every name the options may give them: their own, and `source.table`."""


def refuse_unknown(options: Options, schemas: Mapping[str, Schema]) -> None:
    """Raise unless every table and column named in the options is in one of the sources. A column with `value` or
    `compute` may be new, and of a table with a transform nothing is known but what the transform makes.

    Args:
        schemas: By the name of their source, before or after its rules were carried out.

    Raises:
        ConfigurationError: A source, table or column is in none of them, and the nearest name is suggested; or
            longer keys leave nothing for a table's own name. `path` says where the configuration file names it.
    """
    known = _known(schemas)
    for name, chosen in options.tables.items():
        if name not in known:
            raise _unknown_table(name, known, schemas)
        if _never_used(name, options, schemas):
            raise _shadowed(name)
        _refuse_unknown_columns(name, chosen, known[name])


def _known(schemas: Mapping[str, Schema]) -> Known:
    known: dict[str, list[Table]] = {}
    for source, schema in schemas.items():
        for table in schema.tables:
            known.setdefault(table.name, []).append(table)
            known.setdefault(f"{source}.{table.name}", []).append(table)
    return known


def _unknown_table(name: str, known: Known, schemas: Mapping[str, Schema]) -> ConfigurationError:
    """What is misspelt may be the source in `source.table`."""
    path = ("tables", name)
    source, _, table = name.partition(".")
    if table in known and source not in schemas:
        return _unknown(f"There is no source {source!r}.", source, "tables", schemas, path)
    return _unknown(f"The source has no table {name!r}.", name, "tables", known, path)


def _never_used(name: str, options: Options, schemas: Mapping[str, Schema]) -> bool:
    """Whether every table that the key is for has a longer key, which wins."""
    meant = [(source, table.name) for source, schema in schemas.items() for table in schema.tables]
    longer = [f"{source}.{table}" for source, table in meant if table == name]
    whole = any(f"{source}.{table}" == name for source, table in meant)
    return not whole and all(key in options.tables for key in longer)


def _shadowed(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"What is said about table {name!r} is never used.",
        where="tables",
        hint=f'Every source with that table has a [tables."SOURCE.{name}"], which wins. Put all of it there.',
        path=("tables", name),
    )


def _refuse_unknown_columns(name: str, chosen: TableOptions, tables: list[Table]) -> None:
    if chosen.transform is not None:
        return
    columns = {column.name for table in tables for column in table.columns}
    for column, options in chosen.columns.items():
        if column not in columns and not _makes(options):
            what, path = f"The source has no column {column!r}.", ("tables", name, "columns", column)
            raise _unknown(what, column, f"tables.{name}.columns", columns, path, _NEW)


_NEW = " A new column needs `value` or `compute`."


def _makes(options: ColumnOptions) -> bool:
    return options.value is not None or options.compute is not None


def _unknown(
    what: str, name: str, where: str, known: Iterable[str], path: tuple[str, ...], else_: str = ""
) -> ConfigurationError:
    names = sorted(known)
    folded = {each.lower(): each for each in names}
    near = [folded[name.lower()]] if name.lower() in folded else difflib.get_close_matches(name, names, 1)
    listed = f"Known are: {', '.join(names[:20]) or 'none'}.{else_}"
    return ConfigurationError(what, where=where, hint=f"Did you mean {near[0]!r}?" if near else listed, path=path)
