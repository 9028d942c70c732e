"""Why something is not translated."""

from __future__ import annotations


class Refused(Exception):
    """Something has no exact equal. Its text is a sentence for the report; it never leaves this folder."""
