"""Models in use: what the ORM does with relationships, and what a reader sees."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.dialects import mssql
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

import migrator
from migrator import config as configuration
from migrator.model.options import Options
from migrator.scaffold import write
from tests.scaffold.conftest import Made
from tests.scaffold.folders import alembic, files_of, models_of, settled_plan, upgrade

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
SQL_SERVER = mssql.dialect(deprecate_large_types=True)
SQL_SERVER.server_version_info = (16, 0)
SQL_SERVER._setup_version_attributes()
CREATED = "2024-02-29T12:00:00+00:00"


@pytest.fixture(scope="session")
def sales(lasting: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The project of the example."""
    folder = tmp_path_factory.mktemp("sales")
    script = ROOT / "examples" / "sales" / "make_source.py"
    spec = importlib.util.spec_from_file_location("make_source", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write(folder / "sales.db")
    url = lasting.url.render_as_string(hide_password=False)
    plan = replace(settled_plan([folder / "sales.db"], url, Options(), folder / "work"), created=CREATED)
    write(folder, files_of(plan))
    return Made(folder, plan)


@pytest.fixture
def session(empty: sa.Connection, request: pytest.FixtureRequest) -> Iterator[tuple[Session, ModuleType]]:
    """A session in a database that the revision of the named project made, and the project's models."""
    made: Made = request.param(request)
    with alembic(made.folder, empty) as config:
        upgrade(config, empty)
    with models_of(made.folder) as models, Session(empty) as opened:
        yield opened, models


def of_sales(request: pytest.FixtureRequest) -> Made:
    found: Made = request.getfixturevalue("sales")
    return found


def of(name: str) -> object:
    return lambda request: request.getfixturevalue("projects")[name]


@pytest.mark.parametrize("name", ["models.py", "alembic/versions/0001_sales.py", "migrator.toml"])
def test_what_is_written_for_the_example(sales: Made, name: str) -> None:
    golden = GOLDEN / f"{Path(name).name}.txt"
    assert (sales.folder / name).read_text("utf-8") == golden.read_text("utf-8")


@pytest.mark.parametrize("session", [of_sales], indirect=True)
def test_rows_are_written_and_found_through_relationships(session: tuple[Session, ModuleType]) -> None:
    opened, models = session
    artist = models.Artist(name="달빛", albums=[models.Album(title="Ölmühle")])
    media = models.MediaType(name="audio")
    artist.albums[0].tracks = [models.Track(name=f"Track {n}", milliseconds=n, media_type=media) for n in (1, 2)]
    playlist = models.Playlist(name="all")
    playlist.playlist_tracks = [models.PlaylistTrack(track=track) for track in artist.albums[0].tracks]
    manager = models.Employee(name="Employee 1")
    clerk = models.Employee(name="Employee 2", manager=manager)
    customer = models.Customer(
        name="Customer 1", email="c@example.com", support_rep=clerk, preferences={"a": ["é"]}
    )
    invoice = models.Invoice(customer=customer, total=2)
    invoice.invoice_lines = [models.InvoiceLine(track=artist.albums[0].tracks[0], unit_price=2)]
    opened.add_all([artist, playlist, invoice])
    opened.commit()
    opened.expire_all()

    line = opened.scalars(sa.select(models.InvoiceLine)).one()
    assert line.track.album.artist.name == "달빛"
    assert line.invoice.customer.support_rep.manager.manager_of == [clerk]
    assert (line.quantity, str(line.track.unit_price), line.invoice.paid) == (1, "0.99", False)
    assert line.invoice.customer.preferences == {"a": ["é"]}
    assert [each.track.name for each in playlist.playlist_tracks] == ["Track 1", "Track 2"]
    assert artist.id == 61, "numbers go on behind those of the source"


@pytest.mark.parametrize("session", [of_sales], indirect=True)
def test_deleting_follows_the_keys_of_the_target(session: tuple[Session, ModuleType]) -> None:
    opened, models = session
    track = models.Track(
        name="t", milliseconds=1, media_type=models.MediaType(name="m"), genre=models.Genre(name="g")
    )
    track.playlist_tracks = [models.PlaylistTrack(playlist=models.Playlist(name="p"))]
    opened.add(models.Album(title="a", artist=models.Artist(name="x"), tracks=[track]))
    opened.commit()
    opened.delete(track.genre)
    opened.commit()
    assert track.genre is None
    opened.delete(track.album)
    opened.commit()
    remaining = {
        name: opened.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in ("tracks", "playlist_tracks")
    }
    assert remaining == {"tracks": 0, "playlist_tracks": 0}


@pytest.mark.parametrize("session", [of("cycles")], indirect=True)
def test_rows_that_need_each_other_are_written(session: tuple[Session, ModuleType]) -> None:
    opened, models = session
    department = models.Department()
    department.head = models.Employee(department=department)
    opened.add(department)
    b = models.B(x=1, y=2)
    b.c = models.C(a=models.A(b=b))
    opened.add(b)
    opened.commit()
    opened.expire_all()
    assert department.head.department is department
    assert b.c.a.b is b


@pytest.mark.parametrize("session", [of("composite keys")], indirect=True)
def test_composite_keys_that_share_a_column(session: tuple[Session, ModuleType]) -> None:
    opened, models = session
    tenant = models.Tenant(id=7)
    root = models.Folder(tenant=tenant, id=1)
    child = models.Folder(tenant=tenant, id=2, parent=root)
    file = models.File(tenant=tenant, folder=child, backup=root)
    opened.add(file)
    opened.commit()
    opened.expire_all()
    assert (child.tenant_id, child.parent_id, file.tenant_id, file.folder_id, file.backup_id) == (7, 1, 7, 2, 1)
    assert (file.folder.parent.children, root.files_as_backup) == ([child], [file])


@pytest.mark.parametrize("session", [of("relations")], indirect=True)
def test_one_to_one_several_keys_and_trees(session: tuple[Session, ModuleType]) -> None:
    opened, models = session
    boss = models.Person(name="boss")
    person = models.Person(name="p", boss_person=boss, parent=boss)
    person.passport = models.Passport()
    person.messages_as_sender = [models.Message(recipient=boss, owner_person=person)]
    person.profile = models.Profile(bio="…")
    opened.add(person)
    opened.commit()
    opened.expire_all()
    assert (boss.children, boss.boss_person_of) == ([person], [person])
    assert (person.passport.person, person.profile.person_id) == (person, person.id)
    assert boss.messages_as_recipient == person.messages_as_sender == person.messages_as_owner_person


@pytest.mark.parametrize("session", [of("generated")], indirect=True)
def test_what_the_target_computes_is_only_read(session: tuple[Session, ModuleType]) -> None:
    opened, models = session
    opened.add(models.Parent(code="X"))
    opened.flush()
    row = models.Generated(a=21, b="x")
    opened.add(row)
    opened.commit()
    assert (row.s, row.v, row.w, row.l_, row.parent.code) == (42, "x!", 10.5, "x", "X")
    assert row.parent.generateds == [row]


@pytest.mark.parametrize("session", [of("types")], indirect=True)
def test_every_type_holds_what_its_annotation_says(session: tuple[Session, ModuleType]) -> None:
    opened, models = session
    row = models.Everything(j={"a": [1]}, exact=[1], raw=b"\x01", mixed=5)
    opened.add(row)
    opened.commit()
    expected = {"j": dict, "exact": list, "d": models.Decimal, "moment": models.dt.datetime, "raw": bytes}
    assert {name: type(getattr(row, name)) for name in expected} == expected
    row.j = None
    opened.commit()
    assert opened.scalar(sa.text("SELECT j IS NULL FROM everything")) is True


def test_secret_columns_are_marked(projects: dict[str, Made]) -> None:
    with models_of(projects["secrets"].folder) as models:
        columns = models.Base.metadata.tables["users"].columns
        assert {column.name for column in columns if column.info.get("secret")} == {
            "password_hash",
            "pet",
            "api_token",
        }


def test_the_same_models_make_tables_on_sql_server(projects: dict[str, Made]) -> None:
    with models_of(projects["types"].folder) as models:
        table = models.Base.metadata.tables["everything"]
        created = str(CreateTable(table).compile(dialect=SQL_SERVER))
    expected = {
        "id": "BIGINT",
        "b": "BIT",
        "r": "DOUBLE PRECISION",
        "d": "NUMERIC(10, 2)",
        "t": "NVARCHAR(max)",
        "v": "NVARCHAR(150)",
        "day": "DATE",
        "at": "TIME",
        "moment": "DATETIME2",
        "zoned": "DATETIMEOFFSET",
        "u": "UNIQUEIDENTIFIER",
        "j": "NVARCHAR(max)",
        "raw": "VARBINARY(max)",
    }
    lines = {line.split()[0].strip("[]"): line for line in created.splitlines() if line.startswith("\t")}
    assert {
        name: type for name, type in expected.items() if f" {type} " not in f"{lines[name].strip(', ')} "
    } == {}


def test_the_example_moves_into_the_schema_of_its_models(
    sales: Made, lasting: sa.Engine, empty: sa.Connection, tmp_path: Path
) -> None:
    read = configuration.read(sales.folder / "migrator.toml")
    sources = [source.given for source in read.sources]
    url = lasting.url.render_as_string(hide_password=False)
    result = migrator.run(sources, url, options=read.options, work=tmp_path)
    assert (result.status, result.verified, len(result.tables)) == ("succeeded", True, 11)
    with alembic(sales.folder, empty) as config:
        command.check(config)
    migrator.rollback(target=url, work=tmp_path)
