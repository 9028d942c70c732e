"""The JSON Schema of `migrator.toml`, for editors, made from its description.

It is a draft 7 schema, the newest that the TOML language servers read alike. It refuses what a schema can refuse;
what needs another file or a look at several tables is left to the reader.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from migrator.config.description import File

DRAFT = "http://json-schema.org/draft-07/schema#"
COMMITTED = Path(__file__).with_name("migrator.schema.json")


class _WithoutNull(GenerateJsonSchema):
    """TOML has no null: what may be left out is simply not required."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def json_schema() -> dict[str, Any]:
    """The schema of the whole file."""
    made = File.model_json_schema(ref_template="#/definitions/{model}", schema_generator=_WithoutNull)
    definitions = made.pop("$defs")
    whole: dict[str, Any] = _draft7({"$schema": DRAFT, **made, "definitions": definitions})
    return whole


def schema_text() -> str:
    """The schema as the file that is committed."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def _draft7(node: Any) -> Any:
    """A part of the schema without defaults of null, with no key but those of a pattern where there is one, and
    with nothing beside a `$ref`, which draft 7 would not see
    (https://json-schema.org/draft-07/json-schema-core#rfc.section.8.3)."""
    if isinstance(node, list):
        return [_draft7(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _draft7(value) for key, value in node.items() if key != "default" or value is not None}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    if isinstance(kept.get("description"), str):
        kept["description"] = " ".join(kept["description"].split())
    if "$ref" in kept and len(kept) > 1:
        return {"allOf": [{"$ref": kept.pop("$ref")}], **kept}
    return kept
