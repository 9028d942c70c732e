"""What must hold before anything is written: version, encoding, permissions, and names that are free."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from migrator.errors import EnvironmentFailure
from migrator.model.plan import JOURNAL_SCHEMA, Phase, Plan, TablePlan
from migrator.targets.common.occupied import refuse_occupied
from migrator.targets.common.verbatim import execute
from migrator.targets.postgresql.names import literal, qualified

OLDEST = 14
"""The oldest server version. `extract` gives exact numbers since 14, and the figures need them."""


_FACTS = sa.text("""
    SELECT current_setting('server_version_num')::int / 10000 AS major,
           current_setting('server_encoding') AS encoding,
           current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery() AS read_only,
           current_user AS login,
           current_database() AS database,
           has_database_privilege(current_database(), 'CREATE') AS may_create_schemas
""")

_SCHEMAS = sa.text("""
    SELECT nspname AS name, has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE') AS usable
    FROM pg_namespace WHERE nspname = ANY (:names)
""")

_TAKEN = sa.text("""
    SELECT relname AS name,
           CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index'
                        WHEN 'I' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type'
                        WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind
    FROM pg_class
    WHERE relnamespace = to_regnamespace(quote_ident(:schema)) AND relname = ANY (:relations)
    UNION ALL
    SELECT typname, 'type'
    FROM pg_type AS own
    WHERE typnamespace = to_regnamespace(quote_ident(:schema)) AND typname = ANY (:rows) AND typrelid = 0
      AND NOT EXISTS (SELECT FROM pg_type AS element WHERE element.typarray = own.oid)
    ORDER BY 2, 1
""")
"""Tables, views, sequences and indexes share their names; a table or view also takes the name of its row type.
The server moves array types of its own out of the way.
https://www.postgresql.org/docs/current/catalog-pg-class.html"""


def check(connection: Connection, plan: Plan, where: str) -> None:
    """See `Server.check`; `where` is the URL to show."""
    facts = connection.execute(_FACTS).one()
    _check_server(facts, where)
    _check_schemas(connection, facts, plan, where)
    filled = [table.name for table in plan.tables if table.given and _has_rows(connection, table)]
    refuse_occupied(plan, where, _taken_names(connection, plan), filled)


def _has_rows(connection: Connection, table: TablePlan) -> bool:
    name = qualified(table.schema, table.target)
    found = execute(connection, f"SELECT to_regclass({literal(name)}) IS NOT NULL").scalar_one()
    return bool(found and execute(connection, f"SELECT EXISTS (SELECT FROM {name})").scalar_one())


def _check_server(facts: Row[Any], where: str) -> None:
    if facts.major < OLDEST:
        raise EnvironmentFailure(
            f"The server is PostgreSQL {facts.major}; this tool needs {OLDEST} or later.",
            where=where,
            hint="Upgrade the server, or choose another one.",
        )
    if facts.encoding != "UTF8":
        raise EnvironmentFailure(
            f"The database's encoding is {facts.encoding}, which cannot hold every text.",
            where=where,
            hint="Make a database with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
        )
    if facts.read_only:
        raise EnvironmentFailure(
            "The server is read-only.",
            where=where,
            hint="Connect to the primary server, not to a replica, and check default_transaction_read_only.",
        )


def _check_schemas(connection: Connection, facts: Row[Any], plan: Plan, where: str) -> None:
    names = [plan.schema, JOURNAL_SCHEMA]
    found = {row.name: row.usable for row in connection.execute(_SCHEMAS, {"names": names})}
    for name in names:
        if name in found and not found[name]:
            raise EnvironmentFailure(
                f"The login {facts.login!r} may not create tables in the schema {name!r}.",
                where=where,
                hint=f'Let its owner run: GRANT USAGE, CREATE ON SCHEMA "{name}" TO "{facts.login}"',
            )
        if name not in found and name != JOURNAL_SCHEMA and not _creates_schema(plan):
            raise EnvironmentFailure(
                f"The schema {name!r} is missing.",
                where=where,
                hint=f'Run CREATE SCHEMA "{name}", or choose another schema with --schema.',
            )
        if name not in found and not facts.may_create_schemas:
            raise EnvironmentFailure(
                f"The schema {name!r} is missing, and the login {facts.login!r} may not create schemas.",
                where=where,
                hint=f'Let the owner run: GRANT CREATE ON DATABASE "{facts.database}" TO "{facts.login}"',
            )


def _creates_schema(plan: Plan) -> bool:
    return any(step.phase is Phase.SCHEMA for step in plan.steps)


def _taken_names(connection: Connection, plan: Plan) -> list[str]:
    own = [table for table in plan.tables if not table.given]
    rows = {*(table.target for table in own), *(view.target for view in plan.views)}
    keys = [key for table in own for key in (table.primary_key, *table.uniques) if key is not None]
    indexes = {*(key.name for key in keys), *(index.name for table in own for index in table.indexes)}
    given = {"schema": plan.schema, "relations": sorted(rows | indexes), "rows": sorted(rows)}
    return [f"{row.kind} {row.name}" for row in connection.execute(_TAKEN, given)]
