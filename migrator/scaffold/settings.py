"""`migrator.toml`: the sources, the models, and what was decided so far, with the rest shown as comments.

Pure. Types are not repeated: from here on the models own them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from migrator.model.findings import Resolution
from migrator.model.options import ColumnOptions, Options, TableOptions
from migrator.model.plan import Plan, TablePlan
from migrator.model.rules import Scalar

Setting = tuple[str, Scalar | Mapping[str, Scalar]]

_RESOLUTIONS = ("on_invalid", "on_orphans", "on_check", "on_duplicates")
_NO_TABLE = TableOptions()
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NOT_IN_SOURCE_NAMES = re.compile(r"[./\\:]")

_HEAD = """\
# What moves where. `migrator plan` shows what a run would do, `migrator run` does it.

# A target of [targets] below, a URL without password, `postgresql` (from PG_HOST, PG_DATABASE,
# PG_USER and PG_PASSWORD), or `embedded`: a private PostgreSQL in this folder.
target = "embedded"
"""
_DECISIONS = """\
# What to do with rows that the target refuses. `stop` reports them before anything is written.
"""
_AFTER_SOURCES = """\
[models]
file = "models.py"
base = "Base"
alembic = "alembic.ini"

# [targets.production]
# url = "postgresql+psycopg://${PG_USER}:${PG_PASSWORD}@${PG_HOST}/${PG_DATABASE}"

# What applications need in their environment after the move.
# [environment]
# DATABASE_URL = "{url}"
"""
_TABLES = """\
# Tables, by their names in the source. What can be set for one, and for its columns:
#
#   target = "name"            its table in the models
#   where = "id > 100"         move only rows for which this is true, in the source's SQL
#   trim = true                take white space off both ends of text
#   empty_to_null = true       make the empty string NULL
#   skip = true                leave it out
#   transform = "FILE.py:FUNCTION"   from DataFrame to DataFrame
#   on_invalid, on_orphans, on_check, on_duplicates   as above
#   columns.NAME = { target, map, value, compute, trim, empty_to_null, skip, secret,
#                    on_invalid, on_orphans }
"""


def settings(plan: Plan, sources: Sequence[tuple[str, str]], options: Options) -> str:
    """The file. `sources` are (name, path as the user wrote it); `options` those the plan was made with."""
    blocks = [
        _HEAD + "".join(_line("schema", options.schema) for _ in [0] if options.schema),
        _DECISIONS + "".join(_decision(name, options) for name in _RESOLUTIONS),
        "[sources]\n" + "".join(_line(source_name(name), path) for name, path in sources),
        _AFTER_SOURCES,
        _TABLES,
        *_tables(plan, options),
        *_left_out(plan, options),
        *_unmoved(plan),
    ]
    return "\n".join(blocks)


def source_name(name: str) -> str:
    """The name as the file allows it: a dot would make `source.table` ambiguous."""
    return _NOT_IN_SOURCE_NAMES.sub("_", name)


def _decision(name: str, options: Options) -> str:
    chosen: Resolution = getattr(options, name)
    return ("# " if chosen is Resolution.STOP else "") + _line(name, chosen.value)


# Tables


def _tables(plan: Plan, options: Options) -> Iterator[str]:
    """A comment for those with nothing to say, then the others."""
    names = _names(plan, options)
    headings: list[str] = []
    blocks: list[str] = []
    for table, name in zip(plan.tables, names, strict=True):
        own = options.table(table.database, table.source)
        chosen, columns = list(_table_settings(table, own)), list(_columns(table, own))
        if not chosen and not columns:
            headings.append(f"# [tables.{_key(name)}]\n")
        if chosen:
            blocks.append(f"[tables.{_key(name)}]\n" + _lines(chosen))
        for column, choices in columns:
            blocks.append(f"[tables.{_key(name)}.columns.{_key(column)}]\n" + _lines(choices))
    yield from ["".join(headings)] if headings else []
    yield from blocks


def _names(plan: Plan, options: Options) -> list[str]:
    """What each table is called here: with its source where the name alone would not do."""
    times = Counter(table.source for table in plan.tables)
    return [
        f"{source_name(table.database)}.{table.source}"
        if times[table.source] > 1 or f"{table.database}.{table.source}" in options.tables
        else table.source
        for table in plan.tables
    ]


def _table_settings(table: TablePlan, own: TableOptions) -> Iterator[Setting]:
    if table.target != table.source:
        yield "target", table.target
    yield from _given(own, ("where", "trim", "empty_to_null"))
    if own.transform is not None:
        yield "transform", f"{own.transform.file}:{own.transform.function}"
    yield from _resolutions(own)


def _columns(table: TablePlan, own: TableOptions) -> Iterator[tuple[str, list[Setting]]]:
    """The columns with anything to say: those of the plan, and those it leaves out."""
    renamed = {column.source: column.target for column in table.columns if column.target != column.source}
    names = [column.source for column in table.columns]
    for name in dict.fromkeys((*names, *own.columns)):
        chosen: list[Setting] = [("target", renamed[name])] if name in renamed else []
        chosen += _column_settings(own.columns[name]) if name in own.columns else []
        if chosen:
            yield name, chosen


def _column_settings(own: ColumnOptions) -> Iterator[Setting]:
    yield from _given(own, ("skip", "value", "compute", "trim", "empty_to_null"))
    if own.map:
        yield "map", own.map
    yield from _resolutions(own)


def _given(own: TableOptions | ColumnOptions, names: Iterable[str]) -> Iterator[Setting]:
    """The settings that say something: False is what a switch is without one."""
    for name in names:
        value = getattr(own, name)
        if value is not None and (value is not False or name == "value"):
            yield name, value


def _resolutions(own: TableOptions | ColumnOptions) -> Iterator[Setting]:
    for name in _RESOLUTIONS:
        chosen: Resolution | None = getattr(own, name, None)
        if chosen is not None:
            yield name, chosen.value


def _left_out(plan: Plan, options: Options) -> Iterator[str]:
    """Tables that have none in the models."""
    moved = {name for table in plan.tables for name in (table.source, f"{table.database}.{table.source}")}
    skipped = [name for name, own in options.tables.items() if own.skip]
    too_wide = [finding.table for finding in plan.findings if finding.code == "row-too-wide"]
    for name in dict.fromkeys((*skipped, *filter(None, too_wide))):
        if name not in moved:
            yield f"[tables.{_key(name)}]\nskip = true\n"


def _unmoved(plan: Plan) -> Iterator[str]:
    """What no run moves, so that nobody looks for it in vain."""
    if plan.unmoved:
        named = (f"{item.kind} {item.name}".split("\n")[0] for item in plan.unmoved)
        yield "# Not moved (`migrator plan` says why):\n" + "".join(f"#   {name}\n" for name in named)


# TOML


def _lines(chosen: Iterable[Setting]) -> str:
    return "".join(_line(name, value) for name, value in chosen)


def _line(name: str, value: Scalar | Mapping[str, Scalar] | None) -> str:
    return f"{_key(name)} = {_value(value)}\n"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _string(name)


def _value(value: Scalar | Mapping[str, Scalar] | None) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _string(value) if isinstance(value, str) else repr(value)


def _string(text: str) -> str:
    """A basic string: as in JSON, but DEL must be escaped. https://toml.io/en/v1.0.0#string"""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
