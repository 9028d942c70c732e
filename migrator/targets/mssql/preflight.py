"""What must hold before anything is written: version, permissions, and names that are free."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from migrator.errors import EnvironmentFailure
from migrator.model.plan import JOURNAL_SCHEMA, Phase, Plan, TablePlan
from migrator.targets.common.occupied import refuse_occupied
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.databases import Facts
from migrator.targets.mssql.names import literal, qualified, quote

OLDEST = 13
"""SQL Server 2016: DROP … IF EXISTS, ISJSON, DATEDIFF_BIG, and HASHBYTES of any length are since then."""
CLOUD = frozenset({5, 8, 12})
"""Editions of the engine that are services, whose version says nothing: Azure SQL, Managed Instance, Fabric.
https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql"""

_FACTS = sa.text("""
    SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(60)) AS updateability,
           DB_NAME() AS database_name, USER_NAME() AS login,
           HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE') AS may_create_tables,
           HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE VIEW') AS may_create_views,
           HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE SCHEMA') AS may_create_schemas
""")
_SCHEMAS = sa.text("""
    SELECT name, HAS_PERMS_BY_NAME(QUOTENAME(name), 'SCHEMA', 'ALTER') AS usable
    FROM sys.schemas WHERE name IN :names
""").bindparams(sa.bindparam("names", expanding=True, type_=sa.Unicode(128)))
_TAKEN = sa.text("""
    SELECT name AS taken, CASE type WHEN 'U' THEN 'table' WHEN 'V' THEN 'view' WHEN 'P' THEN 'procedure'
        WHEN 'PK' THEN 'primary key' WHEN 'UQ' THEN 'unique constraint' WHEN 'F' THEN 'foreign key'
        WHEN 'C' THEN 'check' WHEN 'SN' THEN 'synonym' WHEN 'SO' THEN 'sequence' ELSE 'object' END AS kind
    FROM sys.objects WHERE schema_id = SCHEMA_ID(:schema) AND name IN :names ORDER BY 2, 1
""").bindparams(sa.bindparam("names", expanding=True, type_=sa.Unicode(128)))
"""Tables, views and constraints share their names in a schema; indexes have names of their own in each table.
https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-objects-transact-sql"""
_AT_ONCE = 1000
"""Names in one query, which takes 2,100 parameters."""


def check(connection: Connection, plan: Plan, where: str, known: Facts) -> None:
    """See `Server.check`; `where` is the URL to show."""
    facts = connection.execute(_FACTS).one()
    _check_server(facts, known, where)
    _check_schemas(connection, facts, plan, where)
    filled = [table.name for table in plan.tables if table.given and _has_rows(connection, table)]
    refuse_occupied(plan, where, _taken_names(connection, plan), filled)


def _check_server(facts: Row[Any], known: Facts, where: str) -> None:
    major = int(known.version.partition(".")[0])
    if known.edition not in CLOUD and major < OLDEST:
        raise EnvironmentFailure(
            f"The server is SQL Server {known.version}; this tool needs 13 (SQL Server 2016) or later.",
            where=where,
            hint="Upgrade the server, or choose another one.",
        )
    if facts.updateability == "READ_ONLY":
        raise EnvironmentFailure(
            "The database is read-only.",
            where=where,
            hint="Connect to the primary replica, or run ALTER DATABASE … SET READ_WRITE.",
        )


def _check_schemas(connection: Connection, facts: Row[Any], plan: Plan, where: str) -> None:
    lacking = [
        word
        for word, allowed in (("CREATE TABLE", facts.may_create_tables), ("CREATE VIEW", facts.may_create_views))
        if not allowed and (word == "CREATE TABLE" or plan.views)
    ]
    if lacking:
        raise EnvironmentFailure(
            f"The login {facts.login!r} lacks the permission {' and '.join(lacking)}.",
            where=where,
            hint=f"Let an owner of the database run: GRANT {', '.join(lacking)} TO {quote(facts.login)}",
        )
    names = [plan.schema, JOURNAL_SCHEMA]
    found = {str(row.name): bool(row.usable) for row in connection.execute(_SCHEMAS, {"names": names})}
    for name in names:
        made = name == JOURNAL_SCHEMA or any(step.phase is Phase.SCHEMA for step in plan.steps)
        if name in found and not found[name]:
            raise EnvironmentFailure(
                f"The login {facts.login!r} may not create tables in the schema {name!r}.",
                where=where,
                hint=f"Let its owner run: GRANT ALTER ON SCHEMA::{quote(name)} TO {quote(facts.login)}",
            )
        if name not in found and not made:
            raise EnvironmentFailure(
                f"The schema {name!r} is missing.",
                where=where,
                hint=f"Run CREATE SCHEMA {quote(name)}, or choose another schema with --schema.",
            )
        if name not in found and not facts.may_create_schemas:
            raise EnvironmentFailure(
                f"The schema {name!r} is missing, and the login {facts.login!r} may not create schemas.",
                where=where,
                hint=f"Let an owner of the database run: GRANT CREATE SCHEMA TO {quote(facts.login)}",
            )


def _has_rows(connection: Connection, table: TablePlan) -> bool:
    name = qualified(table.schema, table.target)
    there = execute(connection, f"SELECT OBJECT_ID({literal(name)})").scalar() is not None
    return there and execute(connection, f"SELECT TOP (1) 1 FROM {name}").scalar() is not None


def _taken_names(connection: Connection, plan: Plan) -> list[str]:
    own = [table for table in plan.tables if not table.given]
    named = [
        *(table.target for table in own),
        *(view.target for view in plan.views),
        *(key.name for table in own for key in (table.primary_key, *table.uniques) if key is not None),
        *(check.name for table in own for check in table.checks),
        *(key.name for table in own for key in table.foreign_keys),
    ]
    taken: list[str] = []
    for start in range(0, len(named), _AT_ONCE):
        asked = {"schema": plan.schema, "names": named[start : start + _AT_ONCE]}
        taken.extend(f"{row.kind} {row.taken}" for row in connection.execute(_TAKEN, asked))
    return taken
