"""Which resolutions each setting takes: those of the findings it decides, from their catalogue.

Nothing here says what a resolution means, nor which of them one finding takes.
"""

from __future__ import annotations

from migrator.model.findings import CATALOGUE, Resolution


def _choices(*codes: str) -> tuple[Resolution, ...]:
    """`stop` and every resolution of the findings, in the order of `Resolution`."""
    allowed = {Resolution.STOP, *(each for code in codes for each in CATALOGUE[code].resolutions)}
    return tuple(each for each in Resolution if each in allowed)


VALUE_RESOLUTIONS = _choices(
    "text-nul", "text-invalid", "float-infinite", "float-subnormal", "value-misfit", "value-missing"
)
ORPHAN_RESOLUTIONS = _choices("orphan-rows")
CHECK_RESOLUTIONS = _choices("check-violated")
DUPLICATE_RESOLUTIONS = _choices("duplicate-key")
