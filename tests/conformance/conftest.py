"""Every test that asks for a target, or for a database, runs on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.engine import URL

from tests.conformance.lasting import Lasting
from tests.conformance.servers import Target, targets
from tests.conformance.servers.mssql import SQLServer


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marks mean."""
    config.addinivalue_line("markers", "only(family): the test is about the targets of this family")
    config.addinivalue_line(
        "markers", "by_target(names, table): parameters that a function of the target gives, by the name of each"
    )
    config.addinivalue_line("markers", "needs(*names): what the server must be able to do")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each target, and for each of the parameters that the target gives."""
    if "target" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("only")
    meant = [each for each in targets() if only is None or each.family == only.args[0]]
    table = metafunc.definition.get_closest_marker("by_target")
    if table is None:
        metafunc.parametrize("target", meant, ids=lambda each: each.id)
        return
    names, given = table.args
    rows = [
        pytest.param(each, *values, id=f"{each.id}-{name}")
        for each in meant
        for name, values in given(each).items()
    ]
    metafunc.parametrize(("target", *names), rows)


Databases = Callable[[Target], Lasting]
"""The database of a target, made when it is first asked for."""


@contextmanager
def databases(server: Callable[[Any], str]) -> Iterator[Databases]:
    """Databases for this process, on the server whose URL the function gives for a target."""
    made: dict[str, Lasting] = {}

    def of(target: Target) -> Lasting:
        if target.id not in made:
            made[target.id] = Lasting(target, server(target))
        return made[target.id]

    yield of
    for each in made.values():
        each.drop()


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: URL) -> Iterator[Databases]:
    """On the server that all tests use."""
    with databases(lambda _: postgresql_server.render_as_string(hide_password=False)) as made:
        yield made


@pytest.fixture(scope="session")
def mssql_databases() -> Iterator[Databases]:
    """On the server that the environment names, through each driver."""
    with databases(SQLServer.server) as made:
        yield made


@pytest.fixture
def lasting(target: Target, request: pytest.FixtureRequest) -> Lasting:
    """The target's database, on a server that can do what the test needs."""
    found: Lasting = request.getfixturevalue(f"{target.family}_databases")(target)
    for mark in request.node.iter_markers("needs"):
        found.require(*mark.args)
    return found


@pytest.fixture
def database(lasting: Lasting) -> str:
    """The URL of an empty database."""
    return lasting.restored()
