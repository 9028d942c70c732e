"""Write `sales.db` beside this file: a shop for music with invented data, the same rows in every run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

SCHEMA = """
CREATE TABLE artists (id INTEGER PRIMARY KEY, name NVARCHAR(120) NOT NULL UNIQUE);

CREATE TABLE albums (
    id INTEGER PRIMARY KEY,
    title NVARCHAR(160) NOT NULL,
    artist_id INTEGER NOT NULL REFERENCES artists (id),
    released DATE
);
CREATE INDEX ix_albums_artist_id ON albums (artist_id);

CREATE TABLE genres (id INTEGER PRIMARY KEY, name NVARCHAR(60) NOT NULL UNIQUE);

CREATE TABLE media_types (id INTEGER PRIMARY KEY, name NVARCHAR(60) NOT NULL UNIQUE);

CREATE TABLE tracks (
    id INTEGER PRIMARY KEY,
    name NVARCHAR(200) NOT NULL,
    album_id INTEGER REFERENCES albums (id) ON DELETE CASCADE,
    genre_id INTEGER REFERENCES genres (id) ON DELETE SET NULL,
    media_type_id INTEGER NOT NULL REFERENCES media_types (id),
    composer NVARCHAR(220),
    milliseconds INTEGER NOT NULL CHECK (milliseconds > 0),
    bytes INTEGER,
    unit_price NUMERIC(10, 2) NOT NULL DEFAULT 0.99
);
CREATE INDEX ix_tracks_album_id ON tracks (album_id);
CREATE INDEX tracks_by_name ON tracks (lower(name));

CREATE TABLE playlists (id INTEGER PRIMARY KEY, name NVARCHAR(120) NOT NULL);

CREATE TABLE playlist_tracks (
    playlist_id INTEGER NOT NULL REFERENCES playlists (id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
    PRIMARY KEY (playlist_id, track_id)
);

CREATE TABLE employees (
    id INTEGER PRIMARY KEY,
    name NVARCHAR(120) NOT NULL,
    title NVARCHAR(60),
    manager_id INTEGER REFERENCES employees (id),
    hired DATE,
    active BOOLEAN NOT NULL DEFAULT 1
);

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name NVARCHAR(120) NOT NULL,
    email NVARCHAR(120) NOT NULL UNIQUE,
    country NVARCHAR(60),
    city NVARCHAR(60),
    support_rep_id INTEGER REFERENCES employees (id),
    preferences JSON,
    login_token TEXT
);

CREATE TABLE invoices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    invoiced_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    billing_country NVARCHAR(60),
    paid BOOLEAN NOT NULL DEFAULT 0,
    total NUMERIC(10, 2) NOT NULL CHECK (total >= 0)
);
CREATE INDEX invoices_newest_first ON invoices (invoiced_at DESC, customer_id);
CREATE INDEX invoices_unpaid ON invoices (customer_id) WHERE paid = 0;

CREATE TABLE invoice_lines (
    id INTEGER PRIMARY KEY,
    invoice_id INTEGER NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES tracks (id),
    unit_price NUMERIC(10, 2) NOT NULL,
    quantity INTEGER NOT NULL DEFAULT 1,
    UNIQUE (invoice_id, track_id)
);

CREATE VIEW sales_by_country AS
SELECT billing_country AS country, count(*) AS invoices, sum(total) AS total
FROM invoices
GROUP BY billing_country;
"""

GENRES = ("Rock", "Jazz", "가요", "Élégie", "Chorāle", "Електро", "Фолк", "民谣", "テクノ", "Šansona")
MEDIA_TYPES = ("MPEG audio", "AAC audio", "Lossless audio")
PLACES = (
    ("대한민국", "부산"),
    ("Österreich", "Graz"),
    ("Ísland", "Akureyri"),
    ("Brasil", "Maceió"),
    ("日本", "札幌"),
)
WORDS = ("Paper", "Lantern", "Harbour", "종이", "Ölmühle", "Station", "Ñandú", "Winter", "달빛", "Glaçon", "Orbit")
ARTISTS, ALBUMS, TRACKS, PLAYLISTS, EMPLOYEES, CUSTOMERS, INVOICES = 60, 150, 1_800, 20, 12, 300, 1_200

Row = tuple[Any, ...]


def rows(random: Random) -> Iterator[tuple[str, list[Row]]]:
    """Every table's rows, parents first."""
    prices = [random.choice(("0.99", "1.29", "1.99")) for _ in range(TRACKS)]
    yield "artists", [(n, f"The {random.choice(WORDS)} {random.choice(WORDS)} No. {n}") for n in ids(ARTISTS)]
    yield "albums", [album(random, n) for n in ids(ALBUMS)]
    yield "genres", list(enumerate(GENRES, 1))
    yield "media_types", list(enumerate(MEDIA_TYPES, 1))
    yield "tracks", [track(random, n, prices[n - 1]) for n in ids(TRACKS)]
    yield "playlists", [(n, f"Playlist {random.choice(WORDS)} {n}") for n in ids(PLAYLISTS)]
    yield (
        "playlist_tracks",
        [(n, t) for n in ids(PLAYLISTS) for t in sorted(random.sample(list(ids(TRACKS)), 125))],
    )
    yield "employees", [employee(n) for n in ids(EMPLOYEES)]
    yield "customers", [customer(random, n) for n in ids(CUSTOMERS)]
    lines = {n: random.sample(list(ids(TRACKS)), random.randint(1, 5)) for n in ids(INVOICES)}
    yield "invoices", [invoice(random, n, [prices[t - 1] for t in tracks]) for n, tracks in lines.items()]
    pairs = [(n, t) for n, tracks in lines.items() for t in tracks]
    yield "invoice_lines", [(n, i, t, prices[t - 1], 1) for n, (i, t) in enumerate(pairs, 1)]


def ids(count: int) -> range:
    """1 to `count`."""
    return range(1, count + 1)


def album(random: Random, number: int) -> Row:
    """One album."""
    released = date(1990, 1, 1) + timedelta(days=random.randrange(12_000))
    title = f"{random.choice(WORDS)} & {random.choice(WORDS)}, part {number}"
    return number, title, random.choice(ids(ARTISTS)), None if number % 9 == 0 else released.isoformat()


def track(random: Random, number: int, price: str) -> Row:
    """One track; a few have no album, no genre or no composer."""
    milliseconds = random.randrange(60_000, 600_000)
    return (
        number,
        f"{random.choice(WORDS)} {random.choice(WORDS).lower()} ({number})",
        None if number % 50 == 0 else random.choice(ids(ALBUMS)),
        None if number % 40 == 0 else random.choice(ids(len(GENRES))),
        random.choice(ids(len(MEDIA_TYPES))),
        None if number % 3 else f"Composer {random.randrange(200)}",
        milliseconds,
        milliseconds * 32,
        price,
    )


def employee(number: int) -> Row:
    """One employee; the first has no manager."""
    titles = {1: "General manager", 2: "Sales manager", 3: "IT manager"}
    manager = None if number == 1 else 1 if number < 4 else 2 + number % 2
    return (
        number,
        f"Employee {number:02}",
        titles.get(number, "Staff"),
        manager,
        f"20{10 + number}-03-01",
        number != 7,
    )


def customer(random: Random, number: int) -> Row:
    """One customer."""
    country, city = random.choice(PLACES)
    name = f"Customer {number:04}"
    preferences = (
        None if number % 4 else f'{{"newsletter": {str(number % 8 == 0).lower()}, "genres": ["{GENRES[2]}"]}}'
    )
    token = f"{random.getrandbits(64):016x}"
    return (
        number,
        name,
        f"customer{number:04}@example.com",
        country,
        city,
        random.choice((4, 5, 6)),
        preferences,
        token,
    )


def invoice(random: Random, number: int, prices: list[str]) -> Row:
    """One invoice; its total is the sum of its lines."""
    at = datetime(2022, 1, 1, 8) + timedelta(minutes=random.randrange(1_500_000))
    cents = sum(int(price.replace(".", "")) for price in prices)
    country, _ = random.choice(PLACES)
    return number, random.choice(ids(CUSTOMERS)), f"{at:%Y-%m-%d %H:%M:%S}", country, number % 11 != 0, cents / 100


def write(path: Path) -> None:
    """Write the database, in place of one that is there."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
        for table, content in rows(Random(20)):  # noqa: S311 - invented data, the same in every run
            places = ", ".join("?" for _ in content[0])
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", content)
        connection.commit()


if __name__ == "__main__":
    write(Path(__file__).with_name("sales.db"))
