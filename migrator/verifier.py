"""Stage: prove that what arrived is what left, and name what did not.

Five proofs per table: row counts; digests of the source read again and the target read back; reconciliation
figures that each engine computes by itself; the schema in the target's catalogue; and, for a difference, the
rows and columns it comes down to. It never changes anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa
import sqlalchemy as sa

from migrator.digest import Layout, TableDigest
from migrator.loader import quarantine_table
from migrator.model.plan import QUARANTINE, TablePlan
from migrator.model.result import Figure, FigureComparison, Figures, Mismatch, TableResult
from migrator.model.secrets import MASK
from migrator.narrow import differing_rows
from migrator.sources import Source
from migrator.targets import Server

DISTINCT_ROWS = 200_000
"""Up to this many rows each engine also counts distinct values. Beyond, that costs more than all else
together, and the digests already bind every value to its row."""

_REVEALING = frozenset({"min", "max"})
"""Figures that show a value, and so are masked for secret columns."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What verifying one table came to."""

    result: TableResult
    mismatches: tuple[Mismatch, ...]


@dataclass(slots=True)
class _SourceSide:
    """What reading the source again gave."""

    digest: TableDigest
    quarantined: int = 0
    skipped: int = 0
    altered: int = 0


def layout(table: TablePlan) -> Layout:
    """The table's columns as its digest sees them."""
    positions = {column.source: position for position, column in enumerate(table.columns)}
    return Layout(tuple(column.type for column in table.columns), tuple(positions[column] for column in table.key))


def verify_table(
    run_id: str, source: Source, server: Server, table: TablePlan, advance: Callable[[str, int], None]
) -> Proof:
    """Prove one table of a run. `advance` is told the table's name and rows as they are read from the source."""
    began = time.monotonic()
    distinct = table.rows <= DISTINCT_ROWS
    with ThreadPoolExecutor(2, "verify") as pool:
        source_figures = pool.submit(source.figures, table, distinct=distinct, hashes=distinct and server.hashes)
        target_side = pool.submit(_read_target, server, table, distinct)
        mine = _read_source(source, table, advance)
        theirs, target_figures = target_side.result()
        figures = compare_figures(table, source_figures.result(), target_figures)
    counts = source.count(table), server.count(table)
    mismatches = (
        *_count_mismatches(table, counts, mine),
        *_quarantine_mismatches(run_id, server, table, mine.quarantined),
        *_digest_mismatches(source, server, table, mine.digest, theirs),
        *_figure_mismatches(table, figures),
        *server.check_schema(table),
    )
    result = TableResult(
        source=table.source,
        target=table.name,
        rows=counts[1],
        digest=theirs.hexadecimal,
        verified=not mismatches,
        database=table.database,
        source_rows=counts[0] + table.left_out,
        quarantined=mine.quarantined,
        skipped=mine.skipped,
        left_out=table.left_out,
        nulled=mine.altered,
        transformed=table.rules is not None and table.rules.transform is not None,
        seconds=time.monotonic() - began,
        figures=figures,
    )
    return Proof(result, mismatches)


def target_digest(server: Server, table: TablePlan) -> TableDigest:
    """The digest of the target table as it is now."""
    digest = TableDigest(layout(table))
    for batch in server.read(table):
        digest.add(batch)
    return digest


def _read_target(server: Server, table: TablePlan, distinct: bool) -> tuple[TableDigest, dict[str, Figures]]:
    return target_digest(server, table), server.figures(table, distinct=distinct)


def _read_source(source: Source, table: TablePlan, advance: Callable[[str, int], None]) -> _SourceSide:
    side = _SourceSide(TableDigest(layout(table)))
    for chunk in source.chunks(table, loaded_only=False):
        side.digest.add(chunk.batch)
        skipped = sum(row.skip for row in chunk.rejected)
        side.skipped += skipped
        side.quarantined += len(chunk.rejected) - skipped
        side.altered += sum(count for _, count in chunk.altered)
        advance(table.name, chunk.read)
    return side


def _count_mismatches(table: TablePlan, counts: tuple[int, int], side: _SourceSide) -> Iterator[Mismatch]:
    source_rows, target_rows = counts
    set_aside = side.quarantined + side.skipped
    if source_rows != target_rows + set_aside:
        aside = f" and {set_aside:,} set aside" if set_aside else ""
        yield Mismatch(
            table.name,
            "count",
            f"{source_rows:,} rows in the source, {target_rows:,} in the target{aside}.",
            source=str(source_rows),
            target=str(target_rows),
        )


def _quarantine_mismatches(run_id: str, server: Server, table: TablePlan, expected: int) -> Iterator[Mismatch]:
    if not expected:
        return
    quarantine = quarantine_table(table.schema)
    own = (
        (quarantine.c.run_id == run_id)
        & (quarantine.c.source_database == table.database)
        & (quarantine.c.source_table == table.source)
    )
    with server.engine.connect() as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(quarantine).where(own)).scalar_one()
    if kept != expected:
        yield Mismatch(
            table.name,
            "quarantine",
            f"{expected:,} rows are to be set aside, {kept:,} are in {QUARANTINE}.",
            source=str(expected),
            target=str(kept),
        )


def _digest_mismatches(
    source: Source, server: Server, table: TablePlan, mine: TableDigest, theirs: TableDigest
) -> Iterator[Mismatch]:
    if mine.hexadecimal == theirs.hexadecimal:
        return
    columns = [table.columns[position] for position in mine.differing_columns(theirs)]
    buckets = mine.differing_buckets(theirs)
    names = ", ".join(column.target for column in columns) or "none by itself"
    yield Mismatch(
        table.name,
        "digest",
        f"The rows differ (source {mine.hexadecimal}, target {theirs.hexadecimal}); columns: {names}.",
        source=mine.hexadecimal,
        target=theirs.hexadecimal,
    )

    def source_rows() -> Iterator[pa.RecordBatch]:
        return (chunk.batch for chunk in source.chunks(table, loaded_only=False))

    yield from differing_rows(table, layout(table), buckets, source_rows, lambda: server.read(table))


def compare_figures(
    table: TablePlan, mine: dict[str, Figures], theirs: dict[str, Figures]
) -> tuple[FigureComparison, ...]:
    """The figures that both sides give, side by side; values of secret columns are masked."""
    comparisons = []
    for column in table.columns:
        source, target = mine.get(column.target, {}), theirs.get(column.target, {})
        for figure in (name for name in source if name in target):
            equal = source[figure] == target[figure]
            hidden = column.secret and figure in _REVEALING
            comparisons.append(
                FigureComparison(
                    column.target,
                    figure,
                    _shown(source[figure], hidden),
                    _shown(target[figure], hidden),
                    equal,
                )
            )
    return tuple(comparisons)


_LONGEST_SHOWN = 200


def _shown(figure: Figure, hidden: bool) -> Figure:
    if hidden and figure is not None:
        return MASK
    if isinstance(figure, str) and len(figure) > _LONGEST_SHOWN:
        return f"{figure[:_LONGEST_SHOWN]}… ({len(figure):,} characters)"
    return figure


def _figure_mismatches(table: TablePlan, figures: tuple[FigureComparison, ...]) -> Iterator[Mismatch]:
    for each in figures:
        if not each.equal:
            yield Mismatch(
                table.name,
                "figures",
                f"The engines disagree on {each.figure} of {each.column}: "
                f"source {each.source}, target {each.target}.",
                column=each.column,
                source=str(each.source),
                target=str(each.target),
            )
