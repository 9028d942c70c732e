"""`python docs/generate.py`: write the pages, and the JSON Schema, that are made from the program itself.

A test runs this with `--check`, so the pages cannot go stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from migrator.cli import main as command_line
from migrator.config import schema
from migrator.model.findings import CATALOGUE, RESOLUTION_MEANING, Severity
from migrator.model.types import Kind, LogicalType, decimal, text
from migrator.sources.access import storing
from migrator.sources.sqlite import storage
from migrator.targets import dialects

HERE = Path(__file__).parent
NOTE = "<!-- Made by docs/generate.py; edit what it reads instead. -->\n"

PARAMETERS = {Kind.DECIMAL: decimal(18, 4)}
DECLARED = (
    "INTEGER",
    "BIGINT",
    "BOOLEAN",
    "REAL",
    "DOUBLE PRECISION",
    "NUMERIC",
    "DECIMAL(10,2)",
    "VARCHAR(150)",
    "TEXT",
    "DATE",
    "TIME",
    "DATETIME",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "JSON",
    "UUID",
    "BLOB",
    "",
)


def findings() -> Iterator[str]:
    """The catalogue of findings."""
    yield "# Findings\n"
    yield (
        "Everything a migration should tell you or ask you. A *decision* stops the run before anything is "
        "written, until you choose a resolution; see [configuration](configuration.md) for how.\n"
    )
    for severity in Severity:
        yield f"## {severity.value.capitalize()}\n"
        for kind in CATALOGUE.values():
            if kind.severity is severity:
                yield f"### `{kind.code}`\n\n**{kind.title}.** {kind.explanation}\n"
                if kind.resolutions:
                    yield "Resolutions:\n"
                    yield (
                        "\n".join(f"- `{each.value}`: {RESOLUTION_MEANING[each]}" for each in kind.resolutions)
                        + "\n"
                    )


def types() -> Iterator[str]:
    """The type rules, from the source's declarations and the target's own table."""
    known = dialects()
    yield "# Types\n"
    yield (
        "A declared type is evidence, not truth: the values decide. A column gets the first type, from the "
        "promise of its declaration to ever wider ones, that holds every value exactly: converting it back "
        "gives an equal source value. When that is not what the declaration promises, a finding says so.\n"
    )
    yield "## What a declaration in SQLite promises\n"
    yield "| declared | affinity | promises |\n| --- | --- | --- |"
    for declared in DECLARED:
        meaning = storage.declaration(declared)
        promise = str(meaning.promise) if meaning.promise else "what the values are"
        yield f"| {f'`{declared}`' if declared else 'nothing'} | {meaning.affinity.value} | {promise} |"
    yield "\n## What a column of Access is\n"
    yield "Access makes sure of its types, so they hold whatever the rows are, and without any.\n"
    yield "| Access | logical |\n| --- | --- |"
    for form in storing.FORMS.values():
        yield f"| {form.name} | {form.type} |"
    for name, meaning in (
        ("AutoNumber", "int32, an identity; random ones without; of Replication ID uuid"),
        ("Short Text(n)", "text(n)"),
        ("Decimal(p,s)", "decimal(p,s)"),
        ("Calculated", "the type of its result"),
        ("Attachment, multi-value lookup, version history", "a child table with a foreign key"),
    ):
        yield f"| {name} | {meaning} |"
    yield "\n## What a logical type is in each target\n"
    yield f"| logical | {' | '.join(known)} |\n| --- |{' --- |' * len(known)}"
    for kind in Kind:
        for type in (PARAMETERS.get(kind, LogicalType(kind)), *([text(150)] if kind is Kind.TEXT else [])):
            yield f"| {type} | {' | '.join(dialect.type_name(type) for dialect in known.values())} |"
    yield ""


def command_pages() -> Iterator[str]:
    """The help of every command."""
    yield "# The command line\n"
    context = click.Context(command_line, info_name="migrator", max_content_width=100)
    yield f"```\n{command_line.get_help(context).strip()}\n```\n"
    assert isinstance(command_line, click.Group)
    for name, command in sorted(command_line.commands.items()):
        nested = click.Context(command, info_name=name, parent=context, max_content_width=100)
        yield f"## migrator {name}\n\n```\n{command.get_help(nested).strip()}\n```\n"


PAGES = {"findings.md": findings, "types.md": types, "cli.md": command_pages}


def main() -> None:
    """Write the pages, or with --check fail when one is stale."""
    made = {HERE / name: NOTE + "\n" + "\n".join(page()) for name, page in PAGES.items()}
    made[schema.COMMITTED] = schema.schema_text()
    stale = []
    for path, content in made.items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(content, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"stale: {', '.join(stale)}; run `make docs`")


if __name__ == "__main__":
    main()
