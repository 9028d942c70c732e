"""The JSON Schema of `migrator.toml`: current, and of one mind with the reader."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from migrator import config
from migrator.config import schema
from migrator.config.description import SECTIONS, keys_of
from tests.config.cases import MISTAKES, VALID, Mistake

VALIDATOR = jsonschema.Draft7Validator(config.json_schema())


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def test_the_committed_schema_is_current() -> None:
    hint = "write it again: migrator.config.schema.COMMITTED is schema_text()"
    assert schema.COMMITTED.read_text(encoding="utf-8") == schema.schema_text(), hint


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(config.json_schema())
    assert json.loads(schema.schema_text()) == config.json_schema()


def test_every_key_has_its_meaning_there() -> None:
    whole = config.json_schema()
    sections = {name: each["properties"] for name, each in [("File", whole), *whole["definitions"].items()]}
    assert {name: set(keys) for name, keys in sections.items()} == {
        section.__name__: set(keys_of(section)) for _, section in SECTIONS
    }
    assert [key for keys in sections.values() for key, said in keys.items() if not said.get("description")] == []


def test_nothing_stands_beside_a_reference_and_nothing_is_null() -> None:
    for node in nodes(config.json_schema()):
        assert "$ref" not in node or len(node) == 1
        assert node.get("type") != "null"


def test_every_word_has_its_meaning_there() -> None:
    words = [node for node in nodes(config.json_schema()) if "enum" in node and node.get("type") == "string"]
    assert len(words) == 1 + 4 + 4 + 2
    assert all(len(node["enum"]) == len(node["x-taplo"]["docs"]["enumValues"]) for node in words)


@pytest.mark.parametrize("text", VALID.values(), ids=VALID)
def test_it_accepts_what_is_right(text: str) -> None:
    VALIDATOR.validate(tomllib.loads(text))


@pytest.mark.parametrize("mistake", [each for each in MISTAKES if each.schema], ids=lambda each: each.text)
def test_it_refuses_each_kind_of_mistake(mistake: Mistake) -> None:
    assert not VALIDATOR.is_valid(tomllib.loads(mistake.text))


@pytest.mark.parametrize("mistake", [each for each in MISTAKES if not each.schema], ids=lambda each: each.text)
def test_what_is_left_to_the_reader_is_told_as_such(mistake: Mistake) -> None:
    assert VALIDATOR.is_valid(tomllib.loads(mistake.text))
