"""One column under study: the SQL that measures it, and what every family of types needs to know first."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.profile import Fit
from migrator.model.types import LogicalType
from migrator.sources.sqlite.encodings.numbers import EXACT_INTEGER
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.storage import Affinity, Declaration
from migrator.sources.sqlite.values import Reading, SqliteValue, octets, raw


@dataclass(frozen=True, slots=True)
class Subject:
    """A column. `sql` is its quoted name; `guess` some of its values, texts shortened, from which hypotheses
    are formed that SQL then proves over every row."""

    name: str
    sql: str
    declaration: Declaration
    reading: Reading
    guess: tuple[SqliteValue, ...] = ()
    demanded: LogicalType | None = None
    """The type that is fixed: by the target, else by the source."""
    enforced: LogicalType | None = None
    """The type that the source itself makes sure of."""

    @property
    def promise(self) -> LogicalType | None:
        """What the source says that the values are."""
        return self.enforced or self.declaration.promise

    @property
    def count(self) -> str:
        """Non-NULL values."""
        return f"count({self.sql})"

    @property
    def low(self) -> str:
        """The least value if it is a number, else its class. Numbers sort before text, text before blobs."""
        return _extreme(f"min({self.sql} COLLATE BINARY)")

    @property
    def high(self) -> str:
        """The greatest value if it is a number, else its class."""
        return _extreme(f"max({self.sql} COLLATE BINARY)")

    @property
    def reals(self) -> str:
        """Reals. A column of REAL affinity never holds integers, so nobody needs to ask."""
        return f"sum(typeof({self.sql}) = 'real')"

    @property
    def octets(self) -> str:
        """SQL for the bytes of one text or blob."""
        return octets(self.sql)

    @property
    def raw(self) -> str:
        """SQL for one value, text as its bytes."""
        return raw(self.sql)

    def of(self, storage_class: str, aggregate: str) -> str:
        """An aggregate over values of one class."""
        return f"{aggregate} FILTER (WHERE typeof({self.sql}) = '{storage_class}')"

    def fitting(self, type: LogicalType, encoding: str) -> str:
        """How many values fit, found by converting each."""
        return f"sum(migrator_fits('{encoding}', '{type}', typeof({self.sql}), {self.raw}))"

    def returning(self, type: LogicalType, encoding: str) -> str:
        """How many values fit and are written back as they were."""
        return f"sum(migrator_returns('{encoding}', '{type}', typeof({self.sql}), {self.raw}))"


def _extreme(aggregate: str) -> str:
    return f"CASE WHEN typeof({aggregate}) IN ('integer', 'real') THEN {aggregate} ELSE typeof({aggregate}) END"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many values of each class a column has, and their bounds."""

    values: int
    integers: int = 0
    reals: int = 0
    texts: int = 0
    blobs: int = 0
    least: int | None = None
    most: int | None = None
    """The least and greatest integer; None where reals are among them and none of the numbers is too large for a
    double to be exact."""
    lowest: float | int | None = None
    highest: float | int | None = None
    """The least and greatest number."""
    characters: int = 0
    """Of the longest text."""

    @property
    def numbers(self) -> int:
        """Integers and reals."""
        return self.integers + self.reals

    @property
    def classes(self) -> tuple[tuple[str, int], ...]:
        """Counts by storage class, without empty ones."""
        counts = (("integer", self.integers), ("real", self.reals), ("text", self.texts), ("blob", self.blobs))
        return tuple((name, count) for name, count in counts if count)

    @property
    def mixed(self) -> bool:
        """Whether there is more than one kind of value; both numbers are one kind."""
        return (self.numbers > 0) + (self.texts > 0) + (self.blobs > 0) > 1


def evidence(subject: Subject) -> Questions[Evidence]:
    """The evidence about a column, from as few aggregates as its content allows."""
    values, low, high = yield (subject.count, subject.low, subject.high)
    values = number(values)
    if not values:
        return Evidence(0)
    if isinstance(low, str) and low == high:
        return Evidence(values, texts=values) if low == "text" else Evidence(values, blobs=values)
    if isinstance(low, str) or isinstance(high, str):
        return (yield from _mixed(subject, values))
    assert isinstance(low, int | float) and isinstance(high, int | float)
    if subject.declaration.affinity is Affinity.REAL:
        return Evidence(values, reals=values, lowest=low, highest=high)
    (reals,) = yield (subject.reals,)
    if not reals:
        assert isinstance(low, int) and isinstance(high, int)
        return Evidence(values, integers=values, least=low, most=high, lowest=low, highest=high)
    integers = values - number(reals)
    bounded = integers and not (low >= -EXACT_INTEGER and high <= EXACT_INTEGER)
    least, most = (yield _integer_bounds(subject)) if bounded else (None, None)
    return Evidence(values, integers, number(reals), 0, 0, whole(least), whole(most), low, high)


def _integer_bounds(subject: Subject) -> tuple[str, str]:
    return subject.of("integer", f"min({subject.sql})"), subject.of("integer", f"max({subject.sql})")


def _mixed(subject: Subject, values: int) -> Questions[Evidence]:
    numeric = f"FILTER (WHERE typeof({subject.sql}) IN ('integer', 'real'))"
    integers, reals, texts, least, most, lowest, highest = yield (
        f"sum(typeof({subject.sql}) = 'integer')",
        subject.reals,
        f"sum(typeof({subject.sql}) = 'text')",
        *_integer_bounds(subject),
        f"min({subject.sql}) {numeric}",
        f"max({subject.sql}) {numeric}",
    )
    blobs = values - number(integers) - number(reals) - number(texts)
    assert not isinstance(lowest, str | bytes) and not isinstance(highest, str | bytes)
    return Evidence(
        values,
        number(integers),
        number(reals),
        number(texts),
        blobs,
        whole(least),
        whole(most),
        lowest,  # type: ignore[arg-type]  # the FILTER lets numbers only pass
        highest,  # type: ignore[arg-type]
    )


def number(value: SqliteValue) -> int:
    """An integer aggregate; NULL over no rows is 0."""
    assert value is None or isinstance(value, int)
    return value or 0


def whole(value: SqliteValue) -> int | None:
    """An integer aggregate that may be NULL."""
    assert value is None or isinstance(value, int)
    return value


def complete(fits: list[Fit], evidence: Evidence) -> Fit | None:
    """The first fit that holds every value."""
    return next((fit for fit in fits if fit.count == evidence.values), None)
