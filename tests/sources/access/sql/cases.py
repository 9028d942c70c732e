"""A table, its rows, and what Access makes of expressions over them, after Microsoft's documentation."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from migrator.model.types import BOOL, FLOAT64, INT32, TEXT, TIMESTAMP, LogicalType, decimal
from migrator.sources.access.types import Type

COLUMNS: dict[str, tuple[Type, LogicalType]] = {
    "ID": (Type.LONG, INT32),
    "Name": (Type.SHORT_TEXT, TEXT),
    "Other Name": (Type.LONG_TEXT, TEXT),
    "Price": (Type.CURRENCY, decimal(19, 4)),
    "Ratio": (Type.DOUBLE, FLOAT64),
    "Small": (Type.SINGLE, FLOAT64),
    "Due": (Type.DATE_TIME, TIMESTAMP),
    "Active": (Type.YES_NO, BOOL),
    "Weight": (Type.DECIMAL, decimal(10, 3)),
}

ROWS: list[tuple[Any, ...]] = [
    (
        *(1, "Apple", "x", Decimal("10.5000"), 2.5, 0.10000000149011612, datetime(2020, 2, 29, 13, 5, 9), True),
        Decimal("1.250"),
    ),
    (2, "APPLE  ", "", Decimal("-1.0000"), -2.5, 1.5, datetime(1899, 12, 30), False, Decimal("-7.000")),
    (
        -7,
        "münchen",
        "ÜBER",
        Decimal("0.0000"),
        0.0,
        0.0,
        datetime(2019, 12, 31, 23, 59, 59),
        True,
        Decimal("0.000"),
    ),
    (4, None, None, None, None, None, None, False, None),
]

TYPES = {name: type for name, (type, _) in COLUMNS.items()}

T, F, N = True, False, None

CONDITIONS: list[tuple[str, list[bool | None]]] = [
    # Case and blanks at the end do not count with =, but with Like the blanks do: allenbrowne.com/bug-15.html
    ('[Name] = "apple"', [T, T, F, N]),
    ('[name] <> "Apple "', [F, F, T, N]),
    ('"APPLE" = Name', [T, T, F, N]),
    ('[Name] Like "apple"', [T, F, F, N]),
    ('[Name] Like "A*"', [T, T, F, N]),
    ('[Name] Not Like "A*"', [F, F, T, N]),
    ('[Name] Like "m?NCHEN"', [F, F, T, N]),
    ('[Name] Like "MÜ*"', [F, F, T, N]),
    ('[Name] Like "[am]*"', [T, T, T, N]),
    ('[Name] Like "[!a]*"', [F, F, T, N]),
    ('[Name] = "MÜNCHEN"', [F, F, T, N]),
    ('[Name] = "munchen"', [F, F, F, N]),
    ('[Name] In ("pear", \'Apple\', "MÜNCHEN")', [T, T, T, N]),
    ('[Name] Not In ("pear", "apple")', [F, F, T, N]),
    ('[Other Name] = ""', [F, T, F, N]),
    ("[Other Name] Is Null", [F, F, F, T]),
    ("[Other Name] Is Not Null", [T, T, T, F]),
    ("IsNull([Other Name])", [F, F, F, T]),
    ('InStr([Name], "PP") = 2', [T, T, F, N]),
    ("Len([Name]) = 5", [T, F, F, N]),
    ('Left([Name], 2) = "aP"', [T, T, F, N]),
    ('Right([Name], 2) = "LE"', [T, F, F, N]),
    ('Mid([Name], 2, 3) = "ppl"', [T, T, F, N]),
    ('Trim([Name]) Like "apple"', [T, T, F, N]),
    ("[ID] Between 1 And 3", [T, T, F, F]),
    # The bounds may come in either order.
    ("[ID] Between 3 And 1", [T, T, F, F]),
    ("[ID] Not Between 1 And 3", [F, F, T, T]),
    ("[ID] In (1, -7)", [T, F, T, F]),
    ("[Price] >= 0", [T, F, T, N]),
    ("[Price] = 10.5", [T, F, F, N]),
    ("[Weight] > 1.2", [T, F, F, N]),
    ("[Ratio] > 0.1", [T, F, F, N]),
    ("[Small] = 1.5", [F, T, F, N]),
    ("[Price] > 0 And [ID] > 0", [T, F, F, N]),
    ("[Price] > 0 Or [ID] > 0", [T, T, F, T]),
    ("Not [Price] > 0", [F, T, T, N]),
    ("Not [Price] > 0 And [ID] = 2", [F, T, F, F]),
    ("[Price] > 0 Xor [ID] > 0", [F, T, F, N]),
    ("[Price] > 0 Eqv [ID] > 0", [T, F, T, N]),
    # Null Imp True is True: .../user-interface-help/imp-operator
    ("[Price] > 0 Imp [ID] > 0", [T, T, T, T]),
    ("[ID] > 0 Imp [Price] > 0", [T, F, T, N]),
    ("[Active]", [T, F, T, F]),
    ("Not [Active]", [F, T, F, T]),
    ("[Active] = True", [T, F, T, F]),
    ("[Active] = -1", [T, F, T, F]),
    ("[Active] <> 0", [T, F, T, F]),
    ("[Active] = No", [F, T, F, T]),
    # True is -1, so it is less than False.
    ("[Active] < False", [T, F, T, F]),
    ("[Active] = 1", [F, F, F, F]),
    ("[Active] + [ID] = 0", [T, F, F, F]),
    ("([ID] > 1) = True", [F, T, F, T]),
    ("([ID] > 1) = False", [T, F, T, F]),
    ("[Due] >= #1/1/2020#", [T, F, F, N]),
    ("[Due] < #2/29/2020 1:05:10 PM#", [T, T, T, N]),
    ("[Due] = #2020-02-29 13:05:09#", [T, F, F, N]),
    ("[Due] = #12/30/1899#", [F, T, F, N]),
    ("[Due] = #0:00:00#", [F, T, F, N]),
    ("[Due] Between #12/31/2019# And #1/1/2020#", [F, F, T, N]),
    ("[Due] In (#12/30/1899#)", [F, T, F, N]),
    ("[Due] + 1 > #3/1/2020#", [T, F, F, N]),
    ("[Due] - 1 > #2/28/2020#", [T, F, F, N]),
    ("[Due] - 1 > #2/29/2020#", [F, F, F, N]),
    ("[Due] < #12/31/2019 12:30 AM#", [F, T, F, N]),
    ("[Due] > #2/29/2020 12:30 PM#", [T, F, F, N]),
    ('DateAdd("m", 12, [Due]) = #2/28/2021 13:05:09#', [T, F, F, N]),
    ('DateAdd("q", -1, [Due]) >= #11/29/2019#', [T, F, F, N]),
    ("DateSerial(2020, 2, 29) <= [Due]", [T, F, F, N]),
    ("[Due] <= Date()", [T, T, T, N]),
    ("[Due] <= Now() And [Due] < Date() + 1", [T, T, T, N]),
    ("Year([Due]) = 2020 And Month([Due]) = 2 And Day([Due]) = 29", [T, F, F, N]),
    ("Hour([Due]) = 13 And Minute([Due]) = 5 And Second([Due]) = 9", [T, F, F, N]),
    ('"A1" & "" Like "a#"', [T, T, T, T]),
    ('"A#" Like "a#"', [F, F, F, F]),
    ('"A#" Like "a[#]"', [T, T, T, T]),
    ("True + 1 = 0", [T, T, T, T]),
    ("2 ^ 3 ^ 2 = 64", [T, T, T, T]),
    ("-2 ^ 2 = -4", [T, T, T, T]),
    ("1 + 2 * 3 = 7", [T, T, T, T]),
    (r"7 \ 2 * 2 = 1", [T, T, T, T]),
    ("[ID] <> 1", [F, T, T, T]),
]

VALUES: list[tuple[str, list[Any]]] = [
    # & takes Null for '', unless all are Null: .../user-interface-help/ampersand-operator
    ('[Name] & "-" & [Other Name]', ["Apple-x", "APPLE  -", "münchen-ÜBER", "-"]),
    ("[Name] & [Other Name]", ["Applex", "APPLE  ", "münchenÜBER", None]),
    ("[Name] + [Other Name]", ["Applex", "APPLE  ", "münchenÜBER", None]),
    ('[ID] & ""', ["1", "2", "-7", "4"]),
    ('[Name] & "a ""b"""', ['Applea "b"', 'APPLE  a "b"', 'münchena "b"', 'a "b"']),
    ("Len([Name])", [5, 7, 7, None]),
    ("Left([Name], 1)", ["A", "A", "m", None]),
    ("Right([Name], 3)", ["ple", "E  ", "hen", None]),
    ("Right([Name], 0)", ["", "", "", None]),
    ("Mid([Name], 3)", ["ple", "PLE  ", "nchen", None]),
    ('Mid([Name], Nz(InStr([Name], "P"), 0) + 1)', ["ple", "PLE  ", "münchen", None]),
    ("RTrim([Name])", ["Apple", "APPLE", "münchen", None]),
    ('Nz([Name], "none")', ["Apple", "APPLE  ", "münchen", "none"]),
    ("Nz([Name])", ["Apple", "APPLE  ", "münchen", ""]),
    ("Nz([Price], 0)", [Decimal("10.5"), Decimal("-1"), Decimal(0), Decimal(0)]),
    ("CLng(Nz([ID], 0)) + 1", [2, 3, -6, 5]),
    # Null as a condition is not true.
    ("IIf([Price] > 0, 1, 2)", [1, 2, 2, 2]),
    ('IIf([Active], "yes", Null)', ["yes", None, "yes", None]),
    ('Switch([ID] = 1, "one", [ID] > 1, "more")', ["one", "more", None, "more"]),
    ('Choose(Nz([ID], 0), "a", "b")', ["a", "b", None, None]),
    # \ cuts towards zero, the sign of Mod is that of its left side: .../user-interface-help/mod-operator
    (r"[ID] \ 2", [0, 1, -3, 2]),
    ("[ID] Mod 3", [1, 2, -1, 1]),
    ("[ID] / 2", [0.5, 1.0, -3.5, 2.0]),
    ("[ID] ^ 2", [1.0, 4.0, 49.0, 16.0]),
    ("[ID] * 3 - 1", [2, 5, -22, 11]),
    ("-[ID]", [-1, -2, 7, -4]),
    ("[Price] + [Price]", [Decimal(21), Decimal(-2), Decimal(0), None]),
    ("[Price] * [ID]", [Decimal("10.5"), Decimal(-2), Decimal(0), None]),
    ("[Weight] - [Price]", [Decimal("-9.25"), Decimal(-6), Decimal(0), None]),
    ("[Ratio] + [ID]", [3.5, -0.5, -7.0, None]),
    # Int goes down, Fix towards zero: .../user-interface-help/int-fix-functions
    ("Int([Ratio])", [2.0, -3.0, 0.0, None]),
    ("Fix([Ratio])", [2.0, -2.0, 0.0, None]),
    ("Abs([ID])", [1, 2, 7, 4]),
    ("Sgn([Ratio])", [1, -1, 0, None]),
    ("Round([ID])", [1, 2, -7, 4]),
    ("[Active] * 2", [-2, 0, -2, 0]),
    ("Abs([Price] > 0)", [1, 0, 0, None]),
    ("Year([Due])", [2020, 1899, 2019, None]),
    ('DatePart("q", [Due])', [1, 4, 4, None]),
    # Saturday is 7.
    ("Weekday([Due])", [7, 7, 3, None]),
    ('DatePart("y", [Due])', [60, 364, 365, None]),
    # Boundaries are counted, not the time between: .../user-interface-help/datediff-function
    ('DateDiff("d", [Due], #1/1/2020#)', [-59, 43831, 1, None]),
    ('DateDiff("yyyy", [Due], #1/1/2020#)', [0, 121, 1, None]),
    ('DateDiff("m", [Due], #1/1/2020#)', [-1, 1441, 1, None]),
    ('DateDiff("q", [Due], #4/1/2020#)', [1, 482, 2, None]),
    ('DateDiff("h", #12/31/2019 22:59:59#, [Due])', [1431, -1051942, 1, None]),
    ('DateDiff("s", #12/31/2019 23:59:00#, [Due])', [5144769, -3786998340, 59, None]),
]
