"""`docs/configuration.md` says everything, and its examples are files that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator import config
from migrator.config.description import SECTIONS, keys_of
from migrator.config.targets import RESERVED
from migrator.environment import PLACEHOLDERS
from migrator.model.findings import Resolution
from migrator.model.types import Kind

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("key", sorted({key for _, section in SECTIONS for key in keys_of(section)}))
def test_every_key_is_explained_and_shown(key: str) -> None:
    assert re.search(rf"`{key}`|\[{key}[.\]]", PROSE)
    assert any(re.search(rf"\b{key}\b", example) for example in EXAMPLES)


@pytest.mark.parametrize(
    "word", [*RESERVED, *Resolution, *(kind for kind in Kind if kind is not Kind.DECIMAL), "decimal(p,s)"]
)
def test_every_word_is_explained(word: str) -> None:
    assert f"`{word}`" in PROSE


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_every_placeholder_is_explained(name: str) -> None:
    assert f"`{{{name}}}`" in PROSE


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ("on_invalid", config.VALUE_RESOLUTIONS),
        ("on_orphans", config.ORPHAN_RESOLUTIONS),
        ("on_check", config.CHECK_RESOLUTIONS),
        ("on_duplicates", config.DUPLICATE_RESOLUTIONS),
    ],
)
def test_the_page_says_which_resolutions_a_setting_takes(setting: str, allowed: tuple[Resolution, ...]) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PROSE.partition("## Resolutions")[2], re.MULTILINE))
    assert {word for word, settings in rows.items() if settings == "all" or f"`{setting}`" in settings} == set(
        allowed
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_can_be_read(example: str, tmp_path: Path) -> None:
    for name in ("models.py", "alembic.ini", "transforms.py", "driver-policy.toml"):
        (tmp_path / name).touch()
    file = tmp_path / "migrator.toml"
    file.write_text(example, encoding="utf-8")
    assert config.read(file) != config.Configuration(file=file)
