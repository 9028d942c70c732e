"""Every table and column that the options mention must exist: a misspelt one would be a decision not taken.

Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from migrator.errors import ConfigurationError
from migrator.model.options import Options
from migrator.model.schema import Schema, Table


def refuse_unknown(options: Options, schemas: Mapping[str, Schema]) -> None:
    """Raise unless every table and column named in the options is in one of the sources.

    Args:
        schemas: By the name of their database.

    Raises:
        ConfigurationError: A table or column is in none of them; the nearest name is suggested.
    """
    known: dict[str, list[Table]] = {}
    for database, schema in schemas.items():
        for table in schema.tables:
            known.setdefault(table.name, []).append(table)
            known.setdefault(f"{database}.{table.name}", []).append(table)
    for name, chosen in options.tables.items():
        if name not in known:
            raise _unknown("table", name, "tables", known)
        columns = {column.name for table in known[name] for column in table.columns}
        for column in chosen.columns:
            if column not in columns:
                raise _unknown("column", column, f"tables.{name}.columns", columns)


def _unknown(kind: str, name: str, where: str, known: Iterable[str]) -> ConfigurationError:
    names = sorted(known)
    folded = {each.lower(): each for each in names}
    near = [folded[name.lower()]] if name.lower() in folded else difflib.get_close_matches(name, names, 1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known are: {', '.join(names[:20]) or 'none'}."
    return ConfigurationError(f"The source has no {kind} {name!r}.", where=where, hint=hint)
