"""Rules and transforms carried out on the private snapshot: a staged file beside it, with the rows of every table
that has any.

The snapshot is never changed. Where a staged file is, a table is read from it or else from the snapshot, see
`connection.connect`; `originals` tells what a row was before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import ConfigurationError
from migrator.model.rules import Staged, TableRules, Transformer
from migrator.model.schema import Schema, Table
from migrator.sources.sqlite.staging import transforms
from migrator.sources.sqlite.staging.database import Draft, discard, draft
from migrator.sources.sqlite.staging.effective import with_tables
from migrator.sources.sqlite.staging.tables import Ruled, carry_out, find_table


@dataclass(frozen=True, slots=True)
class Stage:
    """What the rules made of a source: its schema now, and what they did to each table, in the rules' order.
    `originals` are the source's own tables by the name of the staged ones."""

    schema: Schema
    staged: tuple[Staged, ...]
    originals: Mapping[str, Table]


def staged_path(snapshot: Path) -> Path:
    """The staged file over a snapshot."""
    return snapshot.with_name(f"{snapshot.name}.staged")


def stage(
    snapshot: Path, schema: Schema, rules: Sequence[TableRules], transformers: Mapping[str, Transformer]
) -> Stage:
    """Write the staged file over a snapshot. `schema` is the source's own.

    Raises:
        ConfigurationError: The source cannot evaluate a rule's SQL, or a column that a rule needs is missing.
        TransformError: A transform failed, or returned what cannot be stored.
        EnvironmentFailure: There is no room.
        sqlite3.Error: The snapshot cannot be read.
    """
    made: dict[str, Ruled] = {}
    with draft(staged_path(snapshot), snapshot) as into:
        for each in rules:
            name = find_table(schema, each.table).name
            if name in made:
                raise ConfigurationError(f"There are rules for table {name} twice.", where=f"table {name}")
            made[name] = _carry_out(into, snapshot, schema, each, transformers)
    tables = {name: done.table for name, done in made.items()}
    originals = {name: schema.table(name) for name in made}
    return Stage(with_tables(schema, tables), tuple(done.staged for done in made.values()), originals)


def _carry_out(
    into: Draft, snapshot: Path, schema: Schema, rules: TableRules, transformers: Mapping[str, Transformer]
) -> Ruled:
    if rules.transform is None:
        return carry_out(into, schema, rules)
    with _between(snapshot) as path:
        with draft(path, snapshot) as between:
            ruled = carry_out(between, schema, rules)
        original = schema.table(ruled.table.name)
        table = transforms.carry_out(into, path, snapshot, ruled.table, original, transformers[rules.table])
    return Ruled(table, ruled.staged)


@contextmanager
def _between(snapshot: Path) -> Iterator[Path]:
    """Where a table's rows stand between its rules and its transform."""
    path = snapshot.with_name(f"{snapshot.name}.ruled")
    try:
        yield path
    finally:
        discard(path)
