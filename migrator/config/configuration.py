"""What `migrator.toml` says, read and checked, as the rest of the program wants it.

It holds no value of the environment: what `${NAME}` means is looked up when a target is resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from migrator.model.options import NamedSource, Options


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the file says; empty when there is none.

    Paths in it are relative to the current folder. `targets` goes from the names of targets to their URLs, with
    `${NAME}` where the environment says more; `environment` from names to templates.
    """

    file: Path | None = None
    sources: tuple[NamedSource, ...] = ()
    target: str | None = None
    targets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    options: Options = field(default_factory=Options)
    policy: Path | None = None
    """What is asked of ODBC drivers."""
