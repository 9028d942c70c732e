"""The column types of Access: what each is called, its code in a table definition, and its size if it has one.

Codes and sizes are those of mdbtools' HACKING.md (Column Type) and of Jackcess's DataType. How values of a
type are decoded is not told here.
"""

from __future__ import annotations

from enum import IntEnum


class Type(IntEnum):
    """A column type by its code. Names are Access's own where it shows one, else those of Jet."""

    YES_NO = 0x01
    BYTE = 0x02
    INTEGER = 0x03
    LONG = 0x04
    CURRENCY = 0x05
    SINGLE = 0x06
    DOUBLE = 0x07
    DATE_TIME = 0x08
    BINARY = 0x09
    """At most 510 bytes; Access shows it only in linked tables."""
    SHORT_TEXT = 0x0A
    OLE_OBJECT = 0x0B
    LONG_TEXT = 0x0C
    UNKNOWN_0D = 0x0D
    GUID = 0x0F
    """Access calls it Replication ID."""
    DECIMAL = 0x10
    UNKNOWN_11 = 0x11
    COMPLEX = 0x12
    """Attachment, multi-value lookup or version history; its values lie in a table of their own."""
    LARGE_NUMBER = 0x13
    DATE_TIME_EXTENDED = 0x14

    @property
    def long_value(self) -> bool:
        """Whether the row holds only a reference to the value, unless it is short."""
        return self in {Type.OLE_OBJECT, Type.LONG_TEXT}

    @property
    def text(self) -> bool:
        """Whether values are text."""
        return self in {Type.SHORT_TEXT, Type.LONG_TEXT}


SIZES = {
    Type.BYTE: 1,
    Type.INTEGER: 2,
    Type.LONG: 4,
    Type.CURRENCY: 8,
    Type.SINGLE: 4,
    Type.DOUBLE: 8,
    Type.DATE_TIME: 8,
    Type.GUID: 16,
    Type.DECIMAL: 17,
    Type.COMPLEX: 4,
    Type.LARGE_NUMBER: 8,
    Type.DATE_TIME_EXTENDED: 42,
}
"""Stored bytes of a value, for the types where all values have the same size. Yes/No has none: it is a bit of
the null mask."""

TEXTS = frozenset({Type.SHORT_TEXT, Type.LONG_TEXT})
NUMBERS = frozenset({Type.BYTE, Type.INTEGER, Type.LONG})
BINARIES = frozenset({Type.BINARY, Type.OLE_OBJECT})
DATES = frozenset({Type.DATE_TIME})
"""Types that Access versions choose from for a column of a system table."""
