"""Dates and times: moments in UTC, and the texts and numbers SQLite makes of them.

What a moment is made of is decided here; a target's `Clock` says it in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from migrator.model.types import FLOAT64, TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.translation.terms import NUMBERS, Level, Moment, Rule, Term, Translate
from migrator.targets.translation.unifying import resolution

_SHORT: Final = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M"}
_LAYOUTS: Final[dict[type[exp.Expr], str]] = {
    exp.CurrentTimestamp: "%Y-%m-%d %H:%M:%S",
    exp.CurrentDate: "%Y-%m-%d",
    exp.CurrentTime: "%H:%M:%S",
}

Written = tuple[str, Level]
"""SQL and how strongly it binds."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How a target says times. Moments are in UTC."""

    product: str
    unsettled: str
    """Why text may not be read as a time in an index or a generated column."""
    directives: frozenset[str]
    """Of `strftime`, the ones it can write."""
    now: Moment
    local: Moment
    """The same on the server's own clock."""
    cut: Callable[[Moment, str], Moment]
    """A moment cut down to the beginning of a unit: year, month, day, hour, minute, second, milliseconds."""
    shifted: Callable[[Moment, str, str], Moment]
    """A moment moved by a number of a unit."""
    advanced: Callable[[Moment, Moment, Moment], Moment]
    """A moment moved by the time from the third to the second."""
    counted: Callable[[Term], Moment]
    """The moment so many seconds after 1970 began. Raises Untranslatable."""
    zoned: Callable[[Term], Moment]
    """A timestamp with time zone."""
    dated: Callable[[Term], Moment]
    """The beginning of a date."""
    read: Callable[[Term], Moment]
    """Text in ISO form; anything else is NULL, as in SQLite
    (https://www.sqlite.org/lang_datefunc.html#time_values).
    Raises Untranslatable."""
    missing: Moment
    """NULL."""
    written: Callable[[Moment, str, Translate], Written]
    """A moment as text."""
    unix: Callable[[Moment], Term]
    """Whole seconds since 1970."""
    julian: Callable[[Moment], Written]
    """The Julian day, calculated as SQLite does: milliseconds since -4713-11-24 12:00, divided once."""

    def rules(self) -> dict[type[exp.Expr], Rule]:
        """The rules for nodes that are times."""
        return {
            exp.CurrentDate: self._current,
            exp.CurrentTime: self._current,
            exp.CurrentTimestamp: self._current,
            exp.TimeToStr: self._as_text,
            exp.TimeToUnix: self._to_unix,
        }

    def julian_day(self, node: exp.Expr, translate: Translate) -> Term:
        """`JULIANDAY(t)`."""
        found = self.moment(node.expressions[0], translate)
        self._allow(found, translate)
        sql, level = self.julian(found)
        return Term(sql, FLOAT64, level, moment=found, layout="%J")

    def moment(self, node: exp.Expr, translate: Translate) -> Moment:
        """A time value as a timestamp in UTC.

        Raises:
            Untranslatable: It is no time in the target.
        """
        rule = _MOMENTS.get(type(node))
        return rule(self, node, translate) if rule is not None else self._of_term(translate(node))

    def _current(self, node: exp.Expr, translate: Translate) -> Term:
        """CURRENT_TIMESTAMP, CURRENT_DATE, CURRENT_TIME: texts in SQLite."""
        return self._text(self._ticking(self.now, translate), _LAYOUTS[type(node)], translate)

    def _as_text(self, node: exp.Expr, translate: Translate) -> Term:
        """`TIME_TO_STR(t, format)`."""
        return self._text(self.moment(node.this, translate), node.args["format"].name, translate)

    def _to_unix(self, node: exp.Expr, translate: Translate) -> Term:
        """`TIME_TO_UNIX(t)`: whole seconds since 1970."""
        found = self.moment(node.this, translate)
        self._allow(found, translate)
        return replace(self.unix(found), moment=found, layout="%s")

    def _ticking(self, clock: Moment, translate: Translate) -> Moment:
        if translate.immutable:
            raise Untranslatable("The current time may not stand in a constraint, an index or a generated column.")
        return clock

    def _cut(self, node: exp.Expr, translate: Translate) -> Moment:
        return self.cut(self.moment(node.this, translate), node.args["unit"].name.lower())

    def _moved(self, node: exp.Expr, translate: Translate) -> Moment:
        """`t + INTERVAL` or `t + (t - t)`."""
        left, right = self.moment(node.this, translate), node.expression
        if isinstance(right, exp.Interval):
            return self.shifted(left, right.args["this"].name, right.args["unit"].name.lower())
        difference = right.this if isinstance(right, exp.Paren) else right
        if not isinstance(difference, exp.Sub):
            raise Untranslatable(f"SQLite moves a time by an amount that {self.product} cannot know.")
        one, other = self.moment(difference.this, translate), self.moment(difference.expression, translate)
        return self.advanced(left, one, other)

    def _from_unix(self, node: exp.Expr, translate: Translate) -> Moment:
        """A column of Unix times may have become timestamps; then nothing is left to do."""
        term = translate(node.this)
        if term.kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
            return self._of_term(term)
        if term.kind not in NUMBERS:
            raise Untranslatable(
                f"SQLite reads a column as seconds since 1970 that holds no number in {self.product}."
            )
        return self.counted(term)

    def _of_term(self, term: Term) -> Moment:
        if term.moment is not None:
            return self._again(term.moment, term.layout)
        if term.kind is Kind.TIMESTAMP:
            return Moment(term.sql, term.level)
        by_kind = {Kind.TIMESTAMPTZ: self.zoned, Kind.DATE: self.dated, Kind.TEXT: self.read}
        if term.kind in by_kind:
            return by_kind[term.kind](term)
        if term.null:
            return self.missing
        raise Untranslatable(f"SQLite reads a column as a time that holds none in {self.product}.")

    def _again(self, found: Moment, layout: str) -> Moment:
        """The time in a text that was made from a time."""
        unit = resolution(layout)
        if unit is None:
            raise Untranslatable("SQLite reads a part of a time as a time again.")
        return replace(self.cut(found, unit), zoned="")

    def _allow(self, found: Moment, translate: Translate) -> None:
        if found.stable and translate.strict:
            raise Untranslatable(self.unsettled)

    def _text(self, found: Moment, layout: str, translate: Translate) -> Term:
        """A moment as text; what cannot be written may still be compared as a time."""
        for short, long in _SHORT.items():
            layout = layout.replace(f"%{short}", long)
        problem = self._problem(found, layout, translate)
        if problem:
            return Term("", TEXT, moment=found, layout=layout, problem=problem)
        sql, level = self.written(found, layout, translate)
        return Term(sql, TEXT, level, moment=found, layout=layout)

    def _problem(self, found: Moment, layout: str, translate: Translate) -> str:
        unknown = [name for name in re.findall("%(.)", layout) if name not in self.directives | {"%"}]
        if unknown:
            return f"{self.product} has no equal of strftime's %{unknown[0]}."
        return self.unsettled if found.stable and translate.strict else ""


_MOMENTS: Final[dict[type[exp.Expr], Callable[[Clock, exp.Expr, Translate], Moment]]] = {
    exp.CurrentTimestamp: lambda clock, _, translate: clock._ticking(clock.now, translate),
    exp.Localtimestamp: lambda clock, _, translate: clock._ticking(clock.local, translate),
    exp.DateTrunc: lambda clock, node, translate: clock._cut(node, translate),
    exp.Add: lambda clock, node, translate: clock._moved(node, translate),
    exp.UnixToTime: lambda clock, node, translate: clock._from_unix(node, translate),
    exp.Paren: lambda clock, node, translate: clock.moment(node.this, translate),
}


def tokens(layout: str) -> Iterable[tuple[str, str]]:
    """The directives of `strftime` and the text between them: one of the two is ''."""
    for match in re.finditer("%(.)|([^%]+)", layout):
        yield (match[1] or "", match[2] or "") if match[1] != "%" else ("", "%")
