"""Databases that serve many tests."""

from __future__ import annotations

import uuid

import pytest

from tests.conformance import oracle
from tests.conformance.servers import Target


class Lasting:
    """One database for many tests, each of which should leave it as it was: made anew when one did not."""

    def __init__(self, target: Target, server: str) -> None:
        self.target = target
        self.server = server
        self.name = f"test_{uuid.uuid4().hex}"
        self.url = target.url(server, self.name)
        target.create(server, self.name)
        self.pristine = oracle.catalogue(self.url)
        self.capabilities = target.capabilities(server)

    def restored(self) -> str:
        """Its URL, when it is as it was at first."""
        if oracle.catalogue(self.url) != self.pristine:
            self.drop()
            self.target.create(self.server, self.name)
        return self.url

    def lacks(self, *names: str) -> list[str]:
        """Which of these the server cannot do."""
        return [name for name in names if name not in self.capabilities]

    def require(self, *names: str) -> None:
        """Skip the test when the server cannot do all of it."""
        missing = self.lacks(*names)
        if missing:
            pytest.skip(f"this server has no {', no '.join(missing)}")

    def drop(self) -> None:
        self.target.drop(self.server, self.name)
