"""One column of values in canonical form, and the exception that says why values have none.

Knows Arrow alone: neither pandas nor the user's code.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from migrator.model.types import LogicalType


class Unusable(Exception):
    """Values that a column cannot hold. `what` goes on after "a column", and holds no value."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Column:
    """An array of `type.arrow`."""

    array: pa.Array
    type: LogicalType

    def field(self, name: str) -> pa.Field:
        """The field of a batch that holds the column."""
        return pa.field(name, self.type.arrow, metadata={"logical": str(self.type)})


def type_of(field: pa.Field) -> LogicalType:
    """The logical type of a canonical batch's field."""
    return LogicalType.parse(field.metadata[b"logical"].decode())
