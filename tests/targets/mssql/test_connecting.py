"""From URLs to connection strings, and what is said when no connection comes of them."""

from __future__ import annotations

import importlib
import re
import socket
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import mssql_python
import pytest
from sqlalchemy.engine import URL, make_url

from migrator.errors import ConfigurationError, ConnectionFailure, MigratorError
from migrator.targets import ConnectOptions, dialect_of
from migrator.targets.mssql import DIALECT
from migrator.targets.mssql.connecting import (
    APPLICATION,
    MSSQL_PYTHON,
    PACKET_SIZE,
    PYODBC,
    Way,
    connect_failure,
    is_freetds,
    make_engine,
    misunderstood,
    way,
    wheel_driver,
)
from migrator.targets.mssql.server import connect
from tests.targets.mssql.conftest import driver_library, pyodbc

OPTIONS = ConnectOptions(timeout=2)
MICROSOFT = "ODBC Driver 18 for SQL Server"


def url(text: str) -> URL:
    return make_url(text)


# Which driver


@pytest.mark.parametrize("name", ["mssql", MSSQL_PYTHON, PYODBC])
def test_urls_that_people_have_lead_to_this_dialect(name: str) -> None:
    assert dialect_of(url(f"{name}://h/d")).name == DIALECT.name


@pytest.mark.parametrize("name", ["mssql", MSSQL_PYTHON])
def test_a_url_without_a_driver_takes_the_one_that_brings_its_own(name: str) -> None:
    assert way(url(f"{name}://u@h/d")) == Way(MSSQL_PYTHON)


def drivers(*names: str) -> Callable[[], list[str]]:
    return lambda: list(names)


@pytest.mark.parametrize(
    ("installed", "taken"),
    [
        (("ODBC Driver 17 for SQL Server", MICROSOFT), MICROSOFT),
        ((MICROSOFT, "ODBC Driver 17 for SQL Server"), MICROSOFT),
        (("ODBC Driver 17 for SQL Server", "FreeTDS"), "ODBC Driver 17 for SQL Server"),
        (("ODBC Driver 13 for SQL Server", "FreeTDS"), "FreeTDS"),
        (("PostgreSQL Unicode", "ODBC Driver 9 for SQL Server"), wheel_driver()),
        ((), wheel_driver()),
    ],
)
def test_pyodbc_takes_the_newest_driver_of_the_system_or_the_one_a_wheel_carries(
    monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...], taken: str
) -> None:
    monkeypatch.setattr(pyodbc(), "drivers", drivers(*installed))
    assert way(url(f"{PYODBC}://u@h/d")).odbc == taken


def test_the_wheel_carries_a_driver() -> None:
    found = Path(wheel_driver() or "")
    assert found.is_file() and found.name == Path(driver_library()).name


@pytest.mark.parametrize("keyword", ["driver", "Driver", "DRIVER"])
def test_a_driver_named_in_the_url_is_taken(monkeypatch: pytest.MonkeyPatch, keyword: str) -> None:
    monkeypatch.setattr(pyodbc(), "drivers", drivers(MICROSOFT))
    assert way(url(f"{PYODBC}://u@h/d?{keyword}=Mine")) == Way(PYODBC, "Mine")


@pytest.mark.usefixtures("odbc")
@pytest.mark.parametrize("driver", ["FreeTDS", "/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so"])
def test_freetds_is_known_and_comes_with_a_word_of_warning(driver: str) -> None:
    assert is_freetds(driver)
    (note,) = way(url(f"{PYODBC}://u@h/d").update_query_dict({"driver": driver})).notes
    assert note.startswith("FreeTDS is slower and less exact;")


@pytest.mark.usefixtures("odbc")
def test_other_drivers_come_without_a_word() -> None:
    assert not is_freetds(MICROSOFT)
    assert way(url(f"{PYODBC}://u@h/d?driver={MICROSOFT}")).notes == ()


@pytest.mark.parametrize("given", [f"{PYODBC}:///?odbc_connect=DSN%3Dx", f"{PYODBC}://u:p@/d"])
def test_what_names_its_own_data_source_gets_no_driver(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setattr(pyodbc(), "drivers", drivers(MICROSOFT))
    assert way(url(given)) == Way(PYODBC, None)


def test_another_driver_is_refused_with_what_to_write() -> None:
    with pytest.raises(ConfigurationError) as caught:
        way(url("mssql+pymssql://u:secret@h/d"))
    assert caught.value.what == "'mssql+pymssql' is not how this tool connects to SQL Server."
    assert caught.value.where == "mssql+pymssql://u:***@h/d"
    assert "mssql+mssqlpython://" in caught.value.hint


def without(monkeypatch: pytest.MonkeyPatch, *missing: str) -> None:
    """Make modules missing, or not loadable for want of a library."""
    real = importlib.import_module

    def load(name: str, package: str | None = None) -> ModuleType:
        if name in missing:
            raise ImportError(f"libodbc.so.2: cannot open\nshared object file ({name})")
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", load)


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [(MSSQL_PYTHON, "mssql_python", "mssql-python"), (PYODBC, "pyodbc", "pyodbc")],
)
def test_a_missing_driver_is_named_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str, package: str
) -> None:
    without(monkeypatch, module)
    with pytest.raises(ConfigurationError) as caught:
        way(url(f"{name}://u:secret@h/d"))
    assert caught.value.what == (
        f"The driver {package} cannot be loaded: libodbc.so.2: cannot open shared object file ({module})."
    )
    assert caught.value.where == f"{name}://u:***@h/d"
    assert caught.value.hint.startswith(f"pip install {package}. pyodbc also needs unixODBC")


def test_a_url_without_a_driver_takes_pyodbc_where_the_other_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyodbc(), "drivers", drivers(MICROSOFT))
    without(monkeypatch, "mssql_python")
    assert way(url("mssql://u@h/d")) == Way(PYODBC, MICROSOFT)


def test_without_any_driver_the_first_is_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "mssql_python", "pyodbc")
    with pytest.raises(ConfigurationError, match=r"The driver mssql-python cannot be loaded"):
        way(url("mssql://u@h/d"))


def test_pyodbc_without_an_odbc_driver_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyodbc(), "drivers", drivers("SQLite3"))
    monkeypatch.setattr("migrator.targets.mssql.connecting.wheel_driver", lambda: None)
    with pytest.raises(ConfigurationError) as caught:
        way(url(f"{PYODBC}://u@h/d"))
    assert caught.value.what == "No ODBC driver for SQL Server is installed."
    assert "?driver=" in caught.value.hint


# The connection string


def arguments(given: str, by: Way) -> tuple[dict[str, str], dict[str, Any]]:
    """The parts of the connection string, keywords in small letters, and the arguments beside it."""
    if by.drivername == PYODBC:
        pyodbc()
    engine = make_engine(url(given), OPTIONS, by)
    (text,), rest = engine.dialect.create_connect_args(engine.url)
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {key.lower(): value for key, _, value in pairs}, dict(rest)


def parts(given: str, by: Way) -> dict[str, str]:
    return arguments(given, by)[0]


WAYS = [Way(MSSQL_PYTHON), Way(PYODBC, MICROSOFT)]


@pytest.mark.parametrize("by", WAYS, ids=["mssql-python", "pyodbc"])
def test_tls_with_a_checked_certificate_is_the_rule(by: Way) -> None:
    found = parts("mssql://u:p@h:1433/d", by)
    assert (found["encrypt"], found["packetsize"]) == ("yes", PACKET_SIZE)
    assert (found["server"], found["database"], found["uid"], found["pwd"]) == ("h,1433", "d", "u", "p")
    assert "trustservercertificate" not in found and "trusted_connection" not in found


@pytest.mark.parametrize("by", WAYS, ids=["mssql-python", "pyodbc"])
@pytest.mark.parametrize(
    ("query", "keyword", "value"),
    [
        ("Encrypt=no", "encrypt", "no"),
        ("encrypt=Strict", "encrypt", "Strict"),
        ("ENCRYPT=optional", "encrypt", "optional"),
        ("TrustServerCertificate=yes", "trustservercertificate", "yes"),
        ("trustservercertificate=yes", "trustservercertificate", "yes"),
        ("PacketSize=4096", "packetsize", "4096"),
        ("packetsize=4096", "packetsize", "4096"),
        ("MultiSubnetFailover=yes", "multisubnetfailover", "yes"),
    ],
)
def test_what_the_url_says_is_kept_however_it_is_spelt(by: Way, query: str, keyword: str, value: str) -> None:
    assert parts(f"mssql://u:p@h/d?{query}", by)[keyword] == value


@pytest.mark.parametrize("by", WAYS, ids=["mssql-python", "pyodbc"])
def test_without_a_user_the_login_is_that_of_the_process(by: Way) -> None:
    assert parts("mssql://h/d", by)["trusted_connection"].lower() == "yes"


@pytest.mark.parametrize("by", WAYS, ids=["mssql-python", "pyodbc"])
def test_ways_to_authenticate_pass_through(by: Way) -> None:
    found = parts("mssql://h/d?Authentication=ActiveDirectoryDefault", by)
    assert found["authentication"] == "ActiveDirectoryDefault"
    assert "trusted_connection" not in found


@pytest.mark.parametrize("driver", [MICROSOFT, "/opt/lib/libmsodbcsql-18.6.so.2.1"])
def test_pyodbc_is_given_its_driver(driver: str) -> None:
    assert parts("mssql://u:p@h/d", Way(PYODBC, driver))["driver"] == f"{{{driver}}}"


def test_freetds_speaks_a_protocol_that_has_all_types() -> None:
    found = parts("mssql://u:p@h/d", Way(PYODBC, "FreeTDS"))
    assert (found["tds_version"], found["clientcharset"]) == ("7.4", "UTF-8")
    assert parts("mssql://u:p@h/d?TDS_Version=8.0", Way(PYODBC, "FreeTDS"))["tds_version"] == "8.0"


@pytest.mark.parametrize(("at", "port"), [("h", "1433"), ("h:14330", "14330")])
def test_freetds_takes_the_port_apart_from_the_host(at: str, port: str) -> None:
    found = parts(f"mssql://u:p@{at}/d", Way(PYODBC, "FreeTDS"))
    assert (found["server"], found["port"]) == ("h", port)


def test_the_server_sees_who_is_connected() -> None:
    assert parts("mssql://u:p@h/d", Way(PYODBC, MICROSOFT))["app"] == APPLICATION
    assert parts("mssql://u:p@h/d?app=mine", Way(PYODBC, MICROSOFT))["app"] == "mine"
    # mssql-python refuses to be given a name, and says its own.
    assert "app" not in parts("mssql://u:p@h/d", Way(MSSQL_PYTHON))


@pytest.mark.usefixtures("odbc")
def test_a_whole_connection_string_stays_as_it_is() -> None:
    given = "DSN=mine;UID=u;PWD=p"
    engine = make_engine(url(f"{PYODBC}:///").update_query_dict({"odbc_connect": given}), OPTIONS, Way(PYODBC))
    (text,), _ = engine.dialect.create_connect_args(engine.url)
    assert text == given


@pytest.mark.parametrize("password", ["p;Encrypt=no", "a}b", "{x}", "p w=", "한글"])
@pytest.mark.parametrize("by", WAYS, ids=["mssql-python", "pyodbc"])
def test_a_password_cannot_add_parts_to_the_connection_string(by: Way, password: str) -> None:
    if by.drivername == PYODBC:
        pyodbc()
    engine = make_engine(url("mssql://u@h/d").set(password=password), OPTIONS, by)
    (text,), _ = engine.dialect.create_connect_args(engine.url)
    escaped = password.replace("}", "}}")
    assert f"{{{escaped}}}" in text or (not re.search("[;{}]", password) and f"PWD={password};" in text)


# What is said when it fails


def refused(given: str | URL) -> MigratorError:
    """What connecting there raises; the password must not be in it."""
    with pytest.raises(MigratorError) as caught:
        connect(make_url(given), OPTIONS).close()
    assert "hush" not in str(caught.value) and "\n" not in caught.value.what
    return caught.value


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert isinstance(port, int)
    return port


NO_SERVER = "No server answers there. The driver says: "
NO_ANSWER = "The server did not answer in time. The driver says: "
UNKNOWN = "The host name is unknown, or no server answers there. The driver says: "


def test_nothing_listening_is_no_server() -> None:
    port = closed_port()
    error = refused(f"mssql://sa:hush@127.0.0.1:{port}/d")
    assert isinstance(error, ConnectionFailure)
    assert error.what.startswith(NO_SERVER)
    assert error.where == f"mssql://sa:***@127.0.0.1:{port}/d"
    assert "TCP/IP" in error.hint


def test_an_unknown_host_is_said_to_be_one() -> None:
    error = refused("mssql://sa:hush@no-such-host.invalid/d")
    assert isinstance(error, ConnectionFailure)
    assert error.what.startswith(UNKNOWN)
    assert error.where == "mssql://sa:***@no-such-host.invalid/d"


@pytest.mark.usefixtures("odbc")
@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_through_pyodbc_the_driver_says_only_that_time_ran_out(host: str) -> None:
    given = url(f"{PYODBC}://sa:hush@{host}:{closed_port()}/d").update_query_dict({"driver": driver_library()})
    error = refused(given)
    assert isinstance(error, ConnectionFailure)
    assert error.what.startswith((NO_SERVER, NO_ANSWER, UNKNOWN))
    assert "Check host" in error.hint or "TCP/IP" in error.hint


def test_a_server_that_says_nothing_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        error = refused(f"mssql://sa:hush@127.0.0.1:{listening.getsockname()[1]}/d")
    assert isinstance(error, ConnectionFailure)
    assert error.what.startswith(NO_ANSWER)


def test_a_part_of_the_url_that_the_driver_does_not_know_is_a_configuration_error() -> None:
    error = refused("mssql://sa:hush@127.0.0.1/d?Encrypted=yes")
    assert isinstance(error, ConfigurationError)
    assert error.what.startswith("The URL has a part that the driver does not know.") and "encrypted" in error.what


@pytest.mark.usefixtures("odbc")
def test_a_driver_that_is_not_there_is_named() -> None:
    error = refused(f"{PYODBC}://sa:hush@127.0.0.1/d?driver=No+Such+Driver")
    assert isinstance(error, MigratorError)
    assert "No Such Driver" in error.what or "No Such Driver" in error.where or "not found" in error.what
    assert error.hint


def test_only_what_drivers_raise_for_a_wrong_string_is_taken_for_one() -> None:
    found = misunderstood(Way(MSSQL_PYTHON))
    assert mssql_python.exceptions.ConnectionStringParseError in found
    assert not issubclass(KeyError, found) and not issubclass(mssql_python.Error, found)
    assert misunderstood(Way(PYODBC, MICROSOFT)) == (ValueError, RuntimeError)


PREFIX = "[Microsoft][ODBC Driver 18 for SQL Server]"

SAID = [
    (f"{PREFIX}[SQL Server]Login failed for user 'u'.", "The server does not accept the login."),
    (f"{PREFIX}[SQL Server]AADSTS50034: no such account", "The server does not accept the login."),
    (
        f"{PREFIX}SSL Provider: [error:0A000086:SSL routines::certificate verify failed:self-signed certificate]",
        "The server's certificate cannot be trusted.",
    ),
    (
        f"{PREFIX}SSL Provider: The target principal name is incorrect: hostname mismatch",
        "The server's certificate cannot be trusted.",
    ),
    (f"{PREFIX}SSL Provider: [error:0A000102]", "The TLS connection cannot be made."),
    (f"{PREFIX}Client unable to establish connection: encryption off", "The TLS connection cannot be made."),
    (
        f'{PREFIX}[SQL Server]Cannot open database "d" requested by the login. The login failed.',
        "The database does not exist, or the login may not use it.",
    ),
    (f"{PREFIX}TCP Provider: Error code 0x2AF9", "The host name is unknown, or no server answers there."),
    (f"{PREFIX}TCP Provider: Error code 0x2749", "No server answers there."),
    (f"{PREFIX}TCP Provider: Connection refused", "No server answers there."),
    (f"{PREFIX}Login timeout expired", "The server did not answer in time."),
    (f"{PREFIX}Invalid connection string attribute", "The URL has a part that the driver does not know."),
    (f"{PREFIX}[SQL Server]알 수 없음", "Cannot connect: 알 수 없음"),
]


def pyodbc_says(words: str) -> Exception:
    error: Exception = pyodbc().OperationalError("08001", f"[08001] {words} (0) (SQLDriverConnect)")
    return error


def mssql_python_says(words: str) -> Exception:
    return mssql_python.OperationalError("Client unable to establish connection", words)


@pytest.mark.parametrize("says", [pyodbc_says, mssql_python_says])
@pytest.mark.parametrize(("words", "what"), SAID, ids=[words[len(PREFIX) :][:40] for words, _ in SAID])
def test_each_way_to_fail_says_what_it_is(says: Callable[[str], Exception], words: str, what: str) -> None:
    error = connect_failure(says(words), url("mssql://u:hush@h/d"))
    assert error.what.startswith(what)
    assert error.hint and error.where == "mssql://u:***@h/d"
    kind = ConfigurationError if "a part that" in what else ConnectionFailure
    assert type(error) is kind


def test_passwords_in_the_drivers_words_are_masked() -> None:
    given = url("mssql://u:hush@h/d?AccessToken=quiet&pwd=still")
    error = connect_failure(pyodbc().Error("08001", "[08001] bad hush and still (0) (SQLDriverConnect)"), given)
    assert "hush" not in str(error) and "still" not in str(error)
