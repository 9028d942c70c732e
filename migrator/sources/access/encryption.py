"""Passwords and encrypted pages. (Filled in later.)"""

from __future__ import annotations

from migrator.sources.access.pages import Pages


def unlock(pages: Pages, password: str | None) -> None:
    """Check the password and read encrypted pages decrypted."""
