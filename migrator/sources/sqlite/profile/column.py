"""The profile of one column: classes, sizes, fits, hazards. Samples are fetched afterwards, see `samples`."""

from __future__ import annotations

from dataclasses import replace

from migrator.model.profile import ColumnProfile, Fit, Hazard
from migrator.model.types import Kind
from migrator.sources.sqlite.profile.decimals import likely_decimals
from migrator.sources.sqlite.profile.demanded import demanded_fit, likely_demanded
from migrator.sources.sqlite.profile.families import distinct, offer
from migrator.sources.sqlite.profile.hazards import asked as likely_hazards
from migrator.sources.sqlite.profile.hazards import number_hazards
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.sizes import Sizes, likely_sizes, sizes
from migrator.sources.sqlite.profile.subject import Evidence, Subject, complete, evidence
from migrator.sources.sqlite.profile.temporal import likely_moments
from migrator.sources.sqlite.profile.wide import empty_fits
from migrator.sources.sqlite.profile.words import json_scan, likely_uuids
from migrator.sources.sqlite.storage import Affinity, Family


def study(subject: Subject) -> Questions[ColumnProfile]:
    """The profile of a column, `nulls` still 0 and without samples."""
    known = yield from evidence(subject)
    if not known.values:
        fits = yield from _with_demanded(subject, known, empty_fits(subject.promise))
        return ColumnProfile(subject.name, 0, (), tuple(fits), subject.promise)
    size = yield from sizes(subject, known)
    known = replace(known, characters=size.characters)
    found = yield from offer(subject, known)
    fits = yield from _with_demanded(subject, known, found.fits)
    return ColumnProfile(
        subject.name,
        0,
        known.classes,
        tuple(fits),
        subject.enforced or found.expected,
        tuple((yield from _hazards(subject, known, size, fits))),
        size.octets,
        size.longest,
        known.most,
        size.utf16,
    )


def _with_demanded(subject: Subject, known: Evidence, fits: list[Fit]) -> Questions[list[Fit]]:
    """The fit of the type that the target fixes, if it fixes one, before all others."""
    if subject.demanded is None:
        return fits
    fit = yield from demanded_fit(subject, known, subject.demanded, fits)
    if subject.demanded == subject.enforced:
        # A source that makes sure of a type has one way of storing a value of it.
        fit = replace(fit, spellings=1)
    return distinct([fit, *fits])


def _hazards(subject: Subject, known: Evidence, size: Sizes, fits: list[Fit]) -> Questions[list[Hazard]]:
    """Values of the best fit's type, or of the type that the target fixes, which some targets cannot hold."""
    best = fits[0] if subject.demanded is not None else complete(fits, known)
    assert best is not None
    if best.type.kind is Kind.TEXT:
        found = (Hazard("text-nul", size.nul), Hazard("text-invalid", size.invalid))
        return [hazard for hazard in found if hazard.count]
    return (yield from number_hazards(subject)) if best.type.kind is Kind.FLOAT64 else []


def likely(subject: Subject) -> tuple[str, ...]:
    """What `study` will ask about a column that keeps its promise, so that one pass over the rows is enough."""
    family, affinity = subject.declaration.family, subject.declaration.affinity
    asked: tuple[str, ...] = ()
    numeric = any(isinstance(value, int | float) for value in subject.guess)
    if affinity is Affinity.REAL and numeric:
        asked += likely_hazards(subject)
    if affinity.numeric and affinity is not Affinity.REAL and (numeric or family is Family.INTEGER):
        asked += (subject.reals,)
    if any(isinstance(value, str | bytes) for value in subject.guess):
        asked += likely_sizes(subject) + likely_moments(subject)
        if family in (Family.UUID, Family.TEXT, Family.UNKNOWN, Family.BLOB):
            asked += likely_uuids(subject)
    if family is Family.JSON:
        asked += (json_scan(subject),)
    if family is Family.DECIMAL and any(isinstance(value, float) for value in subject.guess):
        asked += likely_decimals(subject, subject.declaration.promise if subject.declaration.fixed else None)
    return asked if subject.demanded is None else asked + likely_demanded(subject, subject.demanded)
