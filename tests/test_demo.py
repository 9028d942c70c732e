"""The demo sources: whole, repeatable, and with everything that makes real files hard."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from migrator.demo import configuration, generate

TABLES = {
    "rsl_store.db": ("users", "rsl_group", "rsl_step", "rsl_rule_ref", "items", "audit_events"),
    "routing_groups.db": ("routing_groups", "process_groups"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with demo sources of a twentieth of their full size."""
    folder = tmp_path_factory.mktemp("demo")
    generate(folder, scale=0.05)
    return folder


@pytest.fixture(scope="module")
def store(demo: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(demo / "rsl_store.db")) as connection:
        yield connection


@pytest.fixture(scope="module")
def groups(demo: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(demo / "routing_groups.db")) as connection:
        yield connection


def rows(connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def one(connection: sqlite3.Connection, query: str) -> Any:
    return connection.execute(query).fetchone()[0]


def digest(folder: Path) -> str:
    hashed = hashlib.sha256()
    for file, tables in TABLES.items():
        with closing(sqlite3.connect(folder / file)) as connection:
            for table in tables:
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid"):
                    hashed.update(repr(row).encode())
    return hashed.hexdigest()


def test_same_seed_gives_same_rows_and_another_seed_others(tmp_path: Path) -> None:
    made = {name: tmp_path / name for name in ("one", "same", "other")}
    for name, folder in made.items():
        generate(folder, scale=0.01, seed=8 if name == "other" else 7)
    assert digest(made["one"]) == digest(made["same"]) != digest(made["other"])


def test_full_size_has_200_000_rows_and_replaces_earlier_files(tmp_path: Path) -> None:
    generate(tmp_path, scale=0.01)
    *paths, access = generate(tmp_path)
    total = 0
    for path, (file, tables) in zip(paths, TABLES.items(), strict=True):
        assert path == tmp_path / file
        with closing(sqlite3.connect(path)) as connection:
            total += sum(one(connection, f"SELECT count(*) FROM {table}") for table in tables)
    assert 200_000 <= total < 250_000
    assert access.read_bytes() == configuration().with_name("routing.accdb").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*TABLES, "routing.accdb"])


@pytest.mark.parametrize("scale", [0, -1])
def test_scale_must_be_positive(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        generate(tmp_path, scale=scale)


def test_unwritable_folder_is_an_oserror(tmp_path: Path) -> None:
    (tmp_path / "rsl_store.db.new").mkdir()
    with pytest.raises(OSError, match=re.escape("rsl_store.db.new")):
        generate(tmp_path, scale=0.001)


@pytest.mark.parametrize("scale", [0.0001, 0.05])
def test_references_and_checks_hold_at_any_scale(tmp_path: Path, scale: float) -> None:
    generate(tmp_path, scale=scale)
    for path in (tmp_path / name for name in TABLES):
        with closing(sqlite3.connect(path)) as connection:
            assert rows(connection, "PRAGMA foreign_key_check") == []
            assert rows(connection, "PRAGMA integrity_check") == [("ok",)]
            for table in TABLES[path.name]:
                assert one(connection, f"SELECT count(*) FROM {table}") >= 5, table


def test_numbers_given_out_and_deleted_are_remembered(store: sqlite3.Connection) -> None:
    for table in ("users", "items", "audit_events"):
        counter = one(store, f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'")
        assert counter > one(store, f"SELECT max(id) FROM {table}"), table


def test_moments_are_spelt_as_sqlalchemy_and_sqlite_spell_them(store: sqlite3.Connection) -> None:
    lengths = dict(rows(store, "SELECT length(created_at), count(*) FROM audit_events GROUP BY 1"))
    assert lengths.keys() == {19, 26}
    assert lengths[19] < lengths[26] / 100
    for table in ("users", "rsl_group", "rsl_step", "rsl_rule_ref", "items"):
        pattern = "____-__-__ __:__:__.______"
        assert one(store, f"SELECT count(*) FROM {table} WHERE created_at NOT LIKE '{pattern}'") == 0, table


def test_password_hashes_have_real_shapes(store: sqlite3.Connection) -> None:
    shapes = (
        r"\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}",
        r"\$2b\$12\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}",
        r"pbkdf2:sha256:600000\$[A-Za-z]{16}\$[0-9a-f]{64}",
    )
    hashes = [row[0] for row in rows(store, "SELECT password_hash FROM users")]
    matched = [[bool(re.fullmatch(shape, value)) for shape in shapes] for value in hashes]
    assert all(sum(each) == 1 for each in matched)
    assert len(hashes) == len(set(hashes))


def test_usernames_stay_different_when_normalized(store: sqlite3.Connection) -> None:
    users = rows(store, "SELECT username, normalized_username FROM users")
    assert all(normalized == username.strip().lower() for username, normalized in users)
    assert len({normalized for _, normalized in users}) == len(users)


@pytest.mark.parametrize(
    ("what", "condition"),
    [
        ("Korean", "items WHERE item_name GLOB '*[가-힣]*'"),
        ("NULL text", "items WHERE description IS NULL"),
        ("empty text", "items WHERE description = ''"),
        ("text that ends in a blank", "items WHERE description GLOB '* '"),
        ("Windows line ends", "items WHERE instr(description, char(13, 10)) > 0"),
        ("soft deletes", "items WHERE deleted_at IS NOT NULL AND is_active = 0"),
        ("floats with many digits", "items WHERE length(dimension_length) >= 15"),
        ("0 in an INTEGER", "items WHERE quality_checked = 0"),
        ("NULL versions under UNIQUE", "rsl_rule_ref WHERE rule_version IS NULL"),
        ("JSON null beside NULL", "audit_events WHERE payload = 'null'"),
        ("NULL payloads", "audit_events WHERE payload IS NULL"),
        ("emoji escaped as surrogate pairs", r"audit_events WHERE payload LIKE '%\ud83_\ud___%'"),
        ("booleans that are true", "rsl_group WHERE erp_required = 1"),
        ("booleans that are false", "rsl_group WHERE erp_required = 0"),
    ],
)
def test_store_holds(store: sqlite3.Connection, what: str, condition: str) -> None:
    assert one(store, f"SELECT count(*) FROM {condition}") > 0, what


def test_several_null_versions_stand_under_one_unique_key(tmp_path: Path) -> None:
    store_path, *_ = generate(tmp_path, scale=0.2)
    with closing(sqlite3.connect(store_path)) as store:
        repeated = (
            "SELECT 1 FROM rsl_rule_ref WHERE rule_version IS NULL GROUP BY step_id, rule_name HAVING count(*) > 1"
        )
        assert rows(store, repeated)


def test_a_text_is_pages_long(tmp_path: Path) -> None:
    store_path, *_ = generate(tmp_path, scale=0.2)
    with closing(sqlite3.connect(store_path)) as store:
        assert one(store, "SELECT max(length(description)) FROM rsl_group") > 3_000


def test_exactly_one_description_is_longer_than_declared(groups: sqlite3.Connection) -> None:
    assert one(groups, "SELECT count(*) FROM process_groups WHERE length(description) > 512") == 1


def test_keys_are_uuids_of_36_characters(groups: sqlite3.Connection) -> None:
    for table in TABLES["routing_groups.db"]:
        for (key,) in rows(groups, f"SELECT id FROM {table}"):
            assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", key)


def test_every_json_column_holds_json(store: sqlite3.Connection, groups: sqlite3.Connection) -> None:
    for connection in (store, groups):
        for table, column in rows(
            connection,
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c "
            "WHERE t.type = 'table' AND c.type = 'JSON'",
        ):
            documents = rows(connection, f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
            assert documents, (table, column)
            for (document,) in documents:
                json.loads(document)


def test_one_file_escapes_korean_in_json_and_the_other_keeps_it(
    store: sqlite3.Connection, groups: sqlite3.Connection
) -> None:
    assert one(store, r"SELECT count(*) FROM rsl_step WHERE config GLOB '*\u????*'") > 0
    assert one(store, "SELECT count(*) FROM rsl_step WHERE config GLOB '*[가-힣]*'") == 0
    assert one(groups, "SELECT count(*) FROM routing_groups WHERE steps GLOB '*[가-힣]*'") > 0


def test_views_work_and_hold_rows(store: sqlite3.Connection, groups: sqlite3.Connection) -> None:
    for connection, view in (
        (store, "active_users"),
        (store, "rsl_group_overview"),
        (groups, "live_routing_groups"),
    ):
        assert one(connection, f"SELECT count(*) FROM {view}") > 0, view


def test_a_trigger_and_a_full_text_index_are_there(store: sqlite3.Connection) -> None:
    assert rows(store, "SELECT name FROM sqlite_schema WHERE type = 'trigger'") == [("rsl_group_touch",)]
    if ("ENABLE_FTS5",) not in rows(store, "PRAGMA compile_options"):
        pytest.skip("this SQLite has no FTS5")
    assert one(store, "SELECT count(*) FROM items_fts WHERE items_fts MATCH '하우징'") > 0
