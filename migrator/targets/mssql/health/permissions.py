"""What the login may do in a database: what a run needs, and what a doctor may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from migrator.model.health import Check, failed, passed
from migrator.model.plan import JOURNAL_SCHEMA
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.names import literal, quote

_MAY_SEE = """
    SELECT MAX(HAS_PERMS_BY_NAME(NULL, NULL, wanted.permission))
    FROM (VALUES (N'VIEW SERVER STATE'), ({})) AS wanted (permission)
"""
"""NULL for a permission that the version does not know: `VIEW SERVER STATE` was divided in SQL Server 2022.
https://learn.microsoft.com/sql/t-sql/functions/has-perms-by-name-transact-sql"""
SECURITY, PERFORMANCE = "VIEW SERVER SECURITY STATE", "VIEW SERVER PERFORMANCE STATE"


def may_see(connection: Connection, permission: str) -> bool:
    """Whether the login has VIEW SERVER STATE, or the part of it that is called so since 2022."""
    return bool(execute(connection, _MAY_SEE.format(literal(permission))).scalar())


_PERMISSIONS = sa.text("""
    SELECT wanted.permission,
           COALESCE(HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', wanted.permission),
                    HAS_PERMS_BY_NAME(NULL, N'DATABASE', wanted.permission), 0) AS granted
    FROM (VALUES (N'CREATE TABLE'), (N'CREATE VIEW'), (N'CREATE SCHEMA')) AS wanted (permission)
""")
"""NULL is the current database, where its name is none that the function reads:
https://learn.microsoft.com/sql/t-sql/functions/has-perms-by-name-transact-sql"""
_IN_SCHEMA = ("ALTER", "SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES")
"""Tables belong to the owner of their schema and not to who makes them, so that making them is not enough:
https://learn.microsoft.com/sql/t-sql/statements/create-table-transact-sql#permissions-1"""
_SCHEMA = """
    SELECT wanted.permission, COALESCE(HAS_PERMS_BY_NAME({schema}, N'SCHEMA', wanted.permission), 0) AS granted
    FROM (VALUES {permissions}) AS wanted (permission)
"""
_OWNS = """
    SELECT CASE WHEN IS_ROLEMEMBER(N'db_owner') = 1 OR IS_ROLEMEMBER(N'db_ddladmin') = 1
                  OR IS_SRVROLEMEMBER(N'sysadmin') = 1
                  OR EXISTS (SELECT 1 FROM sys.schemas
                             WHERE name = {schema} AND principal_id = DATABASE_PRINCIPAL_ID())
                THEN 1 ELSE 0 END
"""
"""Who may set the next identity value (DBCC CHECKIDENT):
https://learn.microsoft.com/sql/t-sql/database-console-commands/dbcc-checkident-transact-sql#permissions"""


def permissions(connection: Connection, facts: Row[Any], schema: str) -> Iterator[Check]:
    """What a run must be allowed: tables and views in its schema, and the journal's schema."""
    granted = {row.permission: bool(row.granted) for row in connection.execute(_PERMISSIONS)}
    missing = [each for each in ("CREATE TABLE", "CREATE VIEW") if not granted[each]]
    user = quote(facts.user_name)
    if missing:
        yield failed(
            "permissions",
            f"The user {facts.user_name} lacks {' and '.join(missing)}.",
            f"Let an administrator run: GRANT {', '.join(missing)} TO {user}",
        )
    else:
        yield passed("permissions", f"The user {facts.user_name} may create tables and views.")
    for name in dict.fromkeys((schema, JOURNAL_SCHEMA)):
        yield _schema(connection, facts, name, granted["CREATE SCHEMA"])


def _schema(connection: Connection, facts: Row[Any], name: str, may_create: bool) -> Check:
    if execute(connection, f"SELECT SCHEMA_ID({literal(name)})").scalar() is None:
        return missing_schema(facts, name, may_create)
    wanted = ", ".join(f"({literal(each)})" for each in _IN_SCHEMA)
    rows = execute(connection, _SCHEMA.format(schema=literal(quote(name)), permissions=wanted))
    lacking = [row.permission for row in rows if not row.granted]
    reseeds = bool(execute(connection, _OWNS.format(schema=literal(name))).scalar())
    return usable_schema(facts, name, lacking, reseeds)


def missing_schema(facts: Row[Any], name: str, may_create: bool) -> Check:
    """A run makes a schema that is missing, where it may."""
    if may_create:
        return passed(f"schema {name}", f"The schema {name} is not there yet; the run makes it.")
    return failed(
        f"schema {name}",
        f"The schema {name} is missing, and the user {facts.user_name} may not create schemas.",
        f"Let an administrator run: GRANT CREATE SCHEMA TO {quote(facts.user_name)}",
    )


def usable_schema(facts: Row[Any], name: str, lacking: Sequence[str], reseeds: bool) -> Check:
    """A schema that is there must let the user change, fill and read its tables."""
    user = quote(facts.user_name)
    if lacking:
        return failed(
            f"schema {name}",
            f"The user {facts.user_name} lacks {', '.join(lacking)} on the schema {name}.",
            f"Let an administrator run: GRANT {', '.join(lacking)} ON SCHEMA::{quote(name)} TO {user}",
        )
    if not reseeds:
        return failed(
            f"schema {name}",
            f"The user {facts.user_name} may not set the next identity value of tables in the schema {name}.",
            f"Let an administrator run: ALTER ROLE db_ddladmin ADD MEMBER {user}",
        )
    return passed(f"schema {name}", f"The user {facts.user_name} may change, fill and read tables of {name}.")
