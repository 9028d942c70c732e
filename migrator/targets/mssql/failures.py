"""What the server and its drivers say when they refuse, as this tool's errors.

pyodbc gives the server's error number, `mssql-python` only the SQLSTATE's class and the words; so each failure is
known by both. Words that carry values are masked.
https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from migrator.errors import (
    ConnectionLost,
    DataError,
    EnvironmentFailure,
    MigratorError,
    TransientFailure,
)
from migrator.model.secrets import MASK


@dataclass(frozen=True, slots=True)
class Said:
    """What went wrong: the server's number and the SQLSTATE where the driver tells them, and the words."""

    words: str
    number: int | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """A failure that is not about the data: the server's numbers, words that no other message has, what it means
    and what to do."""

    kind: type[EnvironmentFailure]
    numbers: frozenset[int]
    words: str
    what: str
    hint: str


def _known(kind: type[EnvironmentFailure], numbers: tuple[int, ...], words: str, what: str, hint: str) -> _Known:
    return _Known(kind, frozenset(numbers), words, what, hint)


_AGAIN = "Try again; an unfinished run goes on with `migrator resume`."
_KNOWN: tuple[_Known, ...] = (
    _known(
        TransientFailure,
        (1205, 1222),
        r"deadlock|Rerun the transaction|Lock request time out|Serialization failure|40001",
        "Another session has what the run needs.",
        f"Find it in sys.dm_exec_requests, let it finish or end it. {_AGAIN}",
    ),
    _known(
        TransientFailure,
        (3960, 3961, 41302, 41305, 41325, 41839),
        r"Snapshot isolation transaction (aborted|failed)|update conflict",
        "Another session changed the same rows.",
        _AGAIN,
    ),
    _known(
        TransientFailure,
        (
            *(40197, 40501, 40613, 40143, 40166, 40540, 10928, 10929, 10936, 49918, 49919, 49920, 4221, 615),
            *(8645, 8651, 8628, 9515, 14355, 17197, 20041, 1204, 3966, 3957, 3935),
        ),
        r"is not currently available\.? +Please retry|service is currently busy|service has encountered an error "
        r"processing your request|Not enough resources to process request|Too many (create or update|operations) |"
        r"Resource ID ?: ?\d+\. The .* limit|wait(ing)? for memory resources|cannot obtain a LOCK resource",
        "The service is busy, or moving to another machine.",
        _AGAIN,
    ),
    _known(
        EnvironmentFailure,
        (1105, 1101, 3257, 5149, 3635),
        r"Could not allocate (space for object|a new page)|filegroup is full|insufficient (disk|free) space",
        "The database has no room left.",
        "Free space, or let its files grow, then run `migrator resume`.",
    ),
    _known(
        EnvironmentFailure,
        (9002, 40552, 40544, 40549, 40550, 40551, 40553),
        r"transaction log for database .* is full|has reached its size quota|session has been terminated because",
        "A limit of the database is reached: its log, its size quota or what a session may use.",
        "Back up the log or let it grow (log_reuse_wait_desc in sys.databases says what holds it), or raise the "
        "limit; then run `migrator resume`.",
    ),
    _known(
        EnvironmentFailure,
        (229, 230, 262, 297, 300, 916, 1088, 2760, 15247, 15151, 4613, 6004),
        r"permission (was )?denied|does not have permission|not able to access the database|"
        r"Cannot find the object .* because it does not exist or you do not have permission|"
        r"either does not exist or you do not have permission",
        "The login lacks a permission.",
        "Grant it, or connect as an owner of the database (db_owner).",
    ),
    _known(
        EnvironmentFailure,
        (3906, 3908, 978, 976),
        r"because the database is read-only|read-only|not accessible for queries",
        "The database is read-only.",
        "Connect to the primary replica, and check the database's state.",
    ),
    _known(
        EnvironmentFailure,
        (701, 802, 17803),
        r"insufficient system memory|insufficient memory",
        "The server is out of memory.",
        f"Give it more, or move fewer tables in one run. {_AGAIN}",
    ),
)

_LOST_STATES = ("08",)
_LOST_WORDS = re.compile(
    r"Communication link failure|Connection (failure|not open|timeout)|connection (is broken|was (lost|closed))|"
    r"TCP Provider|Unexpected(ly)? (EOF|closed)|forcibly closed|Connection reset|Broken pipe|"
    r"Disconnect error|existing connection|Function sequence error|connection has been closed|closed connection|"
    r"session is in the kill state|Query timeout expired and the connection",
    re.IGNORECASE,
)
_LOST_NUMBERS = frozenset({64, 121, 233, 596, 6005, 10053, 10054, 10060, 17142, 17830})

_PREFIX = re.compile(r"^(?:\s*\[[^\]]*\])+\s*")
_STATE = re.compile(r"^\[?([0-9A-Z]{5})\]?(?=\s*\[|$)")
_NUMBER = re.compile(r"\((\d+)\) \(SQL\w+\)")
_TAIL = re.compile(r"\s*\(-?\d+\)(?: \(SQL\w+\))?(?:;.*)?$", re.DOTALL)
_RUST_NUMBER = re.compile(r"(?:[Ee]rror|[Nn]umber|code)\D{0,4}(\d{2,6})")
_RUST_FRAME = re.compile(
    r"^Sql Error: \d+: Class \d+: State \d+: (.*?)(?: on \S+ in \S* ?at line \d+)?$", re.DOTALL
)
"""Around the server's message where bulk copy fails."""
_DRIVER = re.compile(r"^Driver Error: .*?; DDBC Error: ", re.DOTALL)
_DRIVER_ALONE = re.compile(r"^Driver Error: ")

_VALUES = (
    (re.compile(r"(duplicate key value is )\(.*\)", re.DOTALL | re.IGNORECASE), rf"\1({MASK})"),
    (re.compile(r"((?:[Tt]runcated )?value:? )'.*'", re.DOTALL), rf"\1'{MASK}'"),
    (re.compile(r"(converting (?:the |from )?[\w ]*?value )'.*?'(?= to data type)", re.DOTALL), rf"\1'{MASK}'"),
    (re.compile(r"(overflow .* for (?:data )?type \w+, value) *=.*$", re.DOTALL), rf"\1 {MASK}."),
)
"""2601, 2627, 2628, 245, 220, 232 and their like quote what they were given."""
_NAMES = re.compile(r"'[^']*'|\"[^\"]*\"")
"""A name may have any words in it."""


def said(error: BaseException) -> Said:
    """What a driver or the server said, without values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    arguments = [str(each) for each in cause.args]
    text = arguments[-1] if arguments else str(cause)
    state = arguments[0] if len(arguments) > 1 else ""
    own = getattr(cause, "ddbc_error", None)
    if isinstance(own, str):
        text = own or _DRIVER_ALONE.sub("", text)
        state = str(getattr(cause, "driver_error", ""))
    numbers = _NUMBER.findall(text) or _RUST_NUMBER.findall(text if not isinstance(own, str) else "")
    words = _RUST_FRAME.sub(r"\1", _PREFIX.sub("", _PREFIX.sub("", _DRIVER.sub("", text))))
    return Said(_masked(_TAIL.sub("", words)), int(numbers[0]) if numbers else None, state)


def _masked(words: str) -> str:
    for pattern, instead in _VALUES:
        words = pattern.sub(instead, words)
    return " ".join(words.split())


def _unnamed(found: Said) -> str:
    """The words that are the server's own and the driver's, by which a failure is known."""
    return f"{_NAMES.sub('', found.words)} {found.state}"


def primary_message(error: BaseException) -> str:
    """The server's own words without values, on one line."""
    return said(error).words


def first_cause(error: DBAPIError) -> DBAPIError:
    """The error with which it began.

    A transaction that the server has ended cannot be rolled back, which is an error too and says nothing.
    """
    first, found = error, error.__context__
    while found is not None:
        first = found if isinstance(found, DBAPIError) else first
        found = found.__context__
    return first


def is_lost(error: BaseException, found: Said) -> bool:
    """Whether the connection is gone."""
    return (
        (isinstance(error, DBAPIError) and error.connection_invalidated)
        or isinstance(error, OSError)
        or found.number in _LOST_NUMBERS
        or found.state.startswith(_LOST_STATES)
        or _LOST_WORDS.search(_unnamed(found)) is not None
    )


def explain(error: BaseException, where: str, column: str = "") -> MigratorError:
    """The error of this tool for one of a driver or the server. `where` names the object at work.

    A lost connection is transient too: what was under way is taken back by the server, and can be tried again.
    """
    found, place = said(error), f"{where}, column {column}" if column else where
    words = f' The server says: "{found.words.rstrip(".")}".' if found.words else ""
    for known in _KNOWN:
        if found.number in known.numbers or re.search(known.words, _unnamed(found)):
            return known.kind(known.what + words, where=place, hint=known.hint)
    if is_lost(error, found):
        return ConnectionLost(
            f"The connection to the server was lost.{words}",
            where=place,
            hint="See that the server runs and is reachable, then run `migrator resume`.",
        )
    number = f" (error {found.number})" if found.number else ""
    return DataError(
        f"The server refuses it: {found.words.rstrip('.')}{number}." if found.words else "The server refuses it.",
        where=place,
        hint="Change the type, or the rule, that the message names in migrator.toml, then plan again.",
    )
