"""The passwords of sources: from the environment, from `.env`, else asked for; the source's own name wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.config import source_passwords
from migrator.config.passwords import own_name

COMMON, OWN = "MIGRATOR_SOURCE_PASSWORD", "MIGRATOR_SOURCE_PASSWORD_MY_SHOP"


@pytest.mark.parametrize(
    ("environ", "dotenv", "asked", "found"),
    [
        ({}, "", None, None),
        ({}, "", "typed", "typed"),
        ({COMMON: "all"}, "", "typed", "all"),
        ({COMMON: "all", OWN: "one"}, "", None, "one"),
        ({}, f"{COMMON}=file", None, "file"),
        ({COMMON: "all"}, f"{OWN}=file", None, "file"),
        ({COMMON: ""}, "", "typed", "typed"),
    ],
)
def test_where_a_password_comes_from(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    dotenv: str,
    asked: str | None,
    found: str | None,
) -> None:
    for name in (COMMON, OWN):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".env").write_text(dotenv)
    password = source_passwords(tmp_path / "migrator.toml", (lambda _: asked) if asked else None)
    assert password("my shop") == found


def test_any_name_can_be_one_of_the_environment() -> None:
    assert own_name("my shop") == OWN
