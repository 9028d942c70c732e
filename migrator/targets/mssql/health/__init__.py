"""What `migrator doctor` asks about SQL Server: the drivers here, and a server and database there.

It only looks: no statement here changes anything.
"""

from __future__ import annotations

import re

from sqlalchemy.engine import URL

from migrator.targets.mssql.databases import MAINTENANCE
from migrator.targets.mssql.health.server import creation, health
from migrator.targets.mssql.health.ways import drivers, own_architecture

TITLE = "SQL Server"

DEFAULT_PORT = 1433
"""https://learn.microsoft.com/sql/database-engine/configure-windows/configure-a-server-to-listen-on-a-specific-tcp-port"""

_ELSEWHERE = re.compile(r"(np|lpc|admin):|[^\\]*\\|[(.]", re.IGNORECASE)
"""A pipe, shared memory, a named instance whose port SQL Server Browser tells, LocalDB, this machine as `.`:
https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute#server"""


def address(url: URL) -> tuple[str, int] | None:
    """The host and port that a connection goes to; None where it goes another way, or a data source or a whole
    ODBC string says where."""
    host = url.host or ""
    if not host or _ELSEWHERE.match(host) or "odbc_connect" in url.query:
        return None
    name, comma, port = host.removeprefix("tcp:").partition(",")
    if comma:
        return (name.strip(), int(port)) if port.strip().isdecimal() else None
    return name.strip(), url.port or DEFAULT_PORT


__all__ = ["MAINTENANCE", "TITLE", "address", "creation", "drivers", "health", "own_architecture"]
