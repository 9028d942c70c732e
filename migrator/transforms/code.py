"""The user's Python file: reading it, importing it, calling a function of it.

Nobody else notices: `sys.path`, `sys.modules`, stdout and the file's folder are the same before and after. It
never lets an exception of the user's code through but KeyboardInterrupt.
"""

from __future__ import annotations

import difflib
import hashlib
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from migrator.errors import ConfigurationError, TransformError


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function of a user's file."""

    path: Path
    name: str
    function: Callable[[Any], object]
    surroundings: Surroundings

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.name} in {self.path}"

    def call(self, argument: object, *, discreet: bool) -> object:
        """What it returns for the argument.

        Raises:
            TransformError: It raised. `discreet` leaves out its own message, which may hold a secret value.
        """
        try:
            with self.surroundings.in_place():
                return self.function(argument)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises
            # Without a cause, so that no traceback shows what the message leaves out.
            raise _raised(error, self, discreet) from (None if discreet else error)


def _raised(error: BaseException, function: UserFunction, discreet: bool) -> TransformError:
    if discreet:
        kind, hint = type(error).__name__, "Its message is not shown since the table has columns with secrets. "
    else:
        kind, hint = _told(error), ""
    return TransformError(
        f"The transform raised {kind}.",
        where=_line(error, function.path) or function.place,
        hint=f"{hint}Correct the function, and make the plan again.",
    )


def content_of(path: Path) -> bytes:
    """The file's bytes.

    Raises:
        ConfigurationError: It is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"The transform's file cannot be read: {error.strerror}.",
            where=str(path),
            hint="Correct the table's `transform` in migrator.toml.",
        ) from error


def imported(path: Path, content: bytes, function: str) -> UserFunction:
    """The function of that name, after executing `content` as the file at `path`.

    Raises:
        ConfigurationError: Executing it raises, or there is no such function.
    """
    # Registered, since dataclasses look up the module of their class; under a name that nothing else can have.
    module = ModuleType(f"migrator_transform_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}")
    module.__file__ = str(path)
    surroundings = Surroundings(path.parent, {module.__name__: module})
    try:
        with surroundings.in_place():
            exec(compile(content, str(path), "exec", dont_inherit=True), vars(module))  # noqa: S102 - as asked
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            f"The transform's file cannot be imported: {_told(error)}.",
            where=_line(error, path) or str(path),
            hint="Correct the file, or install what it imports.",
        ) from error
    return UserFunction(path, function, _callable(module, function), surroundings)


def _callable(module: ModuleType, name: str) -> Callable[[Any], object]:
    found = vars(module).get(name)
    if callable(found):
        return found  # type: ignore[no-any-return]
    own = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
    near = difflib.get_close_matches(name, own, 1)
    raise ConfigurationError(
        f"The transform's file has no function {name!r}."
        if found is None
        else f"{name!r} in the transform's file is no function but of type {type(found).__name__}.",
        where=str(module.__file__),
        hint=f"Did you mean {near[0]!r}?" if near else "Correct the table's `transform` in migrator.toml.",
    )


_LONGEST = 300
"""Characters of an exception's message that are shown: libraries put whole tables into theirs."""


def _told(error: BaseException) -> str:
    """An exception's type and message, on one line."""
    message = " ".join(str(error).split()).rstrip(".")
    message = message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _line(error: BaseException, path: Path) -> str | None:
    """The innermost line of the file that the error came through, None if it came through none."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    if frames:
        return f"{path}:{frames[-1].lineno}"
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}:{error.lineno}"
    return None


class Surroundings:
    """What a user's file finds while its code runs: the modules beside it. They are its own, so that files of
    two folders may each have a `helpers.py`."""

    def __init__(self, folder: Path, own: dict[str, ModuleType]) -> None:
        self._folder = folder
        self._own = own

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """While the user's code runs. Its output goes to stderr, for stdout belongs to the report; a warning
        is shown once and is no error; importing leaves no `__pycache__`."""
        with redirect_stdout(sys.stderr), warnings.catch_warnings(), self._importable(), _without_bytecode():
            warnings.simplefilter("once")
            yield

    @contextmanager
    def _importable(self) -> Iterator[None]:
        displaced = self._displaced()
        for name in displaced:
            del sys.modules[name]
        before = set(sys.modules)
        sys.modules.update(self._own)
        sys.path.insert(0, str(self._folder))
        try:
            yield
        finally:
            if str(self._folder) in sys.path:
                sys.path.remove(str(self._folder))
            self._own.update(self._found_here(before))
            for name in self._own:
                sys.modules.pop(name, None)
            sys.modules.update(displaced)

    def _displaced(self) -> dict[str, ModuleType]:
        """Modules of others that have the name of a file beside the user's. The standard library's stay: those
        that are already imported are not replaced in a script either."""
        beside = {path.stem for path in self._folder.glob("*.py")} - sys.stdlib_module_names - {"__main__"}
        names = (beside | self._own.keys()) & sys.modules.keys()
        return {name: sys.modules[name] for name in names}

    def _found_here(self, before: set[str]) -> dict[str, ModuleType]:
        """Modules imported since then that lie in the folder itself, with what is below them; not those of a
        virtual environment that happens to be below it."""
        new = {name: module for name, module in sys.modules.items() if name not in before}
        here = {name for name, module in new.items() if "." not in name and _folder_of(module) == self._folder}
        return {name: module for name, module in new.items() if name.partition(".")[0] in here}


def _folder_of(module: ModuleType) -> Path | None:
    """The folder in which a module's file, or a package's folder, lies."""
    spec = getattr(module, "__spec__", None)
    if spec is None:
        return None
    packages = list(spec.submodule_search_locations or ())
    place = packages[0] if packages else spec.origin
    return Path(place).parent if place else None


@contextmanager
def _without_bytecode() -> Iterator[None]:
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
