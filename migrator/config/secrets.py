"""Passwords that stand in a file where only the name of one may: `${NAME}`.

It looks at text alone and never repeats what it found.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from migrator.model.secrets import is_secret

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
"""A name in the environment: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html."""

_LITERAL = rf"(\$\{{{NAME}\}}|\$\{{\{{{NAME}\}}\}})*([^$%s]|\$[^{{])"
"""A value that is more than names: `%s` stands for the character that ends it. `${{NAME}}` is how a template of
`[environment]` writes `${NAME}`."""

PASSWORD_PATTERN = rf"://[^:/]*:{_LITERAL % '@'}[^@]*@"
"""A password before the host, which SQLAlchemy takes to be all up to the first `@`."""
QUERY_PATTERN = rf"[?&][^=&]*(password|Password|PASSWORD|passwd|pwd|PWD|secret|token)[^=&]*={_LITERAL % '&'}"
"""A password in the query. Rough, for the JSON Schema; `holds_password` knows more names."""

_PASSWORD = re.compile(PASSWORD_PATTERN)
_PARAMETER = re.compile(r"[?&]([^=&]+)=([^&]*)")
_ODBC = re.compile(rf"(?:password|pwd)\s*=\s*{_LITERAL % ';'}", re.IGNORECASE)
_MORE_THAN_NAMES = re.compile(_LITERAL % "&")


def holds_password(url: str) -> bool:
    """Whether a URL holds a password, or part of one, that is written out: before the host, in the query, or in
    an ODBC connection string within the query."""
    return _PASSWORD.search(url) is not None or any(
        _ODBC.search(unquote_plus(value)) or (is_secret(unquote_plus(name)) and _MORE_THAN_NAMES.match(value))
        for name, value in _PARAMETER.findall(url)
    )
