"""Findings: everything about a migration that a user should know or must decide, and the catalogue of them.

The catalogue is the only place that knows a code's severity, meaning and resolutions; the documentation is
generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.profile import Sample


class Severity(StrEnum):
    """How much a finding matters."""

    DECISION = "decision"
    """The run stops before writing anything until the user chooses a resolution."""
    WARNING = "warning"
    """The run goes on and loses no value, but something differs from what the source declares."""
    INFO = "info"
    """Worth knowing; nothing differs that matters to the data."""


class Resolution(StrEnum):
    """What to do about values or rows that do not fit."""

    STOP = "stop"
    WIDEN = "widen"
    NULL = "null"
    REPLACE = "replace"
    QUARANTINE = "quarantine"
    UNENFORCED = "unenforced"
    SKIP = "skip"


RESOLUTION_MEANING: dict[Resolution, str] = {
    Resolution.STOP: "Stop before anything is written. The default.",
    Resolution.WIDEN: "Give the column a type that holds every value as it is (usually binary).",
    Resolution.NULL: "Store NULL instead of the value; the report counts and names the rows.",
    Resolution.REPLACE: "Replace what cannot be stored inside the value by U+FFFD, keeping the rest.",
    Resolution.QUARANTINE: "Put the whole row into `migrator_quarantine` in the target instead of its table.",
    Resolution.UNENFORCED: "Move every row and create the constraint without validating existing rows.",
    Resolution.SKIP: "Leave the row out; the report counts and names the rows.",
}


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One entry of the catalogue."""

    code: str
    severity: Severity
    title: str
    explanation: str
    resolutions: tuple[Resolution, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about one place. `count` is in rows (values for column findings), 0 when it does not
    apply. `resolution` is what the options chose, when it is a decision and they did."""

    code: str
    severity: Severity
    message: str
    database: str = ""
    table: str | None = None
    column: str | None = None
    count: int = 0
    samples: tuple[Sample, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    resolution: Resolution | None = None

    @property
    def open(self) -> bool:
        """Whether it still needs a decision."""
        return self.severity is Severity.DECISION and self.resolution in (None, Resolution.STOP)


_VALUE = (Resolution.WIDEN, Resolution.NULL, Resolution.REPLACE, Resolution.QUARANTINE, Resolution.SKIP)
_ROWS = (Resolution.NULL, Resolution.QUARANTINE, Resolution.SKIP)

CATALOGUE: dict[str, FindingKind] = {
    kind.code: kind
    for kind in (
        FindingKind(
            "text-nul",
            Severity.DECISION,
            "Text holds a NUL character",
            "The target's text types cannot store U+0000, so the value cannot arrive as it is.",
            _VALUE,
        ),
        FindingKind(
            "text-invalid",
            Severity.DECISION,
            "Text is not validly encoded",
            "The stored bytes are no valid UTF-8 or UTF-16 (a lone surrogate counts), so no text type of the "
            "target can hold them.",
            _VALUE,
        ),
        FindingKind(
            "float-infinite",
            Severity.DECISION,
            "A float is infinite",
            "The target's float types hold finite numbers only.",
            (Resolution.NULL, Resolution.QUARANTINE, Resolution.SKIP),
        ),
        FindingKind(
            "float-subnormal",
            Severity.DECISION,
            "A float is too small",
            "The target's float types hold 0, and nothing nearer to it than 2.23E-308.",
            (Resolution.NULL, Resolution.QUARANTINE, Resolution.SKIP),
        ),
        FindingKind(
            "value-misfit",
            Severity.DECISION,
            "Values do not fit the type you chose",
            "The configuration fixes the column's type, and some values cannot be converted to it and back.",
            (Resolution.WIDEN, *_ROWS),
        ),
        FindingKind(
            "orphan-rows",
            Severity.DECISION,
            "Rows point to a parent that does not exist",
            "SQLite does not enforce foreign keys unless asked to, so a child row can outlive its parent. The "
            "target would refuse the foreign key.",
            (Resolution.UNENFORCED, Resolution.NULL, Resolution.QUARANTINE, Resolution.SKIP),
        ),
        FindingKind(
            "case-mismatch",
            Severity.DECISION,
            "Rows match their parent only without regard to case",
            "The source takes `sku-7` and `SKU-7` for the same key, the target does not, so it would refuse the "
            "foreign key. The rows count as rows without a parent. A `compute` rule gives them their parent's "
            "spelling instead; the message has it, and it folds letters of every script as Python's `str.lower` "
            "does. Where the target's collation ignores case too, such rows have their parent; nothing is asked.",
            (Resolution.UNENFORCED, Resolution.NULL, Resolution.QUARANTINE, Resolution.SKIP),
        ),
        FindingKind(
            "check-violated",
            Severity.DECISION,
            "Rows break a CHECK constraint",
            "The source or the models state the rule, but there are rows that break it. The target would refuse "
            "the constraint.",
            (Resolution.UNENFORCED, Resolution.QUARANTINE, Resolution.SKIP),
        ),
        FindingKind(
            "duplicate-key",
            Severity.DECISION,
            "Rows share what must be unique",
            "The models declare a key, and several rows have the same values in it, perhaps only since a rule "
            "normalised them. With `quarantine` or `skip`, the first of them in reading order stays.",
            (Resolution.QUARANTINE, Resolution.SKIP),
        ),
        FindingKind(
            "value-missing",
            Severity.DECISION,
            "NULL where the models require a value",
            "The column is NOT NULL in the models. A `compute` rule such as `coalesce(x, 0)` fills it.",
            (Resolution.QUARANTINE, Resolution.SKIP),
        ),
        FindingKind(
            "table-not-in-models",
            Severity.DECISION,
            "The models have no such table",
            "The models own the target's schema, so there is no place for these rows. Name the model's table "
            "with `target`, add it to the models, or leave the table out with `skip = true`.",
            (Resolution.SKIP,),
        ),
        FindingKind(
            "column-not-in-models",
            Severity.DECISION,
            "The model has no such column",
            "There is no place for these values. Name the model's column with `target`, add it to the models, or "
            "leave the column out with `skip = true`.",
            (Resolution.SKIP,),
        ),
        FindingKind(
            "column-missing",
            Severity.DECISION,
            "Nothing fills a required column of the model",
            "It is NOT NULL and has no default. Add a rule for it with `value` or `compute`, or name the source's "
            "column with `target`.",
        ),
        FindingKind(
            "row-too-wide",
            Severity.DECISION,
            "The table has more columns, or wider ones, than a row of the target holds",
            "Split the table in the source, or leave it out with `skip` in the configuration.",
            (Resolution.SKIP,),
        ),
        FindingKind(
            "type-widened",
            Severity.WARNING,
            "The target type is wider than the declared one",
            "The declared type does not hold every value, so the narrowest type that does was chosen.",
        ),
        FindingKind(
            "storage-mixed",
            Severity.WARNING,
            "A column mixes kinds of values",
            "SQLite lets one column hold numbers, text and blobs. They arrive in one type that holds all of "
            "them: numbers as their digits, text as it is, and as UTF-8 bytes where blobs are among them. "
            "Which of them was a number is not kept.",
        ),
        FindingKind(
            "spelling-mixed",
            Severity.INFO,
            "Equal values are spelt in several ways",
            "For example `2024-01-31 10:00` beside `2024-01-31T10:00:00`. They arrive as equal values; the "
            "spelling is not kept. Key columns stay text instead, so that no two keys can become one.",
        ),
        FindingKind(
            "primary-key-null",
            Severity.WARNING,
            "A primary key holds NULL",
            "SQLite allows it, the target does not: the key becomes a unique constraint, which allows NULLs.",
        ),
        FindingKind(
            "not-null-violated",
            Severity.WARNING,
            "A NOT NULL column holds NULL",
            "The column is created nullable so that every row arrives.",
        ),
        FindingKind(
            "key-not-moved",
            Severity.WARNING,
            "A key cannot exist in the target",
            "Its values are too long for an index of the target, or become equal there. The rows arrive; nothing "
            "keeps them unique.",
        ),
        FindingKind(
            "key-shortened",
            Severity.WARNING,
            "A key column is shorter than declared",
            "As declared, its key would hold more bytes than an index of the target. Every value there is fits; "
            "longer ones would be refused later. Choose other lengths with `type` in the configuration.",
        ),
        FindingKind(
            "key-too-long",
            Severity.WARNING,
            "A key of the models may be too long for the target's index",
            "As the models declare them, the columns of the key hold more bytes than an index of the target. The "
            "target takes the key, and refuses the first row that is too long. Shorten a column in the models.",
        ),
        FindingKind(
            "key-collation",
            Severity.WARNING,
            "A key column compares exactly",
            "The database's collation would take different keys for equal: by case, accents, width or kana. The "
            "column gets an exact collation of its own. Choose another one with `--collation` or `collation` in "
            "the configuration.",
        ),
        FindingKind(
            "unique-null",
            Severity.WARNING,
            "A unique column may hold one NULL only",
            "The target's unique constraints take NULL for a value. A foreign key points to the column, so it "
            "needs the constraint; otherwise an index that leaves NULLs out would be made.",
        ),
        FindingKind(
            "foreign-key-action",
            Severity.WARNING,
            "A foreign key does less than in the source",
            "The target does not allow its action there: only one cascading path may lead to a table, and none "
            "back to where it began. Or it cannot wait for the end of the transaction.",
        ),
        FindingKind(
            "foreign-key-not-moved",
            Severity.WARNING,
            "A foreign key cannot exist in the target",
            "Its parent table is missing, the parent columns are not unique, or the types cannot be joined. "
            "The rows arrive; the constraint is not created.",
        ),
        FindingKind(
            "check-not-moved",
            Severity.WARNING,
            "A CHECK constraint is not moved",
            "Its expression has no equal in the target, or the target refused it. The report keeps its SQL.",
        ),
        FindingKind(
            "default-not-moved",
            Severity.WARNING,
            "A default is not moved",
            "Its expression has no equal in the target, or the target refused it. The rows arrive unchanged; "
            "new rows get NULL unless the application gives a value.",
        ),
        FindingKind(
            "generated-as-data",
            Severity.WARNING,
            "A generated column becomes an ordinary one",
            "Its expression has no equal in the target, so the computed values are moved as data and will not "
            "follow later changes.",
        ),
        FindingKind(
            "index-not-moved",
            Severity.WARNING,
            "An index is not moved",
            "Its expression or predicate has no equal in the target, or the target refused it.",
        ),
        FindingKind(
            "index-column-added",
            Severity.INFO,
            "The table gets a computed column for an index",
            "The target indexes columns only, so the index's expression becomes a stored computed column.",
        ),
        FindingKind(
            "view-not-moved",
            Severity.WARNING,
            "A view is not moved",
            "Its query has no equal in the target, or the target refused it. The report keeps its SQL.",
        ),
        FindingKind(
            "not-moved",
            Severity.WARNING,
            "An object is not moved",
            "Triggers, and virtual tables with their shadow tables, have no equal in the target. The report "
            "keeps their SQL.",
        ),
        FindingKind(
            "source-remark",
            Severity.WARNING,
            "About how the source was read",
            "Everything in the source that its format leaves open, and how it was taken.",
        ),
        FindingKind(
            "name-changed",
            Severity.WARNING,
            "A name had to change",
            "It is too long for the target or collides with another one, so it was shortened with a suffix "
            "that stays the same in every run.",
        ),
        FindingKind(
            "rule-applied",
            Severity.INFO,
            "A rule of the configuration changed values",
            "The rows are moved as `trim`, `empty_to_null` and `map` leave them, and proven as such.",
        ),
        FindingKind(
            "rows-filtered",
            Severity.INFO,
            "Rows are left out by `where`",
            "They are counted: rows of the source are those in the target, those set aside and those left out.",
        ),
        FindingKind(
            "column-skipped",
            Severity.INFO,
            "A column is left out",
            "The configuration says `skip = true`; its values do not move.",
        ),
        FindingKind(
            "transformed",
            Severity.INFO,
            "A table is proven through a transform",
            "A function of the user changes its rows. Verification applies it again to the source's rows and "
            "compares the result with what arrived.",
        ),
        FindingKind(
            "view-left-to-models",
            Severity.INFO,
            "A view is left to the models' revisions",
            "The models own the target's schema, so a revision creates the view if the target is to have it.",
        ),
        FindingKind(
            "rule-unchecked",
            Severity.INFO,
            "A constraint could not be tested beforehand",
            "The source cannot evaluate it, as with a foreign key to a table of another source. Should rows break "
            "it, the target refuses them and the run is taken back.",
        ),
        FindingKind(
            "case-insensitive",
            Severity.INFO,
            "Text compares without case in the source only",
            "The target compares text by its characters. Unique and other indexes keep ignoring ASCII case "
            "through an expression; comparisons in queries do not.",
        ),
        FindingKind(
            "statistics-missing",
            Severity.WARNING,
            "Statistics could not be collected",
            "Every row is there and proven. Until the server has statistics, its queries may be slow; it collects "
            "them by itself sooner or later.",
        ),
        FindingKind(
            "connection-note",
            Severity.WARNING,
            "About the connection to the target",
            "The way to the target works, but another one is recommended.",
        ),
        FindingKind(
            "not-rehearsed",
            Severity.INFO,
            "The plan was not tried on a server",
            "Without a reachable target, translated expressions and views are not yet proven.",
        ),
    )
}


def finding(
    code: str,
    message: str,
    *,
    database: str = "",
    table: str | None = None,
    column: str | None = None,
    count: int = 0,
    samples: tuple[Sample, ...] = (),
    resolution: Resolution | None = None,
) -> Finding:
    """A finding with the severity and resolutions of its catalogue entry.

    Raises:
        KeyError: The catalogue has no such code.
    """
    kind = CATALOGUE[code]
    return Finding(
        code,
        kind.severity,
        message,
        database,
        table,
        column,
        count,
        samples,
        kind.resolutions,
        resolution,
    )
