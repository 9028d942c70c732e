"""From the user's options to the rules that a source carries out, and what is worth saying about them.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from migrator.model.findings import Finding, finding
from migrator.model.options import ColumnOptions, Options, TableOptions
from migrator.model.rules import ColumnRule, Staged, TableRules, Transform
from migrator.model.schema import Schema, Table

_WORDS = {
    "trim": "white space at the ends of values is taken off",
    "empty_to_null": "empty strings become NULL",
    "map": "values are replaced by those that the map gives",
}


def table_rules(
    database: str, schema: Schema, options: Options, transforms: Mapping[str, Transform]
) -> tuple[TableRules, ...]:
    """The rules for every table of a source that has any. `transforms` is keyed by source table."""
    found = []
    for table in schema.tables:
        chosen = options.table(database, table.name)
        if chosen.skip:
            continue
        rules = TableRules(table.name, chosen.where, tuple(_columns(table, chosen)), transforms.get(table.name))
        if rules != TableRules(table.name):
            found.append(rules)
    return tuple(found)


def _columns(table: Table, chosen: TableOptions) -> Iterator[ColumnRule]:
    own = [column.name for column in table.columns]
    for name in (*own, *(name for name in chosen.columns if name not in own)):
        options = chosen.columns.get(name, ColumnOptions())
        rule = ColumnRule(
            name,
            options.value,
            options.compute,
            chosen.trim if options.trim is None else options.trim,
            chosen.empty_to_null if options.empty_to_null is None else options.empty_to_null,
            tuple(options.map.items()),
        )
        added = name not in own and rule.value is None and rule.compute is None
        # What only the transform makes has no rule: it does not exist before.
        if rule != ColumnRule(name) and not options.skip and not added:
            yield rule


def rule_findings(database: str, staged: Iterable[Staged], rules: Iterable[TableRules]) -> list[Finding]:
    """What the rules did, for people."""
    found: list[Finding] = []
    transforms = {each.table: each.transform for each in rules if each.transform}
    wheres = {each.table: each.where for each in rules}
    for table in staged:
        for effect in table.effects:
            if effect.count:
                text = f"{effect.rule}: {_WORDS[effect.rule]}, {effect.count:,} in all."
                found.append(
                    finding(
                        "rule-applied",
                        text,
                        database=database,
                        table=table.table,
                        column=effect.column,
                        count=effect.count,
                    )
                )
        if table.left_out:
            text = f"{table.left_out:,} of {table.read:,} rows are left out: not {wheres[table.table]}"
            found.append(
                finding("rows-filtered", text, database=database, table=table.table, count=table.left_out)
            )
        if table.table in transforms:
            text = f"Its rows go through {transforms[table.table].function}, and are proven as it gives them."
            found.append(finding("transformed", text, database=database, table=table.table))
    return found
