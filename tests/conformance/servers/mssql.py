"""SQL Server as a target of the suite, once for each driver: databases, logins and the T-SQL that tests need."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy.engine import make_url

from tests.conformance.model import Arrived
from tests.conformance.oracle import mssql as oracle
from tests.conformance.oracle.mssql import keys
from tests.conformance.oracle.mssql.connecting import odbc_driver, pyodbc_missing
from tests.conformance.servers import capabilities

VARIABLE = "MIGRATOR_TEST_MSSQL_URL"

_USUAL = "SQL_Latin1_General_CP1_CI_AS"
"""The default of an installation in English."""

_TYPES = {
    "bigint": "bigint",
    "integer": "int",
    "smallint": "smallint",
    "boolean": "bit",
    "text": "nvarchar(max)",
    "bytea": "varbinary(max)",
    "double precision": "float",
    "date": "date",
    "time without time zone": "time(7)",
    "timestamp without time zone": "datetime2(7)",
    "timestamp with time zone": "datetimeoffset(7)",
    "uuid": "uniqueidentifier",
    "jsonb": "nvarchar(max)",
    "json": "nvarchar(max)",
}
_SIZED = {"character varying": "nvarchar", "numeric": "decimal"}
_BOUNDED = {"nvarchar(max)": r"nvarchar\((\d+)\)", "varbinary(max)": r"varbinary\((\d+)\)"}


class SQLServer:
    """See `Target`."""

    family = "mssql"
    schema = "dbo"
    breakable = ("constraint", "index", "view")
    sql: Mapping[str, str] = {
        "require s": "UPDATE t SET s = '' WHERE s IS NULL; ALTER TABLE t ALTER COLUMN s nvarchar(max) NOT NULL",
        "drop key": "ALTER TABLE t DROP CONSTRAINT pk_t",
        "number from 1": "DBCC CHECKIDENT ('t', RESEED, 1)",
        "renumber a row": "DELETE FROM t WHERE id = 4; SET IDENTITY_INSERT t ON; "
        "INSERT INTO t (id) VALUES (5); SET IDENTITY_INSERT t OFF",
        "change one of equal rows": "UPDATE TOP (1) t SET v = 'b' WHERE v = 'a'",
        "delete one of equal rows": "DELETE TOP (1) FROM t WHERE v = 'a'",
        "is short": "DATALENGTH(note) < 16",
        "read only": "ALTER DATABASE {database} SET READ_ONLY WITH ROLLBACK IMMEDIATE",
    }
    alterations = ("require s", "drop key", "number from 1")
    words: Mapping[str, str] = {
        "no permission": "lacks the permission CREATE TABLE",
        "read only": "read-only",
        "type": "mssql",
        "database": "MSSQL_DATABASE",
        "nowhere": "mssql://nobody:pw@127.0.0.1:1/x",
    }
    settings = (
        "SET ANSI_NULLS OFF",
        "SET ANSI_NULL_DEFAULT OFF",
        "SET ANSI_PADDING OFF",
        "SET ANSI_WARNINGS OFF",
        "SET ARITHABORT OFF",
        "SET CONCAT_NULL_YIELDS_NULL OFF",
        "SET NUMERIC_ROUNDABORT ON",
        "SET QUOTED_IDENTIFIER OFF",
        "SET RECURSIVE_TRIGGERS ON",
        "SET CURSOR_DEFAULT LOCAL",
        "SET READ_COMMITTED_SNAPSHOT ON",
        "SET RECOVERY SIMPLE",
    )
    locales = (
        "COLLATE SQL_Latin1_General_CP1_CI_AS",
        "COLLATE Latin1_General_100_BIN2",
        "COLLATE Latin1_General_100_CS_AS_KS_WS_SC",
        "COLLATE Latin1_General_100_CI_AI_SC",
        "COLLATE Latin1_General_100_CI_AS_SC_UTF8",
        "COLLATE Korean_Wansung_CI_AS",
        "COLLATE Japanese_XJIS_100_CI_AS",
        "COLLATE Turkish_100_CI_AS",
    )
    too_narrow = ()
    reconnects = True

    def __init__(self, driver: str) -> None:
        self.id = f"mssql-{driver}"
        self._driver = driver

    def server(self) -> str:
        """The one of the environment, through this driver. pyodbc gets Microsoft's driver from a wheel unless the
        URL names one."""
        given = make_url(os.environ[VARIABLE]).set(drivername=f"mssql+{self._driver}")
        rest = {name: value for name, value in given.query.items() if name != "driver"}
        if self._driver == "pyodbc":
            rest["driver"] = given.query.get("driver", odbc_driver())
        return given.set(query=rest).render_as_string(hide_password=False)

    def url(self, server: str, database: str) -> str:
        """See `Target.url`."""
        return make_url(server).set(database=database).render_as_string(hide_password=False)

    def create(self, server: str, name: str, options: str = "") -> None:
        """Comparing as most servers do, whatever this one does."""
        _patiently(server, f"CREATE DATABASE {name} {options or f'COLLATE {_USUAL}'}")

    def drop(self, server: str, name: str) -> None:
        """See `Target.drop`."""
        _patiently(server, f"DROP DATABASE IF EXISTS {name}", lambda: self.end_sessions(server, name))

    def capabilities(self, server: str) -> frozenset[str]:
        """See `capabilities`."""
        name = f"capabilities_{os.getpid()}"
        self.create(server, name)
        try:
            return capabilities.found(self.url(server, name))
        finally:
            self.drop(server, name)

    def assert_types(self, url: str, expected: Arrived, schema: str, types: Mapping[tuple[str, str], str]) -> None:
        """By the table of types.

        Text and bytes in keys and indexes, and what computed columns there are made of, have a length instead of
        `max`: at least that of the longest value, at most what their keys hold.
        """
        found = oracle.table_types(url, schema, expected.name)
        assert [name for name, _ in found] == [name for name, _ in expected.columns]
        bounded = keys.key_columns(url, schema, expected.name)
        longest = keys.longest(url, schema, expected.name)
        for (name, spelling), (_, type) in zip(expected.columns, found, strict=True):
            meant = types.get((expected.name, name), native(spelling))
            length = re.fullmatch(_BOUNDED.get(meant, "(?!)"), type)
            if length is not None and (name in bounded or keys.has_computed_keys(url, schema, expected.name)):
                assert int(length[1]) >= longest[name], (name, type)
            else:
                assert (name, type) == (name, meant)
                assert name not in bounded or meant not in _BOUNDED
        for index, octets, limit in keys.key_octets(url, schema, expected.name):
            assert octets <= limit, f"the key of {index} may take {octets} bytes of {limit}"

    @contextmanager
    def owner(self, url: str, password: str) -> Iterator[str]:
        """A member of sysadmin, which is dbo in every database and owns nothing itself."""
        with self._login(url, password) as (login, made):
            oracle.do(url, f"ALTER SERVER ROLE sysadmin ADD MEMBER {login}")
            yield made

    @contextmanager
    def stranger(self, url: str, password: str) -> Iterator[str]:
        """A user without a role."""
        with self._login(url, password) as (login, made):
            oracle.do(url, f"CREATE USER {login} FOR LOGIN {login}")
            try:
                yield made
            finally:
                oracle.do(url, f"DROP USER {login}")

    @contextmanager
    def _login(self, url: str, password: str) -> Iterator[tuple[str, str]]:
        login = f"login_{make_url(url).database}"
        oracle.do(url, f"CREATE LOGIN {login} WITH PASSWORD = '{password}', CHECK_POLICY = OFF")
        made = make_url(url).set(username=login, password=password).render_as_string(hide_password=False)
        try:
            yield login, made
        finally:
            self._end(url, f"login_name = '{login}'")  # pools keep connections open
            oracle.do(url, f"DROP LOGIN {login}")

    def end_sessions(self, url: str, database: str | None = None) -> None:
        """See `Target.end_sessions`."""
        name = database or make_url(url).database
        self._end(url, f"database_id = DB_ID('{name}')")

    def _end(self, url: str, which: str) -> None:
        sessions = oracle.query(
            url,
            "SELECT session_id FROM sys.dm_exec_sessions "
            f"WHERE {which} AND session_id <> @@SPID AND is_user_process = 1",
        )
        for (session,) in sessions:
            with suppress(*oracle.ERRORS):  # it may have ended by itself
                oracle.do(url, f"KILL {session}")

    def sabotage(self, url: str, *what: str) -> None:
        """A DDL trigger, which undoes the statement that set it off."""
        events = {
            "constraint": "ALTER_TABLE",
            "index": "CREATE_INDEX",
            "view": "CREATE_VIEW",
            "drop": "DROP_TABLE",
        }
        oracle.do(
            url,
            f"CREATE TRIGGER sabotage ON DATABASE FOR {', '.join(events[each] for each in what)} AS "
            "IF EXISTS (SELECT * FROM sys.partitions WHERE object_id = OBJECT_ID('dbo.parent') AND rows > 0) "
            "THROW 50000, 'sabotage', 1",
        )

    def end_sabotage(self, url: str) -> None:
        """See `Target.end_sabotage`."""
        oracle.do(url, "DROP TRIGGER sabotage ON DATABASE")

    def unfit(self, value: Any) -> bool:
        """`float` has neither infinities nor what lies between zero and the smallest normal number."""
        return isinstance(value, float) and value != 0 and not sys.float_info.min <= abs(value) < float("inf")


def _patiently(server: str, statement: str, before: Callable[[], None] = lambda: None) -> None:
    """Carry out what other processes may be in the way of: databases are made from `model` one at a time.
    https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-1807-database-engine-error"""
    for pause in (0.1, 0.3, 1, 3):
        before()
        try:
            return oracle.do(server, statement)
        except oracle.ERRORS:
            time.sleep(pause)
    return oracle.do(server, statement)


def native(spelling: str) -> str:
    """SQL Server's type for what an expectation spells as PostgreSQL does."""
    base, _, size = spelling.partition("(")
    return _TYPES[spelling] if not size else f"{_SIZED[base]}({size}"


def targets() -> tuple[SQLServer, ...]:
    """One for each driver that works here, when there is a server."""
    if not os.environ.get(VARIABLE):
        return ()
    drivers = ["mssqlpython"] if pyodbc_missing() else ["mssqlpython", "pyodbc"]
    return tuple(map(SQLServer, drivers))


def skipped() -> tuple[str, ...]:
    """What cannot be tested here, and what to do for it."""
    if not os.environ.get(VARIABLE):
        return (
            f"The SQL Server half was skipped: to run it, set {VARIABLE} to the URL of a server that is there for "
            "tests, such as mssql://sa:password@host/master?TrustServerCertificate=yes.",
        )
    if pyodbc_missing():
        return ("SQL Server through pyodbc was skipped: pyodbc cannot be imported; install unixODBC (libodbc2).",)
    return ()
