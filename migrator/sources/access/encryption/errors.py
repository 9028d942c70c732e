"""What is said about passwords and encryption. No message holds a password."""

from __future__ import annotations

from migrator.errors import SourceError, SourceLockedError
from migrator.sources.access.damage import Place


def wrong(place: Place, *, given: bool) -> SourceLockedError:
    """The password is missing, or another one than the file's."""
    if given:
        what, hint = "The password is not the database's.", "Give the password that opens it in Access."
    else:
        what, hint = "The database has a password.", "Give the password that opens it in Access."
    return SourceLockedError(what, where=str(place), hint=hint)


def unsupported(place: Place, what: str) -> SourceError:
    """The file is encrypted in a way that this reader does not know."""
    return SourceError(
        f"The database is encrypted in a way that is not supported: {what}.",
        where=str(place),
        hint="Remove the password in Access (File, Info, Decrypt Database) in a copy, and give that copy.",
    )
