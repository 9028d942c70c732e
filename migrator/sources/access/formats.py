"""The file formats of Access: which there are, how a file's header tells them apart, and where things lie.

Every offset and size that differs between formats stands here once, and nowhere else. The facts are those of
mdbtools' HACKING.md and of Jackcess's JetFormat; nothing here reads a page other than the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from migrator.errors import SourceError

HEADER_SIZE = 0x2B0
"""Bytes of the first page that hold anything this reader uses; encryption information follows them."""

ENGINES = {
    b"Standard Jet DB": "Jet",
    b"Standard ACE DB": "ACE",
    b"MSISAM Database": "Money",
}


@dataclass(frozen=True, slots=True)
class Format:
    """One version of the format. Offsets are in bytes from the start of the structure they are about.

    `tdef_*` are offsets in a table definition, `column_*` in a column's block of it; -1 where there is none.
    """

    name: str
    access: str
    """The Access versions that write it."""
    page_size: int = 4096
    unit: int = 2
    """Bytes of a character in names and of uncompressed text: 2 for UTF-16, 1 for the file's code page."""

    password_size: int = 40
    date_offset: int = 0x72
    sort_order_offset: int = 0x6E

    row_count_offset: int = 12
    """On a data page: how many rows it holds. The offsets of the rows follow."""

    tdef_rows: int = 16
    tdef_autonumber: int = 20
    tdef_autonumber_step: int = 24
    tdef_complex_autonumber: int = -1
    tdef_type: int = 40
    tdef_end: int = 63
    real_index_size: int = 12
    column_size: int = 25
    column_number: int = 5
    column_variable: int = 7
    column_sort_order: int = 11
    column_scale: int = 11
    column_code_page: int = -1
    column_complex: int = 11
    column_flags: int = 15
    column_more_flags: int = 16
    column_fixed: int = 21
    column_length: int = 23
    name_length_size: int = 2
    index_skip: tuple[int, int, int] = (4, 4, 5)
    """Unknown bytes before an index's columns, before its flags and after them."""
    slot_skip: tuple[int, int] = (4, 4)
    """Unknown bytes before and after the facts of a logical index."""

    count_size: int = 2
    """Bytes of a row's column count, and of each of its offsets of variable-length columns."""

    @property
    def rows_offset(self) -> int:
        """On a data page: where the offsets of its rows begin."""
        return self.row_count_offset + 2

    @property
    def accdb(self) -> bool:
        """Whether it is a format of Access 2007 or later."""
        return self.name.startswith("ACE")


JET4 = Format("Jet 4", "Access 2000 to 2003")
JET3 = Format(
    "Jet 3",
    "Access 97",
    page_size=2048,
    unit=1,
    password_size=20,
    date_offset=-1,
    sort_order_offset=0x3A,
    row_count_offset=8,
    tdef_rows=12,
    tdef_autonumber=16,
    tdef_autonumber_step=-1,
    tdef_type=20,
    tdef_end=43,
    real_index_size=8,
    column_size=18,
    column_number=1,
    column_variable=3,
    column_sort_order=9,
    column_scale=11,
    column_code_page=11,
    column_complex=-1,
    column_flags=13,
    column_more_flags=-1,
    column_fixed=14,
    column_length=16,
    name_length_size=1,
    index_skip=(0, 0, 0),
    slot_skip=(0, 0),
    count_size=1,
)
_ACE = replace(JET4, tdef_complex_autonumber=28)

FORMATS = {
    0: JET3,
    1: JET4,
    2: replace(_ACE, name="ACE 12", access="Access 2007"),
    3: replace(_ACE, name="ACE 14", access="Access 2010"),
    4: replace(_ACE, name="ACE 15", access="Access 2013"),
    5: replace(_ACE, name="ACE 16", access="Access 2016"),
    6: replace(_ACE, name="ACE 17", access="Access 2019"),
}
"""Formats by the version byte at offset 0x14 of the file (mdbtools HACKING.md, Database Definition Page)."""

MASK = bytes.fromhex(
    "b56f03626108c255eba96772433f009c7a9f90ff809a31c579baed30bcdfcc9d63d9e4c37b42fb8abc4e86fbec375d44"
    "9cfac65e28e613b68a6054947b36f572dfb177f41343cfafb1333461795b92b57c2a05f17c99011b98fd124f4a946c3e"
    "60265f95f8d089248567c61f2744d2eecf65edff07c746a178160cede92d62d4"
)
"""What the bytes of the first page from offset 0x18 on are masked with: 126 in Jet 3, 128 since. It is the
stream of RC4 under a key that is the same in all files (HACKING.md)."""

MASK_OFFSET = 0x18


def recognises(head: bytes) -> bool:
    """Whether the first bytes of a file are those of an Access database of any version."""
    return _engine(head) in {"Jet", "ACE"}


def _engine(head: bytes) -> str | None:
    return ENGINES.get(head[4:19]) if head[:4] == b"\0\1\0\0" else None


def detect(head: bytes, file: str) -> Format:
    """The format of a file by its first `HEADER_SIZE` bytes.

    Raises:
        SourceError: It is no Access database, or one of a kind that is not supported.
    """
    engine = _engine(head)
    if engine is None:
        raise SourceError(
            "The file is not an Access database.",
            where=file,
            hint="Give a file that Access 97 or later made (.mdb or .accdb). Is it the right file, and whole?",
        )
    if engine == "Money":
        raise SourceError(
            "The file belongs to Microsoft Money, which is not supported.",
            where=file,
            hint="Give a file that Access made (.mdb or .accdb).",
        )
    version = head[0x14] if len(head) > 0x14 else -1
    if version not in FORMATS or (engine == "ACE") != (version > 1):
        raise SourceError(
            f"The file has the unknown {engine} format version {version}.",
            where=file,
            hint="Supported are the files of Access 97 to Access 2019 and 365. Is the file damaged?",
        )
    return FORMATS[version]


def unmasked(head: bytes, form: Format) -> bytes:
    """The first page's bytes without the mask of the header."""
    mask = MASK if form.unit == 2 else MASK[:-2]
    stop = MASK_OFFSET + len(mask)
    plain = bytes(a ^ b for a, b in zip(head[MASK_OFFSET:stop], mask, strict=False))
    return head[:MASK_OFFSET] + plain + head[stop:]
