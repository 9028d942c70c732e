"""The shape of the package: which module may know which, and what no file may hold."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import alembic
import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "migrator"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = ("model", "planner", "stage", "cli")
"""From the innermost to the outermost: a module imports from its own layer and from those before it."""

PRINTERS = ("migrator.report", "migrator.cli")


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> str | None:
    """The layer of a project module; None for what belongs to none: errors, sources, targets, the API."""
    part = module.split(".")[1] if "." in module else ""
    if part in {"", "errors", "sources", "targets"}:
        return None
    if part == "__main__":
        return "cli"
    if part in {"model", "cli"}:
        return part
    return "planner" if part in {"planner", "order"} else "stage"


def imported(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and name of every project module that is imported, also within functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: None if is_package and node.level == 1 else is_package - node.level]
                base = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield node.lineno, whole if _is_module(whole) else base


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def project_imports(path: Path) -> list[tuple[int, str]]:
    module = name_of(path)
    found = imported(ast.parse(path.read_text("utf-8")), module, path.name == "__init__.py")
    return [(line, name) for line, name in found if name.split(".")[0] == "migrator"]


def may_import(module: str, other: str) -> bool:
    """Whether the design allows `module` to import `other`."""
    part = module.split(".")[1] if "." in module else ""
    if part in {"sources", "targets"}:
        return other.startswith(("migrator.model", "migrator.errors", f"migrator.{part}"))
    if part == "errors":
        return False
    mine, its = layer(module), layer(other)
    if part == "model":
        return its == "model" or other == "migrator.errors"
    if other == "migrator":
        return mine in {None, "cli"}  # the public API stands above the stages
    return mine is None or its is None or LAYERS.index(its) <= LAYERS.index(mine)


@pytest.mark.parametrize(
    ("module", "other", "allowed"),
    [
        ("migrator.cli", "migrator.loader", True),
        ("migrator.loader", "migrator.planner", True),
        ("migrator.planner.types", "migrator.model.plan", True),
        ("migrator.planner.types", "migrator.targets", True),
        ("migrator.targets.postgresql.sql", "migrator.targets", True),
        ("migrator.sources.sqlite", "migrator.errors", True),
        ("migrator", "migrator.migration", True),
        ("migrator.loader", "migrator.cli", False),
        ("migrator.loader", "migrator", False),
        ("migrator.planner.types", "migrator.loader", False),
        ("migrator.order", "migrator.cli", False),
        ("migrator.model.plan", "migrator.planner", False),
        ("migrator.model.plan", "migrator.targets", False),
        ("migrator.sources.sqlite", "migrator.targets", False),
        ("migrator.targets.postgresql", "migrator.sources", False),
        ("migrator.targets.postgresql", "migrator.planner.names", False),
        ("migrator.errors", "migrator.model", False),
    ],
)
def test_the_rule_of_imports_itself(module: str, other: str, allowed: bool) -> None:
    assert may_import(module, other) is allowed


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    module = name_of(path)
    against = [
        f"{path}:{line} imports {name}" for line, name in project_imports(path) if not may_import(module, name)
    ]
    assert against == []


def dialect_questions(tree: ast.AST) -> list[int]:
    """Lines of comparisons (`==`, `!=`, `in`, `match`) that ask which database something is."""
    lines = []
    for node in ast.walk(tree):
        asked = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        asked += [node.subject] if isinstance(node, ast.Match) else []
        if any(_names_a_dialect(operand) for operand in asked):
            lines.append(node.lineno)  # type: ignore[attr-defined]
    return lines


def _names_a_dialect(operand: ast.expr) -> bool:
    if isinstance(operand, (ast.Tuple, ast.Set, ast.List)):
        return any(map(_names_a_dialect, operand.elts))
    if isinstance(operand, ast.Constant):
        return operand.value in {"postgresql", "mssql", "sqlite", "access"}
    if isinstance(operand, ast.Attribute) and operand.attr == "name":
        operand = operand.value
    word = (
        operand.id if isinstance(operand, ast.Name) else operand.attr if isinstance(operand, ast.Attribute) else ""
    )
    return word in {"dialect", "dialect_name", "drivername"}


@pytest.mark.parametrize(
    ("code", "asks"),
    [
        ("if dialect == 'postgresql': pass", True),
        ("if 'mssql' != name: pass", True),
        ("if plan.dialect in known: pass", True),
        ("match dialect:\n case _: pass", True),
        ("if dialect.name == other: pass", True),
        ("if url.get_backend_name() == 'postgresql': pass", True),
        ("if name in ('sqlite', 'access'): pass", True),
        ("if kind == 'text': pass", False),
        ("if code in dialect.hazards: pass", False),
        ("if len(tables) > dialect.max_columns: pass", False),
    ],
)
def test_the_search_for_dialect_questions_itself(code: str, asks: bool) -> None:
    assert bool(dialect_questions(ast.parse(code))) is asks


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_sources_and_targets_ask_which_database_it_is(path: Path) -> None:
    # config/ reads the words of users: `--target postgresql` means names of the environment.
    if path.relative_to(PACKAGE).parts[0] in {"sources", "targets", "config"}:
        return
    assert [f"{path}:{line}" for line in dialect_questions(ast.parse(path.read_text("utf-8")))] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_report_and_cli_print(path: Path) -> None:
    if name_of(path).startswith(PRINTERS):
        return
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    printing = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert printing == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_the_folder_alembic_does_not_shadow_the_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()
    library = Path(str(alembic.__file__)).resolve()
    in_environment = any((folder / "pyvenv.cfg").exists() for folder in library.parents if ROOT in folder.parents)
    assert in_environment or not library.is_relative_to(ROOT)


def tracked_files() -> list[Path]:
    listed = subprocess.run(("git", "ls-files", "-z"), cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("not a git work tree")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_no_file_names_a_path_of_one_machine() -> None:
    # Put together here, so that this file does not hold them itself.
    paths = tuple(f"/{folder}/".encode() for folder in ("work", "root", "tmp/v", "Users"))
    naming = [
        f"{path}: {part.decode()}"
        for path in tracked_files()
        if path.is_file()
        for part in paths
        if part in path.read_bytes()
    ]
    assert naming == []
