"""What each refusal becomes, however a driver words it, and that no value gets through."""

from __future__ import annotations

import mssql_python
import pytest
from mssql_python.exceptions import sqlstate_to_exception
from sqlalchemy.exc import OperationalError

from migrator.errors import (
    ConnectionLost,
    DataError,
    EnvironmentFailure,
    MigratorError,
    TransientFailure,
)
from migrator.targets.mssql.failures import explain, is_lost, primary_message, said
from tests.targets.mssql.conftest import pyodbc

ODBC = "[Microsoft][ODBC Driver 18 for SQL Server]"


def through_pyodbc(state: str, number: int, words: str) -> Exception:
    text = f"[{state}] {ODBC}[SQL Server]{words} ({number}) (SQLExecDirectW)"
    made: Exception = pyodbc().Error(state, text)
    return made


def through_mssql_python(state: str, _: int, words: str) -> Exception:
    made = sqlstate_to_exception(state, f"{ODBC}[SQL Server]{words}")
    assert made is not None
    return made


DRIVERS = [through_pyodbc, through_mssql_python]

BUSY = "The service is busy, or moving to another machine."
LIMIT = "A limit of the database is reached: its log, its size quota or what a session may use."
PERMISSION = "The login lacks a permission."
OTHER = "Another session has what the run needs."
LOST = "The connection to the server was lost."

KNOWN: list[tuple[str, int, str, type[MigratorError], str]] = [
    (
        "40001",
        1205,
        "Transaction (Process ID 52) was deadlocked on lock resources with another process and has been chosen as "
        "the deadlock victim. Rerun the transaction.",
        TransientFailure,
        OTHER,
    ),
    ("HYT00", 1222, "Lock request time out period exceeded.", TransientFailure, OTHER),
    (
        "42000",
        3960,
        "Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to "
        "access table 'dbo.t' directly or indirectly in database 'd'.",
        TransientFailure,
        "Another session changed the same rows.",
    ),
    (
        "42000",
        40501,
        "The service is currently busy. Retry the request after 10 seconds. Incident ID: 1. Code: 1.",
        TransientFailure,
        BUSY,
    ),
    (
        "42000",
        40613,
        "Database 'd' on server 's' is not currently available.  Please retry the connection later.",
        TransientFailure,
        BUSY,
    ),
    (
        "42000",
        49918,
        "Cannot process request. Not enough resources to process request. Please retry your request later.",
        TransientFailure,
        BUSY,
    ),
    (
        "42000",
        49919,
        'Cannot process request. Too many create or update operations in progress for subscription "s".',
        TransientFailure,
        BUSY,
    ),
    (
        "42000",
        10928,
        "Resource ID: 1. The request limit for the database is 200 and has been reached. See 'http://go'.",
        TransientFailure,
        BUSY,
    ),
    (
        "42000",
        40197,
        "The service has encountered an error processing your request. Please try again. Error code 40540.",
        TransientFailure,
        BUSY,
    ),
    (
        "42000",
        1105,
        "Could not allocate space for object 'dbo.t' in database 'd' because the 'PRIMARY' filegroup is full.",
        EnvironmentFailure,
        "The database has no room left.",
    ),
    (
        "42000",
        9002,
        "The transaction log for database 'd' is full due to 'LOG_BACKUP'.",
        EnvironmentFailure,
        LIMIT,
    ),
    ("42000", 40544, "The database 'd' has reached its size quota.", EnvironmentFailure, LIMIT),
    (
        "42000",
        229,
        "The SELECT permission was denied on the object 't', database 'd', schema 'dbo'.",
        EnvironmentFailure,
        PERMISSION,
    ),
    ("42000", 262, "CREATE TABLE permission denied in database 'd'.", EnvironmentFailure, PERMISSION),
    (
        "42000",
        1088,
        'Cannot find the object "dbo.t" because it does not exist or you do not have permissions.',
        EnvironmentFailure,
        PERMISSION,
    ),
    (
        "42000",
        2760,
        'The specified schema name "s" either does not exist or you do not have permission to use it.',
        EnvironmentFailure,
        PERMISSION,
    ),
    (
        "25000",
        3906,
        'Failed to update database "d" because the database is read-only.',
        EnvironmentFailure,
        "The database is read-only.",
    ),
    (
        "42000",
        701,
        "There is insufficient system memory in resource pool 'default' to run this query.",
        EnvironmentFailure,
        "The server is out of memory.",
    ),
    (
        "01000",
        596,
        "Cannot continue the execution because the session is in the kill state.",
        ConnectionLost,
        LOST,
    ),
    (
        "08S01",
        10054,
        "TCP Provider: An existing connection was forcibly closed by the remote host.",
        ConnectionLost,
        LOST,
    ),
]


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(("state", "number", "words", "kind", "what"), KNOWN, ids=[str(each[1]) for each in KNOWN])
def test_each_failure_of_the_server_says_what_it_is_and_what_to_do(
    driver: type, state: str, number: int, words: str, kind: type[MigratorError], what: str
) -> None:
    cause = driver(state, number, words)
    for error in (cause, OperationalError("SELECT 1", {}, cause)):
        found = explain(error, "mssql://h/d, keys: k", "c")
        assert type(found) is kind
        assert found.what == f'{what} The server says: "{" ".join(words.split()).rstrip(".")}".'
        assert found.where == "mssql://h/d, keys: k, column c"
        assert found.hint


DATA = [
    (
        "23000",
        2627,
        "Violation of PRIMARY KEY constraint 'pk'. Cannot insert duplicate key in object 'dbo.t'. The duplicate "
        "key value is (secret (x), 5).",
        "object 'dbo.t'. The duplicate key value is (•••)",
    ),
    (
        "23000",
        2601,
        "Cannot insert duplicate key row in object 'dbo.t' with unique index 'i'. The duplicate key value is "
        "(secret\nof two lines).",
        "index 'i'. The duplicate key value is (•••)",
    ),
    (
        "23000",
        1505,
        "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name "
        "'dbo.t' and the index name 'i'. The duplicate key value is (secret).",
        "name 'i'. The duplicate key value is (•••)",
    ),
    (
        "22018",
        245,
        "Conversion failed when converting the nvarchar value 'it's secret' to data type int.",
        "Conversion failed when converting the nvarchar value '•••' to data type int",
    ),
    (
        "22001",
        2628,
        "String or binary data would be truncated in table 'd.dbo.t', column 'c'. Truncated value: 'secret'.",
        "in table 'd.dbo.t', column 'c'. Truncated value: '•••'",
    ),
    (
        "22003",
        248,
        "The conversion of the nvarchar value 'secret' overflowed an int column.",
        "The conversion of the nvarchar value '•••' overflowed an int column",
    ),
    (
        "22003",
        220,
        "Arithmetic overflow error for data type tinyint, value = 777.",
        "Arithmetic overflow error for data type tinyint, value •••",
    ),
    (
        "22003",
        232,
        "Arithmetic overflow error for type int, value = 77777777777.000000.",
        "Arithmetic overflow error for type int, value •••",
    ),
    (
        "22003",
        8115,
        "Arithmetic overflow error converting expression to data type int.",
        "Arithmetic overflow error converting expression to data type int",
    ),
    (
        "23000",
        515,
        "Cannot insert the value NULL into column 'a', table 'd.dbo.t'; column does not allow nulls.",
        "Cannot insert the value NULL into column 'a', table 'd.dbo.t'; column does not allow nulls",
    ),
    (
        "23000",
        547,
        'The ALTER TABLE statement conflicted with the FOREIGN KEY constraint "fk". The conflict occurred in '
        'database "d", table "dbo.t", column \'id\'.',
        "table \"dbo.t\", column 'id'",
    ),
    ("42S02", 208, "Invalid object name 'dbo.t'.", "Invalid object name 'dbo.t'"),
    # Names have any words in them.
    (
        "23000",
        2627,
        "Violation of PRIMARY KEY constraint 'deadlock'. Cannot insert duplicate key in object 'dbo.read-only'.",
        "in object 'dbo.read-only'",
    ),
    ("42S02", 208, "Invalid object name 'dbo.permission denied'.", "Invalid object name 'dbo.permission denied'"),
    ("42S02", 208, "Invalid object name 'dbo.Connection reset'.", "Invalid object name 'dbo.Connection reset'"),
]


@pytest.mark.parametrize(("state", "number", "words", "kept"), DATA, ids=[f"{e[1]} {e[2][-20:]}" for e in DATA])
def test_refusals_keep_the_servers_words_and_no_value(state: str, number: int, words: str, kept: str) -> None:
    first, second = (explain(driver(state, number, words), "t") for driver in DRIVERS)
    assert type(first) is DataError and type(second) is DataError
    assert first.what.endswith(f"{kept} (error {number}).")
    assert second.what.endswith(f"{kept}.")
    for found in (first, second):
        assert found.what.startswith("The server refuses it: ")
        assert "secret" not in str(found) and "777" not in str(found)
        assert "migrator.toml" in found.hint


def test_the_drivers_wrapping_is_taken_off() -> None:
    words = "Invalid object name 'dbo.t'."
    one, other = (said(driver("42S02", 208, words)) for driver in DRIVERS)
    assert (one.words, one.number, one.state) == (words, 208, "42S02")
    assert (other.words, other.number, other.state) == (words, None, "Base table or view not found")
    assert primary_message(through_pyodbc("42S02", 208, words)) == words


def test_what_bulk_copy_says_around_the_message_is_taken_off() -> None:
    found = said(
        RuntimeError("Sql Error: 2601: Class 14: State 1: No duplicates here on db.example in dbo.f at line 7")
    )
    assert (found.words, found.number) == ("No duplicates here", 2601)


def test_a_number_below_zero_is_the_drivers_own() -> None:
    text = f"[08001] {ODBC}SSL Provider: certificate verify failed (-1) (SQLDriverConnect)"
    assert said(pyodbc().OperationalError("08001", text)).words == "SSL Provider: certificate verify failed"


def test_of_several_messages_the_first_counts() -> None:
    text = (
        f"[42000] {ODBC}[SQL Server]Could not drop constraint. (3727) (SQLExecDirectW); "
        f"[42000] {ODBC}[SQL Server]See previous errors. (1750)"
    )
    found = said(pyodbc().ProgrammingError("42000", text))
    assert (found.words, found.number) == ("Could not drop constraint.", 3727)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("OperationalError", f"[08S01] {ODBC}Communication link failure (0) (SQLExecDirectW)"),
        ("OperationalError", f"[08S01] {ODBC}TCP Provider: Error code 0x68 (104) (SQLExecDirectW)"),
        ("Error", "[08003] [Microsoft][ODBC Driver Manager] Connection not open (0) (SQLGetInfo)"),
    ],
)
def test_a_connection_of_pyodbc_that_broke_is_transient(kind: str, text: str) -> None:
    assert_lost(getattr(pyodbc(), kind)(text[1:6], text))


@pytest.mark.parametrize(
    "error",
    [
        mssql_python.OperationalError("Communication link failure", f"{ODBC}Communication link failure"),
        mssql_python.OperationalError("Connection failure", f"{ODBC}TCP Provider: Error code 0x2746"),
        mssql_python.InterfaceError("Cannot create cursor on closed connection", ""),
        ConnectionResetError("reset"),
        BrokenPipeError(),
        OperationalError("x", {}, mssql_python.Error("General error", "?"), connection_invalidated=True),
    ],
    ids=str,
)
def test_a_connection_that_broke_is_transient_and_says_how_to_go_on(error: Exception) -> None:
    assert_lost(error)


def assert_lost(error: Exception) -> None:
    assert is_lost(error, said(error))
    found = explain(error, "t")
    assert type(found) is ConnectionLost
    assert isinstance(found, TransientFailure)
    assert found.what.startswith(LOST)
    assert "migrator resume" in found.hint


def test_an_error_without_words_is_a_refusal() -> None:
    found = explain(pyodbc().Error(), "t")
    assert (type(found), found.what) == (DataError, "The server refuses it.")
