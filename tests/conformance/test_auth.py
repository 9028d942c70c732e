"""Password hashes arrive byte for byte, so that users log in afterwards with the old password; and no part of one
is ever shown, not even where a hash is what is wrong.

The hashes are those that applications on SQLite really store: argon2, bcrypt, and PBKDF2 as Django and Werkzeug
spell it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import argon2
import bcrypt
import pyarrow as pa
import pytest
from click.testing import CliRunner

import migrator
from migrator.cli import main
from migrator.model.secrets import MASK
from tests.conformance import oracle
from tests.conformance.servers import Target
from tests.conformance.spoiling import server_class
from tests.conformance.test_lifecycle import everything_written

# Hashing, as the applications do it; with few rounds, which the formats record


def argon2_check(password: str, stored: str) -> bool:
    try:
        return argon2.PasswordHasher().verify(stored, password)
    except argon2.exceptions.VerifyMismatchError:
        return False


def argon2_hash(password: str, **more: Any) -> str:
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, **more).hash(password)


def bcrypt_hash(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def bcrypt_check(password: str, stored: str) -> bool:
    return bcrypt.checkpw(password.encode(), stored.encode())


ROUNDS = 600
SALT = "Lq3vG8sXw1ZtB5nY"


def pbkdf2(password: str, salt: str, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds)


def django_hash(password: str) -> str:
    key = base64.b64encode(pbkdf2(password, SALT, ROUNDS)).decode()
    return f"pbkdf2_sha256${ROUNDS}${SALT}${key}"


def django_check(password: str, stored: str) -> bool:
    name, rounds, salt, key = stored.split("$")
    made = base64.b64encode(pbkdf2(password, salt, int(rounds))).decode()
    return name == "pbkdf2_sha256" and hmac.compare_digest(made, key)


def werkzeug_hash(password: str) -> str:
    return f"pbkdf2:sha256:{ROUNDS}${SALT}${pbkdf2(password, SALT, ROUNDS).hex()}"


def werkzeug_check(password: str, stored: str) -> bool:
    method, salt, key = stored.split("$")
    name, digest, rounds = method.split(":")
    made = pbkdf2(password, salt, int(rounds)).hex()
    return (name, digest) == ("pbkdf2", "sha256") and hmac.compare_digest(made, key)


class Scheme(NamedTuple):
    hash: Callable[[str], str]
    check: Callable[[str, str], bool]


SCHEMES = {
    "argon2id": Scheme(argon2_hash, argon2_check),
    "argon2i": Scheme(lambda password: argon2_hash(password, type=argon2.Type.I), argon2_check),
    "bcrypt": Scheme(bcrypt_hash, bcrypt_check),
    "django": Scheme(django_hash, django_check),
    "werkzeug": Scheme(werkzeug_hash, werkzeug_check),
}

PASSWORDS = (
    "correct horse battery staple",
    "비밀번호123!",
    unicodedata.normalize("NFC", "Pässwörd-é"),
    unicodedata.normalize("NFD", "Pässwörd-é"),
    "🔑 \u200b\U0001f9d1\u200d\U0001f4bb",
    "  blanks around, and a tab\t",
    "",
)


class User(NamedTuple):
    id: int
    scheme: str
    password: str
    hash: str


def made_users() -> list[User]:
    """Every password hashed by every scheme."""
    pairs = [(scheme, password) for scheme in SCHEMES for password in PASSWORDS]
    return [User(at, scheme, word, SCHEMES[scheme].hash(word)) for at, (scheme, word) in enumerate(pairs, 1)]


USERS = """
CREATE TABLE users (
  id INTEGER NOT NULL, username VARCHAR(150) NOT NULL, normalized_username VARCHAR(150) NOT NULL,
  display_name VARCHAR(255), full_name VARCHAR(255), email VARCHAR(255), password_hash VARCHAR(255) NOT NULL,
  status VARCHAR(32) DEFAULT 'pending' NOT NULL, is_admin BOOLEAN DEFAULT 0 NOT NULL,
  must_change_password BOOLEAN DEFAULT 0 NOT NULL, invited_by VARCHAR(150), initial_password_sent_at DATETIME,
  created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, approved_at DATETIME, rejected_at DATETIME,
  last_login_at DATETIME, PRIMARY KEY (id)
)
"""

INSERT = (
    "INSERT INTO users (id, username, normalized_username, password_hash, created_at, updated_at) "
    "VALUES (?, ?, ?, ?, '2024-01-31 10:00:00.123456', '2024-01-31 10:00:00.123456')"
)


@pytest.fixture
def users() -> list[User]:
    return made_users()


@pytest.fixture
def source(users: list[User], sqlite_file: Callable[..., Path]) -> Path:
    """The auth store, as SQLAlchemy writes it."""
    rows = [(INSERT, (user.id, f"User {user.id}", f"user {user.id}", user.hash)) for user in users]
    index = "CREATE UNIQUE INDEX ix_users_normalized_username ON users (normalized_username)"
    return sqlite_file([(USERS, ()), (index, ()), *rows], "rsl_store.db")


# Logging in


def wrong_passwords(password: str) -> Iterable[str]:
    """What is close to the password but another one."""
    other_form = {unicodedata.normalize(form, password) for form in ("NFC", "NFD")}
    near = {f"{password}x", password.swapcase(), password.strip(), password[:-1], *other_form}
    return near - {password}


def test_users_log_in_afterwards_with_the_old_password(
    users: list[User], source: Path, database: str, tmp_path: Path
) -> None:
    migrator.run([str(source)], database, work=tmp_path / "work")
    found = oracle.query(database, "SELECT id, password_hash FROM users")
    stored = {int(id or 0): hash or "" for id, hash in found}
    assert {user.id: user.hash for user in users} == stored
    for user in users:
        check = SCHEMES[user.scheme].check
        assert check(user.password, stored[user.id]), user
        let_in = [wrong for wrong in wrong_passwords(user.password) if check(wrong, stored[user.id])]
        assert let_in == [], user


# Looking for hashes in what is written

PART = 12
"""Characters of a hash that nothing may show."""


def parts(text: str, size: int) -> set[str]:
    return {text[at : at + size] for at in range(len(text) - size + 1)}


def shown_of(hashes: Iterable[str], written: str) -> set[str]:
    """Every part of a hash, or of its bytes in hexadecimal, that is in the text."""
    plain, hexadecimal = parts(written, PART), parts(written.lower(), 2 * PART)
    return {
        part
        for each in hashes
        for part in (parts(each, PART) & plain) | (parts(each.encode().hex(), 2 * PART) & hexadecimal)
    }


def test_the_search_itself_finds_a_part_anywhere() -> None:
    hashes = [user.hash for user in made_users()]
    assert shown_of(hashes, "nothing of the kind; pbkdf2, argon2id, $2b$04$") == set()
    for each in hashes:
        assert shown_of(hashes, f"row 1: {each[7 : 7 + PART]}…") == {each[7 : 7 + PART]}
        assert shown_of(hashes, f"x'{each[-PART:].encode().hex()}'")


class Told(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


class CommandLine:
    """The command line in a folder. It keeps everything that was said."""

    def __init__(self, folder: Path, target: str, mode: tuple[str, ...]) -> None:
        self._folder = folder
        self._rest = ("--target", target, "--work", str(folder / "work"), *mode)
        self._target = target
        self._said: list[str] = []

    def __call__(self, *arguments: str) -> Told:
        placed = [
            str(self._folder / each) if each.endswith((".json", ".html", ".toml")) else each for each in arguments
        ]
        result = CliRunner().invoke(main, [*placed, *self._rest])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        self._said += [result.stdout, result.stderr, everything_written(self._folder)]
        self._said.append(repr(oracle.content(self._target, "migrator")))
        return Told(result.exit_code, result.stdout, result.stderr)

    @property
    def written(self) -> str:
        """Everything said on stdout and stderr, and everything that was in a file or in the journal."""
        return "\n".join(self._said)


MODES = {"json": ("--json",), "text": ()}


@pytest.fixture(params=MODES)
def command_line(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> CommandLine:
    return CommandLine(tmp_path, database, MODES[request.param])


@pytest.fixture
def json_line(tmp_path: Path, database: str) -> CommandLine:
    return CommandLine(tmp_path, database, MODES["json"])


def changed_in_target(database: str, user: User, hash: str) -> None:
    oracle.do(database, f"UPDATE users SET password_hash = '{hash}' WHERE id = {user.id}")


def test_no_part_of_a_hash_is_shown_from_plan_to_rollback(
    users: list[User], source: Path, database: str, command_line: CommandLine
) -> None:
    planted = argon2_hash("another one")
    codes = [
        command_line("plan", str(source), "-v", "-o", "plan.json").code,
        command_line("run", str(source), "--plan", "plan.json", "--report", "run.html").code,
        command_line("status").code,
        command_line("verify", "--report", "verified.html").code,
    ]
    changed_in_target(database, users[0], planted)
    codes += [
        command_line("verify", "--report", "differing.html").code,
        command_line("rollback").code,
        command_line("rollback", "--force").code,
        command_line("status").code,
    ]
    assert codes == [0, 0, 0, 0, 1, 1, 0, 0]
    assert "password_hash" in command_line.written and MASK in command_line.written
    assert shown_of([user.hash for user in users] + [planted], command_line.written) == set()


@pytest.mark.parametrize("at", [0, 15, 34])
def test_a_changed_hash_is_found_by_its_user_and_column(
    at: int, users: list[User], source: Path, target: Target, database: str, json_line: CommandLine
) -> None:
    user = users[at]
    assert json_line("run", str(source)).code == 0
    changed_in_target(database, user, user.hash[:-1] + ("x" if user.hash[-1] != "x" else "y"))
    told = json_line("verify")
    assert told.code == 1
    found = [each for each in told.document["mismatches"] if each["key"] is not None]
    assert [
        (each["table"], each["part"], each["column"], each["key"], each["source"], each["target"])
        for each in found
    ] == [(f"{target.schema}.users", "digest", "password_hash", [str(user.id)], MASK, MASK)]
    assert f"{target.schema}.users" in told.err
    changed_in_target(database, user, user.hash)
    assert json_line("verify").code == 0


# Runs that fail because of a hash


def configured(folder: Path, type: str) -> str:
    """A configuration that fixes the type of the hashes."""
    text = f'[tables.users.columns.password_hash]\ntype = "{type}"\n'
    (folder / "migrator.toml").write_text(text, encoding="utf-8")
    return "migrator.toml"


def test_hashes_that_do_not_fit_the_type_given_are_not_shown(
    users: list[User], source: Path, database: str, tmp_path: Path, command_line: CommandLine
) -> None:
    before = oracle.catalogue(database)
    file = configured(tmp_path, "int64")
    planned = command_line("plan", str(source), "-c", file, "-v", "-o", "plan.json")
    told = command_line("run", str(source), "-c", file, "--report", "run.html")
    assert (planned.code, told.code) == (1, 1)
    assert "users.password_hash" in told.err and f"{len(users)}" in planned.out
    assert shown_of([user.hash for user in users], command_line.written) == set()
    assert oracle.catalogue(database) == before


def test_a_hash_that_no_longer_fits_a_saved_plan_is_not_shown(
    users: list[User], source: Path, database: str, tmp_path: Path, command_line: CommandLine
) -> None:
    before = oracle.catalogue(database)
    file = configured(tmp_path, "text(120)")
    assert command_line("plan", str(source), "-c", file, "-o", "plan.json").code == 0
    longer = argon2_hash("a longer one", hash_len=96)
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE users SET password_hash = ? WHERE id = 3", (longer,))
    told = command_line("run", str(source), "--plan", "plan.json", "--report", "run.html")
    assert told.code == 1
    assert f"users.password_hash, row 3: {MASK}" in command_line.written
    assert shown_of([longer, *(user.hash for user in users)], command_line.written) == set()
    assert oracle.catalogue(database) == before


def test_a_hash_that_arrives_changed_fails_the_run_and_is_not_shown(
    users: list[User],
    source: Path,
    target: Target,
    database: str,
    command_line: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = oracle.catalogue(database)
    planted = werkzeug_hash("planted")
    server = server_class(database)
    load = server.load

    def spoilt_load(self: Any, connection: Any, table: Any, batch: pa.RecordBatch) -> int:
        return load(self, connection, table, with_hash(batch, users[4], planted))  # type: ignore[no-any-return]

    monkeypatch.setattr(server, "load", spoilt_load)
    told = command_line("run", str(source), "--report", "run.html")
    assert told.code == 1
    assert f"{target.schema}.users.password_hash" in told.out + told.err
    assert shown_of([planted, *(user.hash for user in users)], command_line.written) == set()
    assert oracle.catalogue(database) == before


def with_hash(batch: pa.RecordBatch, user: User, hash: str) -> pa.RecordBatch:
    """The batch with another hash for the user."""
    at = batch.schema.get_field_index("password_hash")
    ids = batch.column("id").to_pylist()
    values = [
        hash if id == user.id else value for id, value in zip(ids, batch.column(at).to_pylist(), strict=True)
    ]
    return batch.set_column(at, batch.schema.field(at), pa.array(values, pa.string()))
