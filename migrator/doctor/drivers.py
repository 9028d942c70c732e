"""The drivers of every kind of server, as checks.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from migrator.model.health import Check, Driver, State


def checks(title: str, drivers: Sequence[Driver], *, wanted: bool) -> tuple[Check, ...]:
    """One check a driver. `title` is the kind of server, `wanted` whether anybody means to connect to one."""
    return tuple(_check(f"drivers for {title}", driver, wanted) for driver in drivers)


def _check(subject: str, driver: Driver, wanted: bool) -> Check:
    state = state_of(driver, wanted=wanted)
    facts = (driver.version, " and ".join(driver.architectures), driver.path)
    found = ", ".join(fact for fact in facts if fact)
    what = "; ".join(part for part in (found, driver.remark) if part)
    return Check(subject, driver.name, state, f"{what}.", driver.fix)


def state_of(driver: Driver, *, wanted: bool) -> State:
    """A driver that cannot be used is missing only to who needs it. One that is there and broken deserves a
    warning to everybody; one that is a choice and was not made does not."""
    if driver.usable:
        return State.OK if driver.advised else State.WARNING
    if driver.needed:
        return State.FAILED if wanted else State.WARNING
    return State.WARNING if driver.version or driver.path else State.NOTE
