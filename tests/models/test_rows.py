"""Rows through the models: what is written comes back, and the server keeps the rules."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_mapper

from migrator import models
from migrator.models import Base
from tests.models.expected import TABLES
from tests.models.test_revisions import upgrade

EARLY = dt.datetime(1899, 12, 31, 23, 59, 59, 999999)
LATE = dt.datetime(2024, 2, 29, 12, 34, 56, 1)
DOCUMENT = {"이름": "홍길동", "값": [1, 2.5, None, True], "emoji": "🛠", "leer": {}}
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b8dWJWJTmaaJObG"
ID = UUID("0b5d3f3e-7f67-4b0e-9d0f-0123456789ab")
STAMPS = {"created_at": EARLY, "updated_at": LATE}


def rows() -> list[Base]:
    """One of each model, parents first."""
    return [
        models.User(
            username=" Kim ",
            normalized_username="kim",
            display_name="김철수",
            password_hash=HASH,
            email="",
            **STAMPS,
        ),
        models.RuleGroup(
            id=7,
            slug="치수",
            name="치수 검사 📏",
            owner="kim",
            tags=["가"],
            validation_errors=[DOCUMENT],
            **STAMPS,
        ),
        models.RuleStep(id=8, group_id=7, sequence=10, name="절삭", config=DOCUMENT, **STAMPS),
        models.RuleRef(step_id=8, rule_name="공통.치수검사", metadata_=DOCUMENT, created_at=LATE),
        models.RoutingGroup(
            id=ID,
            group_name="라우팅-1",
            owner="kim",
            item_codes=["SU-1"],
            steps=[DOCUMENT],
            connections=[],
            metadata_=None,
            **STAMPS,
        ),
        models.ProcessGroup(
            id=ID,
            name="후처리 그룹",
            type="post-process",
            owner="kim",
            default_columns=[],
            fixed_values=DOCUMENT,
            **STAMPS,
        ),
        models.Item(
            item_code="SU-0000001", item_name="샤프트 Φ", dimension_length=0.1, dimension_width=5e-324, **STAMPS
        ),
        models.ItemMaster(
            item_cd="품목-1",
            partnm="씰",
            standard_yn="Y",
            outdiameter=Decimal("99999999999999.9999"),
            insrt_dt=EARLY,
        ),
        models.RoutingMaster(
            item_cd="품목-1",
            rout_no="1",
            proc_seq=10,
            run_time=Decimal("-0.0001"),
            valid_to_dt=dt.date(9999, 12, 31),
            remark="비고\r\n",
        ),
        models.AuditEvent(event_type="auth", action="login", username="김", payload=DOCUMENT, created_at=LATE),
        models.RegisteredModel(
            model_name="추천",
            model_version="1.0",
            model_path="/m/1",
            accuracy=Decimal("0.12345678"),
            hyperparameters=DOCUMENT,
        ),
        models.Prediction(
            source_item_cd="품목-9",
            candidate_id=1,
            reference_item_cd="품목-1",
            similarity_score=Decimal("0.99999999"),
            matched_features=DOCUMENT,
        ),
        models.ConceptDrift(
            kl_divergence=Decimal("0.00000001"), drift_detected=True, current_distribution=[0.5, 0.5]
        ),
        models.ViewConfig(
            view_name="보기",
            display_name="보기 1",
            columns_config=[DOCUMENT],
            created_by="kim",
            updated_by="김",
            **STAMPS,
        ),
        models.ViewChecklist(view_name="보기", row_id="가" * 500, username="kim", checked_at=LATE),
    ]


def values(row: Base) -> dict[str, Any]:
    """What was set, by attribute."""
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


@contextlib.contextmanager
def session(database: str) -> Iterator[Session]:
    with Session(sa.create_engine(database, poolclass=sa.NullPool)) as made:
        yield made


@pytest.fixture
def upgraded(database: str) -> str:
    upgrade(database)
    return database


def test_there_is_a_row_of_every_model() -> None:
    assert sorted(object_mapper(row).local_table.name for row in rows()) == sorted(TABLES)


def test_rows_come_back_as_they_were_written(upgraded: str) -> None:
    with session(upgraded) as first:
        for row in rows():
            first.add(row)
            first.flush()
        first.commit()
    with session(upgraded) as second:
        for row in rows():
            stored = second.scalars(sa.select(type(row))).one()
            assert {name: getattr(stored, name) for name in values(row)} == values(row)


def test_none_in_a_document_is_null(upgraded: str) -> None:
    with session(upgraded) as made:
        made.add(next(row for row in rows() if isinstance(row, models.RoutingGroup)))
        made.flush()
        assert made.scalar(sa.text("SELECT count(*) FROM routing_groups WHERE metadata IS NULL")) == 1


def defaults(upgraded: str, statement: str) -> tuple[Any, ...]:
    with session(upgraded) as made:
        return tuple(made.execute(sa.text(statement)).one())


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "INSERT INTO users (username, normalized_username, password_hash, created_at, updated_at) "
            "VALUES ('a', 'a', 'x', now(), now()) RETURNING id, status, is_admin, must_change_password",
            (1, "pending", False, False),
        ),
        (
            "INSERT INTO rsl_group (slug, name, owner, validation_errors, created_at, updated_at) "
            "VALUES ('a', 'a', 'a', '[]', now(), now()) RETURNING tags, erp_required, status",
            ([], False, "draft"),
        ),
        (
            "INSERT INTO view_configs (view_name, display_name, columns_config, created_at, created_by, "
            "updated_at, updated_by) VALUES ('a', 'a', '[]', now(), 'a', now(), 'a') "
            "RETURNING enable_checklist, checklist_column_name",
            (False, "체크"),
        ),
        (
            "INSERT INTO concept_drift_log (kl_divergence, drift_detected) VALUES (1, true) "
            "RETURNING threshold_value",
            (Decimal("0.5"),),
        ),
        (
            "INSERT INTO items (item_code, created_at, updated_at) VALUES ('a', now(), now()) "
            "RETURNING is_active, quality_checked",
            (True, False),
        ),
    ],
    ids=lambda value: value.split()[2] if isinstance(value, str) else "",
)
def test_the_server_applies_the_defaults(upgraded: str, statement: str, expected: tuple[Any, ...]) -> None:
    assert defaults(upgraded, statement) == expected


def test_the_time_of_an_event_is_in_utc_wherever_the_session_is(upgraded: str) -> None:
    insert = "INSERT INTO audit_events (event_type, action) VALUES ('a', 'a') RETURNING created_at"
    with session(upgraded) as made:
        made.execute(sa.text("SET TIME ZONE 'Asia/Seoul'"))
        created = made.scalar(sa.text(insert))
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    assert abs(now - created) < dt.timedelta(hours=1)


def test_a_number_that_a_row_brings_is_kept(upgraded: str) -> None:
    with session(upgraded) as made:
        user = rows()[0]
        user.id = 41  # type: ignore[attr-defined]
        made.add(user)
        made.commit()
        assert made.scalars(sa.select(models.User.id)).one() == 41


def _rules(made: Session, *versions: str | None) -> None:
    made.add_all(row for row in rows() if isinstance(row, (models.RuleGroup, models.RuleStep)))
    made.add_all(
        models.RuleRef(step_id=8, rule_name="공통", rule_version=version, metadata_={}, created_at=LATE)
        for version in versions
    )
    made.commit()


def test_a_rule_without_a_version_may_occur_twice(upgraded: str) -> None:
    with session(upgraded) as made:
        _rules(made, None, None, "1.0")
        assert made.scalar(sa.select(sa.func.count(models.RuleRef.id))) == 3


def test_a_rule_in_one_version_may_not_occur_twice(upgraded: str) -> None:
    with session(upgraded) as made, pytest.raises(IntegrityError, match="ix_rsl_rule_ref_step_id_rule_name"):
        _rules(made, "1.0", "1.0")


def test_steps_and_rules_go_with_their_group(upgraded: str) -> None:
    with session(upgraded) as made:
        _rules(made, None, "1.0")
        group = made.scalars(sa.select(models.RuleGroup)).one()
        assert [len(step.rules) for step in group.steps] == [2]
        made.delete(group)
        made.commit()
        assert made.scalar(sa.select(sa.func.count(models.RuleStep.id))) == 0
        assert made.scalar(sa.select(sa.func.count(models.RuleRef.id))) == 0


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"type": "milling"}, "ck_process_groups_type"),
        ({"fixed_values": None}, "fixed_values"),
    ],
)
def test_the_server_refuses_what_the_data_may_not_hold(
    upgraded: str, change: dict[str, Any], constraint: str
) -> None:
    group = next(row for row in rows() if isinstance(row, models.ProcessGroup))
    for name, value in change.items():
        setattr(group, name, value)
    with session(upgraded) as made:
        made.add(group)
        with pytest.raises(IntegrityError, match=constraint):
            made.flush()


def test_an_item_of_the_master_knows_its_routings_in_order(upgraded: str) -> None:
    with session(upgraded) as made:
        made.add(models.ItemMaster(item_cd="a"))
        made.flush()
        made.add_all(models.RoutingMaster(item_cd="a", proc_seq=number) for number in (20, 10))
        made.commit()
        item = made.scalars(sa.select(models.ItemMaster)).one()
        assert [routing.proc_seq for routing in item.routings] == [10, 20]
        assert item.routings[0].item is item
