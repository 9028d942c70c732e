"""Which type each column gets: the narrowest that holds every value, alike where foreign keys join columns.

Pure. Decides per column between the fits the source offers, and says why in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from migrator.errors import ConfigurationError
from migrator.model.findings import Finding, Resolution, finding
from migrator.model.options import Options
from migrator.model.profile import ColumnProfile, Fit, Hazard, Sample, TableProfile
from migrator.model.schema import Column, Schema, Table
from migrator.model.secrets import MASK, is_secret
from migrator.model.types import Kind, LogicalType, decimal
from migrator.planner.groups import Place, joined_columns
from migrator.targets import Dialect

_TEXTUAL = frozenset({Kind.TEXT, Kind.JSON, Kind.JSON_TEXT})
HAZARD_KINDS: dict[str, frozenset[Kind]] = {
    "text-nul": _TEXTUAL,
    "text-invalid": _TEXTUAL,
    "float-infinite": frozenset({Kind.FLOAT64}),
    "float-subnormal": frozenset({Kind.FLOAT64}),
    "year-range": frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ}),
}
"""Which types a hazard matters to: a NUL character is none in a binary column."""


_DOCUMENTS = frozenset({Kind.JSON, Kind.JSON_TEXT})
"""No types for keys: documents of different texts can be equal, or cannot be compared at all."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The type of one column. `lost` counts values that will be NULL by the user's decision."""

    type: LogicalType
    encoding: str
    expected: LogicalType | None
    why: str
    on_invalid: Resolution
    secret: bool
    lost: int
    merging: bool
    """Whether different source values may have become equal: by their type, or because parts were replaced."""
    hazards: tuple[str, ...]
    """See `ColumnPlan.hazards`."""
    findings: tuple[Finding, ...]


def choose_types(
    database: str,
    schema: Schema,
    tables: Iterable[Table],
    profiles: Mapping[str, TableProfile],
    options: Options,
    dialect: Dialect,
    given: Mapping[Place, LogicalType] | None = None,
) -> dict[Place, Choice]:
    """A choice for every column of `tables`. `given` types are those of models, which no decision can widen; the
    user's own come from the options.

    Raises:
        ConfigurationError: The options ask for a type that the column's values cannot be read as.
    """
    moved = tuple(tables)
    keys = {(table.name, column) for table in moved for column in _key_columns(table)}
    groups = joined_columns(schema, (table.name for table in moved))
    fits: dict[Place, Fit] = {}
    fixed: set[Place] = set()
    models = given or {}
    for table in moved:
        for profile in profiles[table.name].columns:
            place = (table.name, profile.column)
            wanted = models.get(place) or options.column(database, table.name, profile.column).type
            if wanted or table.column(profile.column).identity:
                fixed.add(place)
            in_key = place in keys or place in groups
            fits[place] = (
                _asked(profile, wanted, f"{database}: {table.name}.{profile.column}")
                if wanted
                else _candidates(profile, in_key)[0]
            )
    for members in dict.fromkeys(groups.values()):
        _agree(members, profiles, fits, fixed)
    return {
        (table.name, profile.column): _choice(
            database,
            table,
            profile,
            fits[(table.name, profile.column)],
            options,
            dialect,
            given=(table.name, profile.column) in models,
        )
        for table in moved
        for profile in profiles[table.name].columns
    }


def _key_columns(table: Table) -> set[str]:
    """Columns whose distinct values must stay distinct."""
    keys = [*table.uniques, *([table.primary_key] if table.primary_key else [])]
    unique_parts = (part.column for index in table.indexes if index.unique for part in index.parts)
    return {column for key in keys for column in key.columns} | {part for part in unique_parts if part}


def _candidates(profile: ColumnProfile, in_key: bool) -> list[Fit]:
    """The fits that hold every value, in order; in a key those that merge no two spellings, if there are any."""
    holding = [fit for fit in profile.fits if fit.count == profile.values] or [profile.fits[-1]]
    apart = [fit for fit in holding if fit.spellings == 1 and fit.type.kind not in _DOCUMENTS]
    return apart or holding[-1:] if in_key else holding


def _asked(profile: ColumnProfile, wanted: LogicalType, where: str) -> Fit:
    """The fit for a fixed type, which the profile was told to measure; of several, the one that holds most."""
    alike = [fit for fit in profile.fits if fit.type == wanted]
    if alike:
        return max(alike, key=lambda fit: fit.count)
    offered = ", ".join(dict.fromkeys(fit.type.kind.value for fit in profile.fits))
    raise ConfigurationError(
        f"The values of this column cannot be read as {wanted}.",
        where=where,
        hint=f"Choose one of: {offered}.",
    )


def _agree(
    members: tuple[Place, ...], profiles: Mapping[str, TableProfile], fits: dict[Place, Fit], fixed: Set[Place]
) -> None:
    """Give every member of a group the same kind of type: the first kind that all of them can hold.

    `fixed` members keep theirs: those whose type the user chose, and identity columns, which could not number
    rows otherwise. Where that leaves no common kind, nothing changes and the foreign key is not moved.
    """
    options = {
        place: [fits[place]] if place in fixed else _candidates(profiles[place[0]].column(place[1]), in_key=True)
        for place in members
        if place in fixed or profiles[place[0]].column(place[1]).values
    }
    if not options:
        # Nothing is stored in any of them: all follow the parent's declaration.
        for place in members:
            fits[place] = replace(fits[members[0]], count=0)
        return
    leader = next(iter(options))
    shared = [
        fit
        for fit in options[leader]
        if all(any(other.type.kind is fit.type.kind for other in each) for each in options.values())
    ]
    if not shared:
        return
    kind = shared[0].type.kind
    agreed = {place: next(fit for fit in each if fit.type.kind is kind) for place, each in options.items()}
    widest = next(iter(agreed.values())).type
    for fit in agreed.values():
        widest = _widest(widest, fit.type)
    for place in members:
        fit = agreed.get(place) or replace(shared[0], count=0, misfits=())
        fits[place] = replace(fit, type=widest)


def _widest(one: LogicalType, other: LogicalType) -> LogicalType:
    """The narrowest type of their common kind that holds the values of both."""
    if one.kind is Kind.DECIMAL and one.precision and other.precision:
        scale = max(one.scale or 0, other.scale or 0)
        whole = max(one.precision - (one.scale or 0), other.precision - (other.scale or 0))
        return decimal(min(whole + scale, 38), scale)
    if one.kind is Kind.TEXT:
        bounded = one.length is not None and other.length is not None
        return replace(one, length=max(one.length or 0, other.length or 0) if bounded else None)
    return one


def _choice(
    database: str,
    table: Table,
    profile: ColumnProfile,
    fit: Fit,
    options: Options,
    dialect: Dialect,
    *,
    given: bool,
) -> Choice:
    secrets = secret_columns(database, table, options)
    resolution = options.invalid(database, table.name, profile.column)
    report = _Reporter(database, table, profile.column, secrets)
    hazards = [
        hazard
        for hazard in profile.hazards
        if hazard.code in dialect.hazards and fit.type.kind in HAZARD_KINDS[hazard.code]
    ]
    findings = [report.hazard(hazard, resolution) for hazard in hazards]
    lost = sum(hazard.count for hazard in hazards)
    if fit.count < profile.values:
        findings.append(report.misfit(profile, fit, resolution))
        lost += profile.values - fit.count
    if resolution is Resolution.WIDEN and lost and not given:
        fit, lost = profile.fits[-1], 0
    if not findings:
        asked = given or options.column(database, table.name, profile.column).type is not None
        findings = report.differences(profile, fit, dialect, asked=asked)
    return Choice(
        type=fit.type if given else dialect.column_type(fit.type),
        encoding=fit.encoding,
        expected=profile.expected,
        why=_why(table.column(profile.column), profile, fit),
        on_invalid=resolution,
        secret=profile.column in secrets,
        lost=lost if resolution is Resolution.NULL else 0,
        merging=fit.spellings > 1 or (resolution is Resolution.REPLACE and lost > 0),
        hazards=tuple(sorted(code for code in dialect.hazards if fit.type.kind in HAZARD_KINDS[code])),
        findings=tuple(findings),
    )


def _why(column: Column, profile: ColumnProfile, fit: Fit) -> str:
    declared = f"declared {column.declared}" if column.declared else "no declared type"
    if not profile.values:
        return f"{declared}; no values"
    classes = ", ".join(f"{count:,} {name}" for name, count in profile.classes)
    return f"{declared}; {classes}; stored as {fit.encoding}"


class _Reporter:
    """Words the findings about one column."""

    def __init__(self, database: str, table: Table, column: str, secrets: frozenset[str]) -> None:
        self._database = database
        self._table = table
        self._column = column
        self._secrets = secrets

    def _finding(
        self,
        code: str,
        message: str,
        count: int,
        samples: tuple[Sample, ...],
        resolution: Resolution | None = None,
    ) -> Finding:
        return finding(
            code,
            message,
            database=self._database,
            table=self._table.name,
            column=self._column,
            count=count,
            samples=masked_samples(self._table, samples, self._secrets, (self._column,)),
            resolution=resolution,
        )

    def hazard(self, hazard: Hazard, resolution: Resolution) -> Finding:
        """A value that no suitable type of the target holds."""
        what = {
            "text-nul": "contain a NUL character, which the target's text cannot hold",
            "text-invalid": "are not validly encoded text",
            "float-infinite": "are infinite, which the target's floats cannot hold",
            "float-subnormal": "are nearer to 0 than the target's floats reach",
            "year-range": "lie outside the years the target's dates cover",
        }[hazard.code]
        verb = f"{_values(hazard.count)} {what}."
        return self._finding(hazard.code, verb, hazard.count, hazard.samples, resolution)

    def misfit(self, profile: ColumnProfile, fit: Fit, resolution: Resolution) -> Finding:
        """Values that do not fit the type the user fixed."""
        count = profile.values - fit.count
        return self._finding(
            "value-misfit", f"{_values(count)} {_do(count)} not fit {fit.type}.", count, fit.misfits, resolution
        )

    def differences(self, profile: ColumnProfile, fit: Fit, dialect: Dialect, *, asked: bool) -> list[Finding]:
        """Where the chosen type is not what the declaration promises, unless it was `asked` for."""
        if not profile.values:
            return []
        found = []
        if len(profile.classes) > 1 and fit.type.kind in (Kind.TEXT, Kind.BINARY):
            classes = ", ".join(f"{count:,} {name}" for name, count in profile.classes)
            smallest = min(count for _, count in profile.classes)
            found.append(
                self._finding(
                    "storage-mixed",
                    f"The column holds {classes}; all of them arrive as {fit.type}.",
                    smallest,
                    profile.fits[0].misfits,
                )
            )
        elif not asked and profile.expected is not None and _wider(fit.type, profile.expected, dialect):
            promised = profile.fits[0]
            same = promised.type.kind is profile.expected.kind
            count = profile.values - promised.count if same else profile.values
            found.append(
                self._finding(
                    "type-widened",
                    f"Declared as {profile.expected}; {_values(count)} {_need(count)} {fit.type}."
                    if count
                    else f"Declared as {profile.expected}; the values need {fit.type}.",
                    count,
                    promised.misfits,
                )
            )
        if fit.spellings > 1:
            found.append(
                self._finding(
                    "spelling-mixed",
                    f"Equal {fit.type} values are spelt in {fit.spellings} ways; the values arrive equal.",
                    0,
                    (),
                )
            )
        return found


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count:,} values"


def _do(count: int) -> str:
    return "does" if count == 1 else "do"


def _need(count: int) -> str:
    return "needs" if count == 1 else "need"


def _wider(chosen: LogicalType, expected: LogicalType, dialect: Dialect) -> bool:
    chosen, expected = dialect.column_type(chosen), dialect.column_type(expected)
    if chosen.kind is not expected.kind:
        return True
    if chosen.kind is Kind.DECIMAL:
        return (chosen.precision or 0) > (expected.precision or 0) or (chosen.scale or 0) > (expected.scale or 0)
    if chosen.kind is Kind.TEXT and expected.length is not None:
        return chosen.length is None or chosen.length > expected.length
    return False


def secret_columns(database: str, table: Table, options: Options) -> frozenset[str]:
    """The columns whose values are never shown: what the options say, else what their names say."""
    said = {column.name: options.column(database, table.name, column.name).secret for column in table.columns}
    return frozenset(name for name, secret in said.items() if (is_secret(name) if secret is None else secret))


def masked_samples(
    table: Table, samples: tuple[Sample, ...], secrets: frozenset[str], shown: tuple[str, ...]
) -> tuple[Sample, ...]:
    """Samples with secrets replaced: in the row key, and in the value where it is that of a column `shown`."""
    key = table.primary_key.columns if table.primary_key else ()
    hide_value = not secrets.isdisjoint(shown)
    return tuple(
        Sample(
            tuple(
                MASK if position < len(key) and key[position] in secrets else part
                for position, part in enumerate(sample.key)
            ),
            MASK if hide_value and sample.value is not None else sample.value,
        )
        for sample in samples
    )
