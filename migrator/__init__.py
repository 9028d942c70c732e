"""Move SQLite and Microsoft Access databases to PostgreSQL and SQL Server, prove it, and take it back.

The functions here are the whole public API; the command line is a thin layer over them. They return the
objects that `--json` prints (`migrator.model.plan.Plan`, `migrator.model.result.RunResult`) and raise
`migrator.errors.MigratorError`.
"""

from migrator.environment import Settings
from migrator.history import rollback, status, verify
from migrator.initiation import init
from migrator.migration import plan, resume, run
from migrator.model.options import (
    ColumnOptions,
    ModelOptions,
    NamedSource,
    Options,
    SourceAccess,
    TableOptions,
    TransformOptions,
)

__all__ = [
    "ColumnOptions",
    "ModelOptions",
    "NamedSource",
    "Options",
    "Settings",
    "SourceAccess",
    "TableOptions",
    "TransformOptions",
    "init",
    "plan",
    "resume",
    "rollback",
    "run",
    "status",
    "verify",
]
