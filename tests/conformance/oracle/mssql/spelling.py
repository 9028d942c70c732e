"""Values as PostgreSQL's text spells them."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID


def spelt(value: Any) -> str | None:
    """A value that a driver returned."""
    if value is None or isinstance(value, str):
        return value
    for kind, spelling in _SPELLINGS:
        if isinstance(value, kind):
            return spelling(value)
    raise AssertionError(f"{type(value)} has no spelling")


def cut(moment: str) -> str:
    """A date or time without the zeros that end its fraction: `10:00:00.5000000 +00:00` is `10:00:00.5+00`."""
    local, zone = re.fullmatch(r"(.*?)(?: ?([+-]\d\d:\d\d))?", moment).groups()  # type: ignore[union-attr]
    shown = local.rstrip("0").rstrip(".") if "." in local else local
    return shown + (re.sub(r":00$", "", zone) if zone else "")


def _float(value: float) -> str:
    """The shortest digits that read back, with an exponent below 1e-4 and from 1e15 on.
    https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT"""
    if math.isinf(value) or math.isnan(value):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    sign = "-" if math.copysign(1, value) < 0 else ""
    _, digits, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    if value == 0:
        return f"{sign}0"
    if not -4 < point <= 15:
        mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
        return f"{sign}{mantissa}e{point - 1:+03d}"
    return sign + format(Decimal((0, digits, exponent)), "f")


def _datetime(value: datetime) -> str:
    moment = value.astimezone(UTC) if value.tzinfo else value
    return cut(moment.isoformat(" "))


_SPELLINGS = (
    (bool, lambda value: "t" if value else "f"),
    (int, str),
    (float, _float),
    (Decimal, lambda value: format(value, "f")),
    ((bytes, bytearray), lambda value: "\\x" + bytes(value).hex()),
    (datetime, _datetime),
    (date, date.isoformat),
    (time, lambda value: cut(value.isoformat())),
    (UUID, str),
)
