"""PostgreSQL as a target of the suite: databases, roles and the statements that tests need in its SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import make_url

from tests.conformance.model import Arrived
from tests.conformance.oracle import postgresql as oracle
from tests.conformance.servers import capabilities

_SABOTAGE = """
CREATE FUNCTION public.sabotage() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('public.parent') IS NOT NULL THEN
        IF EXISTS (SELECT FROM public.parent) THEN RAISE EXCEPTION 'sabotage'; END IF;
    END IF;
END $$;
CREATE EVENT TRIGGER sabotage ON ddl_command_start WHEN TAG IN ({tags}) EXECUTE FUNCTION public.sabotage();
"""
_TAGS = {
    "constraint": "ALTER TABLE",
    "index": "CREATE INDEX",
    "view": "CREATE VIEW",
    "drop": "DROP TABLE",
}


class PostgreSQL:
    """See `Target`."""

    id = family = "postgresql"
    schema = "public"
    breakable = ("constraint", "index", "view")
    sql: Mapping[str, str] = {
        "require s": "UPDATE t SET s = '' WHERE s IS NULL; ALTER TABLE t ALTER COLUMN s SET NOT NULL",
        "drop numbering": "ALTER TABLE t ALTER COLUMN id DROP IDENTITY",
        "drop key": "ALTER TABLE t DROP CONSTRAINT pk_t",
        "number from 1": "SELECT setval(pg_get_serial_sequence('t', 'id'), 1)",
        "renumber a row": "UPDATE t SET id = 5 WHERE id = 4",
        "change one of equal rows": "UPDATE t SET v = 'b' WHERE ctid = '(0,1)'",
        "delete one of equal rows": "DELETE FROM t WHERE ctid = '(0,2)'",
        "is short": "pg_column_size(note) < 8",
        "read only": "ALTER DATABASE {database} SET default_transaction_read_only = on",
    }
    alterations = ("require s", "drop numbering", "drop key", "number from 1")
    words: Mapping[str, str] = {
        "no permission": "may not create tables in the schema 'public'",
        "read only": "read-only",
        "type": "postgresql",
        "database": "PG_DATABASE",
        "nowhere": "postgresql://nobody:pw@127.0.0.1:1/x",
    }
    settings = (
        "SET timezone = 'Asia/Seoul'",
        "SET datestyle = 'SQL, DMY'",
        "SET intervalstyle = 'sql_standard'",
        "SET bytea_output = 'escape'",
        "SET extra_float_digits = -15",
        "SET search_path = ''",
        "SET default_transaction_isolation = 'serializable'",
        "SET client_encoding = 'LATIN1'",
        "SET standard_conforming_strings = off",
        "SET lock_timeout = '60s'",
        "SET check_function_bodies = off",
        "SET default_toast_compression = 'pglz'",
        "SET enable_seqscan = off",
        "SET synchronize_seqscans = on",
        "SET xmlbinary = 'hex'",
    )
    locales = (
        "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
        "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'",
        "LOCALE_PROVIDER icu ICU_LOCALE 'de-u-co-phonebk-kn'",
        "LOCALE 'C.UTF-8'",
    )
    reconnects = False
    too_narrow = ("ENCODING 'SQL_ASCII' LOCALE 'C'", "ENCODING 'LATIN1' LOCALE 'C'")

    def url(self, server: str, database: str) -> str:
        """See `Target.url`."""
        return make_url(server).set(database=database).render_as_string(hide_password=False)

    def create(self, server: str, name: str, options: str = "") -> None:
        """From template0, which takes no part in what others added to template1. Not waiting for the disk is three
        times as fast."""
        encoding = "" if "ENCODING" in options else "ENCODING 'UTF8' "
        oracle.do(
            server,
            f"CREATE DATABASE {name} TEMPLATE template0 {encoding}{options}",
            f"ALTER DATABASE {name} SET synchronous_commit = off",
        )

    def drop(self, server: str, name: str) -> None:
        """See `Target.drop`."""
        oracle.do(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def capabilities(self, server: str) -> frozenset[str]:
        """Every version has all of it."""
        return frozenset(capabilities.TRIALS)

    def assert_types(self, url: str, expected: Arrived, schema: str, types: Mapping[tuple[str, str], str]) -> None:
        """The expectation's own spelling."""
        assert not types
        assert oracle.table_types(url, schema, expected.name) == expected.columns

    @contextmanager
    def owner(self, url: str, password: str) -> Iterator[str]:
        """A superuser."""
        with self._role(url, password, "SUPERUSER") as made:
            yield made

    @contextmanager
    def stranger(self, url: str, password: str) -> Iterator[str]:
        """PUBLIC may create in the schema before PostgreSQL 15."""
        oracle.do(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        with self._role(url, password, "") as made:
            yield made

    @contextmanager
    def _role(self, url: str, password: str, right: str) -> Iterator[str]:
        role = f"role_{make_url(url).database}"
        oracle.do(url, f"CREATE ROLE {role} LOGIN {right} PASSWORD '{password}'")
        yield make_url(url).set(username=role, password=password).render_as_string(hide_password=False)
        oracle.do(url, f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")

    def end_sessions(self, url: str) -> None:
        """See `Target.end_sessions`."""
        oracle.do(
            url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )

    def sabotage(self, url: str, *what: str) -> None:
        """An event trigger."""
        oracle.do(url, _SABOTAGE.format(tags=", ".join(f"'{_TAGS[each]}'" for each in what)))

    def end_sabotage(self, url: str) -> None:
        """See `Target.end_sabotage`."""
        oracle.do(url, "DROP EVENT TRIGGER sabotage; DROP FUNCTION sabotage")

    def unfit(self, value: Any) -> bool:
        """`text` holds any character but U+0000."""
        return "\0" in str(value)


TARGET = PostgreSQL()
