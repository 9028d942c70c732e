"""Projects in folders: how they are made from SQLite files, and how Alembic is run in them."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import migrator
from migrator.connections import open_target
from migrator.model.options import Options
from migrator.model.plan import Plan
from migrator.scaffold import File, scaffold
from migrator.scaffold.settle import settled


def databases(folder: Path, scripts: Mapping[str, str]) -> list[Path]:
    """A SQLite file per script."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.db" for name in scripts]
    for path, script in zip(paths, scripts.values(), strict=True):
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
            if not script:
                connection.execute("VACUUM")  # writes the header of a database without tables
    return paths


def settled_plan(sources: list[Path], url: str, options: Options, work: Path) -> Plan:
    """The plan as the command line makes it for a project."""
    made = migrator.plan([str(path) for path in sources], url, options=options, work=work)
    with open_target(url, work) as server:
        return settled(made, server)


def files_of(plan: Plan, options: Options | None = None) -> tuple[File, ...]:
    """The project's files; sources lie beside them."""
    return scaffold(plan, [(source.name, f"{source.name}.db") for source in plan.sources], options=options)


@contextmanager
def alembic(folder: Path, connection: sa.Connection) -> Iterator[Config]:
    """The project's Alembic over a connection. Each project has a module `models` of its own."""
    path = list(sys.path)
    sys.modules.pop("models", None)
    config = Config(folder / "alembic.ini", stdout=io.StringIO())
    config.attributes["connection"] = connection
    try:
        yield config
    finally:
        sys.path[:] = path
        models = sys.modules.pop("models", None)
        if models is not None:
            models.Base.registry.dispose()


@contextmanager
def models_of(folder: Path) -> Iterator[ModuleType]:
    """The project's models, imported from its folder."""
    sys.path.insert(0, str(folder))
    sys.modules.pop("models", None)
    try:
        import models

        yield models
        models.Base.registry.dispose()
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("models", None)


def upgrade(config: Config, connection: sa.Connection, to: str = "head") -> None:
    """Upgrade, and commit."""
    command.upgrade(config, to)
    connection.commit()


def downgrade(config: Config, connection: sa.Connection, to: str = "base") -> None:
    """Downgrade, and commit."""
    command.downgrade(config, to)
    connection.commit()


_OWN = "nspname !~ '^pg_' AND nspname <> 'information_schema'"
_CATALOGUE = {
    "columns": f"""
        SELECT nspname, relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
               attgenerated, pg_get_expr(adbin, adrelid), col_description(pg_class.oid, attnum)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped AND {_OWN}""",
    "tables": f"""
        SELECT nspname, relname, relkind, obj_description(pg_class.oid)
        FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE {_OWN} AND relkind <> 'i'""",
    "constraints": f"""
        SELECT nspname, conrelid::regclass::text, conname, pg_get_constraintdef(pg_constraint.oid), convalidated,
               condeferrable, condeferred
        FROM pg_constraint JOIN pg_namespace n ON n.oid = connamespace WHERE {_OWN}""",
    "indexes": f"""
        SELECT nspname, relname, pg_get_indexdef(indexrelid)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace
        WHERE {_OWN}""",
    "views": f"""
        SELECT nspname, relname, pg_get_viewdef(pg_class.oid)
        FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'v' AND {_OWN}""",
    "sequences": """
        SELECT schemaname, sequencename, data_type::text, start_value, min_value, max_value FROM pg_sequences""",
    "schemas": f"SELECT nspname FROM pg_namespace WHERE {_OWN}",
}


def catalogue(connection: sa.Connection, *, without: str = "") -> dict[str, frozenset[Any]]:
    """All that is in the database, by what it is; `without` is a table that does not count."""
    found = {kind: connection.exec_driver_sql(query).all() for kind, query in _CATALOGUE.items()}
    connection.commit()
    ours = {without, f"{without}_pkc"} if without else set()
    return {kind: frozenset(tuple(row) for row in rows if not ours & set(row)) for kind, rows in found.items()}
