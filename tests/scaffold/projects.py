"""SQLite databases from which projects are made: what people have, and what nobody should have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from migrator import ColumnOptions, Options, TableOptions
from migrator.model.findings import Resolution
from migrator.model.options import Naming


@dataclass(frozen=True, slots=True)
class Project:
    """The sources by name, each an SQL script, and what the user chose."""

    sources: Mapping[str, str]
    options: Options = field(default_factory=Options)


def _one(script: str, options: Options | None = None) -> Project:
    return Project({"source": script}, options or Options())


_KEYWORDS = ("from", "order", "select", "class", "def", "None", "import", "user", "text", "sa", "dt", "int", "str")
_PYTHON = (
    "metadata",
    "registry",
    "query",
    "self",
    "__table__",
    "__init__",
    "_private",
    "True",
    "type",
    "id_",
    "list",
)
_HOSTILE = (
    "MixedCase", "two words", " edge ", 'say ""hi""', "it's", "back`tick", "[a]", "a.b", "100% s %s %(x)s %%",
    "a:b :c ::d", "$$a$b$", "a\\b", "a\\:b", "x; DROP TABLE y; --", "고객 정보", "😀", "two\nlines", "what?",
    "2024", "a,b", "{a}{0}", '""""""', "\\", "a_rather_long_name_that_goes_on_and_on_until_it_is_63_long",
)  # fmt: skip
"""As they stand between double quotes in SQL."""
_RESERVED = """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
    except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
    is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
    only or order outer overlaps placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user using variadic verbose
    when where window with
"""
"""Those of PostgreSQL: https://www.postgresql.org/docs/current/sql-keywords-appendix.html"""
_CLASSES = ("base", "mapped", "any", "decimal", "uuid", "declarative_base", "true", "relationship", "sa", "json")


def _points_at(name: str) -> str:
    """A foreign key to a column of that name; the planner cannot have one whose name holds a dot."""
    return "" if "." in name else f'REFERENCES "{name}" ("{name}")'


def _lower(name: str) -> str:
    """An expression over a column of that name. SQLAlchemy reads colons in indexes it reflects as parameters."""
    return "o + 1" if ":" in name else f'lower("{name}")'


PROJECTS: Mapping[str, Project] = {
    "empty": _one(""),
    "types": _one("""
        CREATE TABLE everything (
            id INTEGER PRIMARY KEY AUTOINCREMENT, i INT NOT NULL DEFAULT 7, b BOOLEAN NOT NULL DEFAULT 0,
            r REAL, d DECIMAL(10, 2) NOT NULL DEFAULT 9.5, wide NUMERIC(38, 10), t TEXT DEFAULT 'it''s',
            v VARCHAR(150) NOT NULL DEFAULT '', day DATE, at TIME, moment DATETIME DEFAULT CURRENT_TIMESTAMP,
            zoned TIMESTAMP, u UUID, j JSON DEFAULT '{}', exact JSON, raw BLOB DEFAULT x'00ff', mixed);
        INSERT INTO everything VALUES (41, 1, 1, 1.5, 1.25, 1.5, 'x', 'y', '2024-01-31', '10:00:00',
            '2024-01-31 10:00:00', '2024-01-31T10:00:00+09:00', '6fa459ea-ee8a-3ca4-894e-db77e160355e', '[]',
            '{"a": 1, "a": 2}', x'00', 1);
    """),
    "defaults": _one("""
        CREATE TABLE defaults (
            id INTEGER PRIMARY KEY, random TEXT DEFAULT (lower(hex(randomblob(4)))),
            number INTEGER DEFAULT (abs(random())), colons TEXT DEFAULT 'a:b :c ::d \\:e',
                percent TEXT DEFAULT '100% %s',
            document JSON DEFAULT '{"a":1,"a":2}', now TEXT DEFAULT (datetime('now')),
                korean TEXT DEFAULT '기본값',
            long TEXT DEFAULT 'a default that goes on and on until nobody could read it on one line,
                with "quotes"');
        INSERT INTO defaults (id, document) VALUES (1, '{"b": 1, "b": 2}');
    """),
    "generated": _one("""
        CREATE TABLE parent (code TEXT PRIMARY KEY);
        CREATE TABLE generated (
            id INTEGER PRIMARY KEY, a INT, b TEXT, s INT GENERATED ALWAYS AS (a * 2) STORED,
            v TEXT AS (b || '!'), w REAL AS (a / 2.0), l TEXT AS (lower(b)) STORED UNIQUE,
            c TEXT AS (upper(b)) STORED REFERENCES parent (code));
        INSERT INTO parent VALUES ('X'); INSERT INTO generated (a, b) VALUES (1, 'x');
    """),
    "keys": _one("""
        CREATE TABLE composite (b TEXT, a INT, c REAL, PRIMARY KEY (a, b), UNIQUE (c, b), UNIQUE (c));
        CREATE TABLE without_rowid (k INTEGER NOT NULL PRIMARY KEY, v) WITHOUT ROWID;
        CREATE TABLE named (k TEXT NOT NULL, v TEXT CONSTRAINT once UNIQUE, CONSTRAINT "the key" PRIMARY KEY (k));
        CREATE TABLE keyless (a INTEGER, b TEXT NOT NULL UNIQUE, c DATETIME);
        CREATE TABLE holds_null (k TEXT PRIMARY KEY, v TEXT);
        CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT);
        CREATE TABLE points_at_keyless (id INTEGER PRIMARY KEY, b TEXT REFERENCES keyless (b));
        INSERT INTO holds_null VALUES (NULL, 'x'); INSERT INTO numbered VALUES (4999);
    """),
    "used up": _one("""
        CREATE TABLE last (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO last VALUES (9223372036854775807, 'x');
    """),
    "checks": _one("""
        CREATE TABLE checked (
            id INTEGER PRIMARY KEY, n INT CHECK (n BETWEEN 1 AND 5),
                s TEXT CONSTRAINT short CHECK (length(s) <= 3),
            k TEXT CHECK (k IN ('a:b', '100%')), lo INT, hi INT, CHECK (lo < hi OR hi IS NULL),
            CONSTRAINT a_check_with_a_name_that_is_long_enough_to_need_a_line CHECK (
                k <> 'this value is so long that the condition cannot stand on one line' AND lo <> 999 OR n = 4));
    """),
    "indexes": _one("""
        CREATE TABLE indexed (id INTEGER PRIMARY KEY, a INT, b TEXT, "C d" TEXT, gone BOOLEAN NOT NULL);
        CREATE INDEX ix_indexed_a ON indexed (a);
        CREATE INDEX descending ON indexed (a DESC, b);
        CREATE UNIQUE INDEX one_alive ON indexed (b) WHERE gone = 0;
        CREATE INDEX expression ON indexed (lower(b));
        CREATE INDEX both ON indexed (lower("C d") DESC, "C d" DESC) WHERE b > ':m' AND "C d" IS NOT NULL;
        CREATE INDEX cases ON indexed (CASE WHEN a IN (1, 2) THEN b ELSE 'z' END);
        CREATE INDEX nocase ON indexed (b COLLATE NOCASE);
        CREATE UNIQUE INDEX uq_indexed_c ON indexed ("C d");
        CREATE TABLE keyless (a INT, "B" TEXT);
        CREATE INDEX keyless_descending ON keyless ("B" DESC, a);
        CREATE INDEX keyless_expression ON keyless (abs(a));
        INSERT INTO indexed VALUES (1, 1, 'x', 'y', 0);
    """),
    "relations": _one("""
        CREATE TABLE people (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES people (id),
            parent_id INTEGER REFERENCES people ON DELETE SET NULL, name TEXT);
        CREATE TABLE profiles (person_id INTEGER PRIMARY KEY REFERENCES people, bio TEXT);
        CREATE TABLE passports (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL UNIQUE REFERENCES people);
        CREATE TABLE messages (id INTEGER PRIMARY KEY, sender_id INTEGER NOT NULL REFERENCES people,
            recipient_id INTEGER REFERENCES people ON DELETE CASCADE ON UPDATE CASCADE,
                owner INT REFERENCES people);
        CREATE TABLE tags (name TEXT PRIMARY KEY);
        CREATE TABLE message_tags (message_id INTEGER REFERENCES messages ON DELETE CASCADE,
            tag TEXT REFERENCES tags DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY (message_id, tag));
        CREATE TABLE deferred (x INTEGER PRIMARY KEY REFERENCES tags_number (id) DEFERRABLE INITIALLY IMMEDIATE);
        CREATE TABLE tags_number (id INTEGER PRIMARY KEY);
    """),
    "composite keys": _one("""
        CREATE TABLE tenants (id INTEGER PRIMARY KEY);
        CREATE TABLE folders (tenant_id INT REFERENCES tenants, id INT, parent_id INT, PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, parent_id) REFERENCES folders (tenant_id, id));
        CREATE TABLE files (id INTEGER PRIMARY KEY, tenant_id INT NOT NULL REFERENCES tenants, folder_id INT,
            backup_id INT,
            FOREIGN KEY (tenant_id, folder_id) REFERENCES folders (tenant_id, id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, backup_id) REFERENCES folders (tenant_id, id));
    """),
    "one column, two keys": _one("""
        CREATE TABLE p (id INTEGER PRIMARY KEY, code INT UNIQUE); CREATE TABLE q (id INTEGER PRIMARY KEY);
        CREATE TABLE c (id INTEGER PRIMARY KEY, x INT REFERENCES p REFERENCES q REFERENCES p (code));
    """),
    "cycles": _one("""
        CREATE TABLE departments (id INTEGER PRIMARY KEY, head_id INTEGER REFERENCES employees (id));
        CREATE TABLE employees (id INTEGER PRIMARY KEY,
            department_id INTEGER NOT NULL REFERENCES departments (id));
        CREATE TABLE a (id INTEGER PRIMARY KEY, x INT, y INT, FOREIGN KEY (x, y) REFERENCES b (x, y));
        CREATE TABLE b (x INT NOT NULL, y INT NOT NULL, c_id INT REFERENCES c (id), PRIMARY KEY (x, y));
        CREATE TABLE c (id INTEGER PRIMARY KEY, a_id INT REFERENCES a (id));
        CREATE TABLE self_by_index (id INTEGER PRIMARY KEY, code TEXT, up TEXT REFERENCES self_by_index (code));
        CREATE UNIQUE INDEX by_code ON self_by_index (code);
        CREATE TABLE child_by_index (id INTEGER PRIMARY KEY, code TEXT REFERENCES self_by_index (code));
    """),
    "not validated": _one(
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p);
        INSERT INTO c VALUES (1, 99);
        """,
        Options(on_orphans=Resolution.UNENFORCED),
    ),
    "check not validated": _one(
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, n INT CHECK (n > 0)); PRAGMA ignore_check_constraints = ON;
        INSERT INTO t VALUES (1, -1);
        """,
        Options(on_check=Resolution.UNENFORCED),
    ),
    "views": _one("""
        CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, active BOOLEAN NOT NULL);
        CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INT REFERENCES customer, amount REAL,
            at DATETIME);
        CREATE VIEW z_base AS SELECT id, name FROM customer WHERE active AND name <> 'a:b' AND name <> '50%';
        CREATE VIEW a_top AS SELECT b.name, p.amount FROM z_base b LEFT JOIN purchase p ON p.customer_id = b.id;
        CREATE VIEW "Sum of all" (who, total) AS SELECT name, sum(amount) FROM a_top GROUP BY name;
    """),
    "only a view": _one("CREATE VIEW v AS SELECT 1 AS one, 'x' AS two;"),
    "python names": _one(
        "".join(
            f'CREATE TABLE "{name}" (id INTEGER PRIMARY KEY, '
            + ", ".join(f"\"{column}\" TEXT NOT NULL DEFAULT 'x'" for column in (*_KEYWORDS, *_PYTHON))
            + ", bigint INT, uuid UUID, json JSON, day DATE, price DECIMAL(5, 2));"
            for name in _CLASSES
        )
        + "INSERT INTO base (id, json, uuid) VALUES (1, '{}', '6fa459ea-ee8a-3ca4-894e-db77e160355e');"
    ),
    "clashing names": _one("""
        CREATE TABLE orders (id INTEGER PRIMARY KEY, "a b" INT, a_b INT, "A-B" INT, "2024" INT, "😀" INT, "%" INT);
        CREATE TABLE "order" (id INTEGER PRIMARY KEY, order_id INT REFERENCES orders, orders INT, "order" INT);
        CREATE TABLE "Orders!" (id INTEGER PRIMARY KEY, "ﬁ" INT, fi INT, "²" INT);
        CREATE TABLE "2024" (id INTEGER PRIMARY KEY, "x²" INT); CREATE TABLE "😀" (id INTEGER PRIMARY KEY);
        CREATE TABLE "?" (v INT); CREATE TABLE "!" (v INT); CREATE TABLE "class" (v INT);
            CREATE TABLE Base (v INT);
        CREATE TABLE addresses (id INTEGER PRIMARY KEY); CREATE TABLE status (id INTEGER PRIMARY KEY);
        CREATE TABLE categories (id INTEGER PRIMARY KEY, category_id INT REFERENCES categories);
    """),
    "hostile names": _one(
        "".join(
            f'CREATE TABLE "{name}" (id INTEGER PRIMARY KEY, o INT REFERENCES "{name}" (id), '
            f"p TEXT {_points_at(name)}, "
            f"\"{name}\" TEXT UNIQUE DEFAULT 'd' CHECK (\"{name}\" <> 'no'));"
            f'CREATE INDEX "{name} index" ON "{name}" ("{name}" DESC, o);'
            f'CREATE INDEX "{name} expression" ON "{name}" ({_lower(name)}) WHERE "{name}" > \'\';'
            f'CREATE VIEW "{name} view" AS SELECT "{name}" FROM "{name}" WHERE "{name}" > \'\';'
            for name in _HOSTILE
        )
    ),
    "tabs": _one('CREATE TABLE "tab\there" (id INTEGER PRIMARY KEY, "a\tb" TEXT DEFAULT \'\t\');'),
    "korean": _one("""
        CREATE TABLE 고객 (id INTEGER PRIMARY KEY, 이름 TEXT NOT NULL, 고객 INT);
        CREATE TABLE 주문 (id INTEGER PRIMARY KEY, 고객_id INT NOT NULL REFERENCES 고객,
            추천인 INT REFERENCES 고객);
        CREATE TABLE 아주긴테이블이름을가진표하나더길게 (
            아주긴열이름을가진열하나더길게더더길게 INTEGER PRIMARY KEY,
            다른고객 INT REFERENCES 고객 (id));
    """),
    "long names": _one("""
        CREATE TABLE a_rather_long_name_that_goes_on_and_on_until_it_is_longer_than_63_one (
            a_rather_long_name_that_goes_on_and_on_until_it_is_longer_than_63_a INTEGER PRIMARY KEY,
            a_rather_long_name_that_goes_on_and_on_until_it_is_longer_than_63_b DATETIME,
            another_long_name_that_goes_on_and_on_until_here_id INT
                REFERENCES a_rather_long_name_that_goes_on_and_on_until_it_is_longer_than_63_one);
    """),
    "reserved words": _one(
        "CREATE TABLE reserved (id INTEGER PRIMARY KEY, "
        + ", ".join(f'"{word}" INT' for word in _RESERVED.split())
        + ");"
    ),
    "own tables": _one(
        """
        CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
        INSERT INTO alembic_version VALUES ('abc');
        CREATE TABLE migrator (v INT); CREATE TABLE migrator_quarantine (v TEXT);
        """
    ),
    "other schema": _one(
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, q_id INT REFERENCES q);
        CREATE TABLE q (id INTEGER PRIMARY KEY, "p code" TEXT UNIQUE REFERENCES p (code),
            day DATE CHECK (day > '2000-01-01'));
        CREATE TABLE r (v TEXT REFERENCES q ("p code")); CREATE INDEX q_day ON q (day DESC);
        CREATE VIEW w AS SELECT code FROM p;
        """,
        Options(schema="My Schema"),
    ),
    "snake case": _one(
        """
        CREATE TABLE "Album" ("AlbumId" INTEGER PRIMARY KEY, "Title" NVARCHAR(160) NOT NULL);
        CREATE TABLE "Track" ("TrackId" INTEGER PRIMARY KEY, "AlbumId" INT REFERENCES "Album",
            "UnitPrice" NUMERIC(10,2));
        """,
        Options(names=Naming.SNAKE),
    ),
    "kept case": _one("""
        CREATE TABLE "Album" ("AlbumId" INTEGER PRIMARY KEY, "Title" NVARCHAR(160) NOT NULL);
        CREATE TABLE "Track" ("TrackId" INTEGER PRIMARY KEY, "AlbumId" INT REFERENCES "Album",
            "UnitPrice" NUMERIC(10,2));
    """),
    "secrets": _one(
        """
        CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, password_hash TEXT NOT NULL, pet TEXT,
            api_token TEXT);
        """,
        Options(tables={"users": TableOptions(columns={"pet": ColumnOptions(secret=True)})}),
    ),
    "several sources": Project(
        {
            "one": "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE only_one (v INT);",
            "two": "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE huge (v INT);",
        },
        Options(
            tables={"two.t": TableOptions(target="t two"), "huge": TableOptions(skip=True)},
        ),
    ),
    "wide": _one(f"CREATE TABLE wide ({', '.join(f'c{n} INT' for n in range(300))});"),
}
