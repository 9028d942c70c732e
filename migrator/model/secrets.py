"""Which columns hold secrets, and how their values are shown: not at all.

Values of secret columns move and are covered by digests like any other; they never reach a log, a plan, a
journal, a report or an error message.
"""

from __future__ import annotations

import re

MASK = "•••"

_SECRET = re.compile(
    r"passw(or)?d|passphrase|pwd|(^|_)pass($|_)|secret|token|api_?key|private_?key|access_?key|credential"
    r"|(^|_)(hash|salt|otp|totp|pin)($|_)|auth_?code|session_?(id|key)",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_secret(column: str) -> bool:
    """Whether a column's name says that its values are secret, as `password_hash`, `apiKey` or `token` do."""
    return _SECRET.search(_CAMEL.sub("_", column)) is not None
