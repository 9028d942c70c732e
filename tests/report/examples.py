"""A small plan, a small result and large ones, for the tests of every rendering."""

from __future__ import annotations

from dataclasses import replace

from migrator.model.findings import Resolution, finding
from migrator.model.plan import (
    PLAN_VERSION,
    CheckPlan,
    ColumnPlan,
    Estimate,
    Exclusion,
    ForeignKeyPlan,
    IndexPartPlan,
    IndexPlan,
    KeyPlan,
    Phase,
    Plan,
    SourcePlan,
    Step,
    TablePlan,
    ViewPlan,
)
from migrator.model.profile import Sample
from migrator.model.result import FigureComparison, Mismatch, RunResult, RunStatus, Status, TableResult
from migrator.model.schema import Unmoved
from migrator.model.types import BOOL, INT64, TEXT, TIMESTAMPTZ, decimal, text

TARGET = "postgresql://app:***@db.example/app"

USERS = TablePlan(
    database="auth",
    source="users",
    schema="public",
    target="users",
    columns=(
        ColumnPlan(
            "id", "id", INT64, "integer", False, INT64, "Declared INTEGER PRIMARY KEY.", next_identity=1201
        ),
        ColumnPlan("이름", "이름", text(40), "text", False, text(40), "Every value fits 40 characters."),
        ColumnPlan("bio", "bio", TEXT, "text", expected=text(200), why="3 values are longer than 200 characters."),
        ColumnPlan("active", "active", BOOL, "integer", False, BOOL, "Holds only 0 and 1.", default="true"),
        ColumnPlan("password_hash", "password_hash", TEXT, "text", secret=True, why="Declared TEXT."),
        ColumnPlan("created", "created", TIMESTAMPTZ, "iso", why="Every value is ISO 8601 with a zone."),
    ),
    key=("id",),
    primary_key=KeyPlan("users_pkey", ("id",)),
    uniques=(KeyPlan("users_이름_key", ("이름",)),),
    indexes=(
        IndexPlan("users_lower", (IndexPartPlan(expression="lower(bio)", descending=True),), where="active"),
    ),
    rows=1_200,
    octets=151_300,
)
ORDERS = TablePlan(
    database="routing",
    source="order items",
    schema="public",
    target="order items",
    columns=(
        ColumnPlan("id", "id", INT64, "integer", False, INT64, "Declared INTEGER."),
        ColumnPlan("user_id", "user_id", INT64, "integer", True, INT64, "Joined to users.id."),
        ColumnPlan("amount", "amount", decimal(18, 4), "decimal", True, decimal(10, 2), "2 values need 4 digits."),
    ),
    primary_key=KeyPlan("order_items_pkey", ("id",)),
    checks=(CheckPlan("amount_positive", "amount > 0", False),),
    foreign_keys=(ForeignKeyPlan("order_user", ("user_id",), "public", "users", ("id",), "CASCADE"),),
    exclusions=(Exclusion(("user_id",), "users", ("id",), Resolution.QUARANTINE),),
    rows=243_112,
    octets=12_400_000,
)

_FINDINGS = (
    finding(
        "text-nul",
        "3 values hold a NUL character.",
        database="auth",
        table="users",
        column="bio",
        count=3,
        samples=(Sample((17,), "a\\x00b"), Sample((204,), "c\\x00"), Sample((991,))),
    ),
    finding(
        "orphan-rows",
        "12 rows have no parent in users.",
        database="routing",
        table="order items",
        column="user_id",
        count=12,
        samples=(Sample((5,), "77"),),
    ),
    finding(
        "check-violated",
        "2 rows break amount > 0.",
        database="routing",
        table="order items",
        count=2,
        resolution=Resolution.UNENFORCED,
    ),
    finding(
        "type-widened",
        "Declared as text(200), but 3 values need text.",
        database="auth",
        table="users",
        column="bio",
        count=3,
    ),
    finding("not-rehearsed", "The generated SQL was not tried on the target server."),
)
_UNMOVED = (
    Unmoved(
        "trigger",
        "users_touch",
        "Triggers have no equal in the target",
        "CREATE TRIGGER users_touch AFTER UPDATE ON users\nBEGIN\n  UPDATE users SET created = 1;\nEND",
        "users",
    ),
)

PLAN = Plan(
    version=PLAN_VERSION,
    tool="migrator 0.1.0",
    created="2026-07-30T09:15:00+00:00",
    sources=(
        SourcePlan("auth", "sqlite:///auth.db", "f1", (("encoding", "UTF-8"), ("SQLite", "3.40.1"))),
        SourcePlan("routing", "sqlite:///routing.db", "f2"),
    ),
    target=TARGET,
    dialect="postgresql",
    schema="public",
    tables=(USERS, ORDERS),
    views=(ViewPlan("auth", "active_users", "public", "active_users", "SELECT 1"),),
    steps=(
        Step(
            1,
            Phase.TABLES,
            "public.users",
            ("CREATE TABLE public.users ()",),
            ("DROP TABLE public.users",),
            "Create users",
        ),
        Step(2, Phase.DATA, "public.users", (), ("TRUNCATE public.users",), "Copy users", "public.users"),
    ),
    findings=_FINDINGS,
    unmoved=_UNMOVED,
    estimate=Estimate(244_312, 12_551_300, 3.2),
)
DECIDED = replace(PLAN, findings=tuple(f for f in PLAN.findings if not f.open))

_FIGURES = (
    FigureComparison("id", "values", 1200, 1200, True),
    FigureComparison("id", "sum", 720_600, 720_600, True),
    FigureComparison("이름", "min", "가람", "가람", True),
    FigureComparison("password_hash", "min", "•••", "•••", True),
)
RESULT = RunResult(
    run_id="20260730-091500-7f3a",
    status=Status.SUCCEEDED,
    target=TARGET,
    tables=(
        TableResult(
            "users", "public.users", 1200, "3fa9c1d2e4b50718aa", True, "auth", 1200, seconds=0.4, figures=_FIGURES
        ),
        TableResult(
            "order items",
            "public.order items",
            243_100,
            "07d1ffb0c3e2a49155",
            True,
            "routing",
            243_112,
            quarantined=12,
            nulled=3,
            seconds=2.1,
            figures=(FigureComparison("amount", "sum", 98_765_432_100, 98_765_432_100, True),),
        ),
    ),
    findings=tuple(replace(f, resolution=f.resolution or f.resolutions[0]) if f.open else f for f in _FINDINGS),
    seconds={"snapshot": 0.2, "schema": 0.1, "data": 2.5, "keys": 0.2, "verify": 0.4, "total": 3.4},
    unmoved=_UNMOVED,
    sources=("sqlite:///auth.db", "sqlite:///routing.db"),
    started="2026-07-30T09:15:00+00:00",
    plans=(USERS, ORDERS),
    environment={"migrator": "0.1.0", "SQLite": "3.40.1", "PostgreSQL": "18.1"},
)
MISMATCHED = replace(
    RESULT,
    status=Status.ROLLED_BACK,
    tables=(
        replace(
            RESULT.tables[0],
            verified=False,
            figures=(
                *_FIGURES,
                FigureComparison("created", "max", 1_700_000_000_123_456, 1_700_000_000_000_000, False),
            ),
        ),
        RESULT.tables[1],
    ),
    mismatches=(
        Mismatch("public.users", "figures", "max differs.", "created"),
        Mismatch(
            "public.users",
            "digest",
            "The value differs.",
            "created",
            ("17",),
            "2023-11-14 22:13:20.123456+00",
            "2023-11-14 22:13:20+00",
        ),
        Mismatch("public.order items", "schema", "The index order_lower is missing."),
    ),
)
STATUSES = (
    RunStatus(
        "20260730-091500-7f3a",
        Status.SUCCEEDED,
        "2026-07-30T09:15:00+00:00",
        "2026-07-30T09:15:03+00:00",
        ("auth", "routing"),
        2,
        2,
        244_300,
        244_312,
        "migrator rollback 20260730-091500-7f3a",
    ),
    RunStatus(
        "20260729-230000-11aa",
        Status.INTERRUPTED,
        "2026-07-29T23:00:00+00:00",
        None,
        ("auth",),
        2,
        1,
        1_200,
        244_312,
        "migrator resume 20260729-230000-11aa",
    ),
)


def large(tables: int, columns: int) -> RunResult:
    """A result of that many tables of that many columns, all proven, with eight figures per column."""
    names = [f"column_{n}" for n in range(columns)]
    plan = tuple(
        ColumnPlan(name, name, INT64, "integer", expected=INT64, why="Every value is an integer.")
        for name in names
    )
    figures = tuple(
        FigureComparison(name, figure, 1_234_567, 1_234_567, True)
        for name in names
        for figure in ("values", "nulls", "distinct", "min", "max", "sum", "length", "octets")
    )
    return replace(
        RESULT,
        tables=tuple(
            TableResult(
                f"table_{n:03}",
                f"public.table_{n:03}",
                1000 * n,
                f"{n:032x}",
                True,
                "auth",
                1000 * n,
                seconds=0.01 * n,
                figures=figures,
            )
            for n in range(tables)
        ),
        findings=tuple(
            finding(
                "type-widened",
                "Declared as int64, but 3 values need text.",
                database="auth",
                table=f"table_{n:03}",
                column="column_1",
                count=3,
            )
            for n in range(tables // 2)
        ),
        plans=tuple(
            replace(USERS, source=f"table_{n:03}", target=f"table_{n:03}", columns=plan) for n in range(tables)
        ),
    )
