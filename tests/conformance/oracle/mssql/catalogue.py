"""Everything that a run could leave behind in SQL Server.

Catalogue views: https://learn.microsoft.com/sql/relational-databases/system-catalog-views/catalog-views-transact-sql
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.conformance.oracle.mssql.connecting import fetched, target
from tests.conformance.oracle.mssql.names import literal

_STATEMENTS = {
    "schemas": "SELECT name, principal_id FROM sys.schemas",
    "relations": "SELECT SCHEMA_NAME(schema_id), name, type, OBJECT_NAME(parent_object_id) FROM sys.objects "
    "WHERE is_ms_shipped = 0",
    "columns": "SELECT o.name, c.name, TYPE_NAME(c.user_type_id), c.max_length, c.precision, c.scale, "
    "c.is_nullable, c.is_identity, c.is_computed, c.collation_name "
    "FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id WHERE o.is_ms_shipped = 0",
    "indexes": "SELECT o.name, i.name, i.type_desc, i.is_unique, i.is_disabled, i.filter_definition "
    "FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id WHERE o.is_ms_shipped = 0",
    "foreign keys": "SELECT name, OBJECT_NAME(parent_object_id), OBJECT_NAME(referenced_object_id), is_disabled, "
    "is_not_trusted, delete_referential_action, update_referential_action FROM sys.foreign_keys",
    "checks": "SELECT name, OBJECT_NAME(parent_object_id), definition, is_disabled, is_not_trusted "
    "FROM sys.check_constraints",
    "defaults": "SELECT name, OBJECT_NAME(parent_object_id), definition FROM sys.default_constraints",
    "properties": "SELECT class_desc, major_id, minor_id, name, CAST(value AS nvarchar(4000)) "
    "FROM sys.extended_properties",
    "types": "SELECT SCHEMA_NAME(schema_id), name FROM sys.types WHERE is_user_defined = 1",
    "triggers": "SELECT name, parent_class_desc, is_disabled FROM sys.triggers",
    "principals": "SELECT name, type FROM sys.database_principals",
    "settings": "SELECT name, compatibility_level, collation_name, user_access_desc, is_read_only, "
    "recovery_model_desc, snapshot_isolation_state_desc, is_read_committed_snapshot_on, is_ansi_nulls_on, "
    "is_quoted_identifier_on, is_arithabort_on, is_numeric_roundabort_on, is_concat_null_yields_null_on, "
    "is_ansi_null_default_on, is_auto_close_on, is_recursive_triggers_on "
    "FROM sys.databases WHERE database_id = DB_ID()",
}


def catalogue(url: str) -> dict[str, frozenset[Any]]:
    """See `oracle.catalogue`."""
    with target(url) as connection:
        return {name: frozenset(fetched(connection, statement)) for name, statement in _STATEMENTS.items()}


def names(url: str) -> set[str]:
    """See `oracle.names`."""
    statement = (
        "SELECT name FROM sys.objects WHERE is_ms_shipped = 0 UNION SELECT name FROM sys.schemas "
        "UNION SELECT name FROM sys.indexes WHERE name IS NOT NULL"
    )
    with target(url) as connection:
        return {str(name) for (name,) in fetched(connection, statement)}


def tables(url: str, schemas: Sequence[str]) -> list[tuple[str, str]]:
    """Schema and name of every table in the schemas."""
    listed = ", ".join(map(literal, schemas))
    statement = f"SELECT SCHEMA_NAME(schema_id), name FROM sys.tables WHERE SCHEMA_NAME(schema_id) IN ({listed})"
    with target(url) as connection:
        return [(schema, name) for schema, name in fetched(connection, statement)]
