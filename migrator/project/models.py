"""Importing the user's models: a module by its name, or a Python file by its path.

The file is executed as Python executes it; nothing here interprets it.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa

from migrator.errors import ConfigurationError
from migrator.model.options import ModelOptions


def load(options: ModelOptions) -> sa.MetaData:
    """The MetaData that `options.base` names: itself, or that of a declarative base.

    Raises:
        ConfigurationError: The models cannot be imported, or hold no tables under that name.
    """
    found = getattr(_module(options), options.base, None)
    metadata = found if isinstance(found, sa.MetaData) else getattr(found, "metadata", None)
    if not isinstance(metadata, sa.MetaData):
        raise ConfigurationError(
            f"The models have no declarative base or MetaData called {options.base!r}.",
            where=str(options.models),
            hint='Name it in migrator.toml: [models] base = "…".',
        )
    if not metadata.tables:
        raise ConfigurationError(
            f"{options.base!r} holds no tables.",
            where=str(options.models),
            hint="Import every module that declares a table in the one that [models] names.",
        )
    return metadata


def _module(options: ModelOptions) -> ModuleType:
    try:
        if isinstance(options.models, Path):
            return _from_file(options.models)
        return importlib.import_module(options.models)
    except Exception as error:
        raise ConfigurationError(
            f"The models cannot be imported: {type(error).__name__}: {error}.",
            where=_place(error, str(options.models)),
            hint="Correct [models] in migrator.toml, or what the models import.",
        ) from error


def _from_file(path: Path) -> ModuleType:
    """The file as a module that nothing else can be mistaken for; what lies beside it can be imported."""
    name = f"migrator_models_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(f"no Python file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # declarative classes look their module up
    with _importable(path.resolve().parent):
        spec.loader.exec_module(module)
    return module


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let modules in the folder be imported meanwhile."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        if str(folder) in sys.path:
            sys.path.remove(str(folder))


def _place(error: Exception, otherwise: str) -> str:
    """The file and line in which the user's code failed, as far as a traceback tells."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "importlib" not in frame.filename and frame.filename != __file__]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else otherwise
