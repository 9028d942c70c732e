"""The rows of `rsl_store.db`: users, rule groups with their steps and rules, items, audit events."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta

from migrator.demo import values
from migrator.demo.values import Row, escaped, later, maybe_text, moment, stored, stored_or_none

AFTERWARDS = (
    # Numbers that were given out and deleted again: the next user, item and event must not get them.
    "DELETE FROM users WHERE id > (SELECT max(id) - 3 FROM users)",
    "DELETE FROM items WHERE id > (SELECT max(id) - 5 FROM items)",
    # The audit events of an older script, which left the time to the database: no fraction of a second.
    "UPDATE audit_events SET created_at = substr(created_at, 1, 19) WHERE id % 251 = 0",
    "DELETE FROM audit_events WHERE id > (SELECT max(id) - 40 FROM audit_events)",
)
"""What happened to the files after the applications filled them."""

FULL_TEXT = (
    "CREATE VIRTUAL TABLE items_fts USING fts5(item_name, description, content='items', content_rowid='id')",
    "INSERT INTO items_fts (items_fts) VALUES ('rebuild')",
)


def _insert(table: str, columns: str) -> str:
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' for _ in columns.split(','))})"


_USER = _insert(
    "users",
    "username, normalized_username, display_name, full_name, email, password_hash, status, is_admin, "
    "must_change_password, invited_by, initial_password_sent_at, created_at, updated_at, approved_at, "
    "rejected_at, last_login_at",
)
_GROUP = _insert(
    "rsl_group",
    "id, slug, name, description, owner, tags, erp_required, status, validation_errors, last_validated_at, "
    "released_at, released_by, created_at, updated_at",
)
_STEP = _insert(
    "rsl_step", "id, group_id, sequence, name, description, status, tags, config, created_at, updated_at"
)
_RULE = _insert("rsl_rule_ref", "id, step_id, rule_name, rule_version, metadata, is_optional, created_at")
_ITEM = _insert(
    "items",
    "item_code, item_name, material_code, part_type, drawing_number, dimension_length, dimension_width, "
    "dimension_height, dimension_diameter, dimension_thickness, category, sub_category, description, remarks, "
    "created_at, updated_at, deleted_at, is_active, quality_checked",
)
_EVENT = _insert(
    "audit_events",
    "event_type, username, ip_address, action, resource_type, resource_id, payload, created_at",
)


def tables(rng: random.Random, scale: float) -> Iterator[tuple[str, Iterable[Row]]]:
    """An INSERT statement and its rows for each table, in an order that foreign keys allow."""
    users = list(_users(rng, values.count(400, scale)))
    names = [str(user[0]) for user in users]
    groups = values.count(600, scale)
    steps = [rng.randint(3, 13) for _ in range(groups)]
    yield _USER, users
    yield _GROUP, _groups(rng, groups, names)
    yield _STEP, _steps(rng, steps)
    yield _RULE, _rules(rng, sum(steps))
    yield _ITEM, _items(rng, values.count(60_000, scale))
    yield _EVENT, _events(rng, values.count(130_000, scale), names)


def _users(rng: random.Random, rows: int) -> Iterator[Row]:
    for number in range(rows):
        full_name = values.person(rng)
        # Numbered, so that no two are equal after strip() and lower().
        username = f"{rng.choice(('Kim', 'lee', 'park.', 'J.', 'qa_', '사용자', 'Émile'))}{number:03}"
        status = "active" if number == 0 else rng.choice(("active", "active", "active", "pending", "rejected"))
        created = moment(rng)
        yield (
            username,
            username.strip().lower(),
            rng.choice((full_name, full_name, "", None)),
            full_name,
            f"{number:03}.user@example.com" if rng.random() < 0.9 else None,
            values.password_hash(rng),
            status,
            int(number == 0 or rng.random() < 0.03),
            int(status == "pending"),
            "Kim000" if rng.random() < 0.5 else None,
            stored_or_none(rng, 0.7, created),
            stored(created),
            stored(later(rng, created)),
            stored(later(rng, created)) if status == "active" else None,
            stored(later(rng, created)) if status == "rejected" else None,
            stored_or_none(rng, 0.8, created) if status == "active" else None,
        )


def _groups(rng: random.Random, rows: int, names: list[str]) -> Iterator[Row]:
    for number in range(1, rows + 1):
        created = moment(rng)
        status = rng.choice(("draft", "review", "released", "released", "archived"))
        released = stored(later(rng, created)) if status == "released" else None
        part = rng.choice(values.PARTS)
        errors = (
            [{"step": rng.randint(1, 5), "code": "E102", "message": "필수 값이 없습니다"}]
            if number % 9 == 0
            else []
        )
        yield (
            number,
            f"rule-group-{number:04}",
            f"{part} {rng.choice(values.PROCESSES)} 규칙 {number}",
            # One in forty is long: pages pasted from the team's handbook.
            values.text(rng, 400) if number % 40 == 0 else maybe_text(rng, 6),
            rng.choice(names),
            escaped(values.some(rng, values.TAGS, 4)),
            int(rng.random() < 0.3),
            status,
            escaped(errors),
            stored_or_none(rng, 0.6, created),
            released,
            rng.choice(names) if released else None,
            stored(created),
            stored(later(rng, created)),
        )


def _steps(rng: random.Random, per_group: list[int]) -> Iterator[Row]:
    number = 0
    for group, steps in enumerate(per_group, 1):
        for sequence in range(1, steps + 1):
            number += 1
            created = moment(rng)
            process = rng.choice(values.PROCESSES)
            config = {
                "process": process,
                "limits": {"min": round(rng.uniform(0, 5), 3), "max": rng.randint(10, 500), "단위": "mm"},
                "retry": rng.random() < 0.2,
                "next": None if sequence == steps else sequence + 1,
            }
            yield (
                number,
                group,
                sequence * 10,
                f"{sequence}. {process}",
                maybe_text(rng),
                rng.choice(("draft", "released")),
                escaped(values.some(rng, values.TAGS, 2)),
                escaped(config),
                stored(created),
                stored(later(rng, created)),
            )


def _rules(rng: random.Random, steps: int) -> Iterator[Row]:
    number = 0
    for step in range(1, steps + 1):
        for which in range(rng.randint(1, 5)):
            number += 1
            # None twice under the same name is allowed: NULLs are distinct under UNIQUE.
            version = rng.choice((None, "1.0", "1.1", "2.0-rc.1"))
            name = "공통.치수검사" if version is None else f"rule.{rng.choice(('od', 'id', 'len', 'ra'))}.{which}"
            metadata = {"author": values.person(rng), "weight": round(rng.random(), 6), "scope": [step % 7, which]}
            yield (
                number,
                step,
                name,
                version,
                escaped(metadata if rng.random() < 0.9 else {}),
                int(rng.random() < 0.25),
                stored(moment(rng)),
            )


def _length(rng: random.Random, largest: float) -> float | None:
    return None if rng.random() < 0.15 else round(rng.uniform(0.1, largest), rng.choice((0, 1, 2, 3, 15)))


def _items(rng: random.Random, rows: int) -> Iterator[Row]:
    for number in range(1, rows + 1):
        created = moment(rng)
        part = rng.choice(values.PARTS)
        material = rng.choice(values.MATERIALS)
        deleted = stored_or_none(rng, 0.04, created)
        yield (
            f"{material[:2].upper()}-{number:07}",
            f"{part} {material} {rng.randint(5, 400)}Φ",
            material,
            rng.choice(("회전", "고정", "seal", "purchased", None)),
            f"DWG-{rng.randint(1, 9999):04}-{rng.choice('ABCDE')}"
            if rng.random() < 0.8
            else rng.choice(("", None)),
            _length(rng, 2000),
            _length(rng, 500),
            _length(rng, 500),
            _length(rng, 400),
            _length(rng, 30),
            rng.choice(("기계부품", "씰", "전장", "소모품")),
            rng.choice((None, part)),
            maybe_text(rng, 3),
            maybe_text(rng) if number % 5 == 0 else None,
            stored(created),
            stored(later(rng, created)),
            deleted,
            int(deleted is None),
            int(rng.random() < 0.7),
        )


_ACTIONS = (
    ("auth", "login", None),
    ("auth", "logout", None),
    ("auth", "login.failed", None),
    ("rules", "group.release", "rsl_group"),
    ("rules", "step.update", "rsl_step"),
    ("routing", "recommend", "item"),
    ("routing", "export", "routing_group"),
    ("admin", "user.approve", "user"),
)


def _events(rng: random.Random, rows: int, names: list[str]) -> Iterator[Row]:
    when = moment(rng)
    for _ in range(rows):
        when += timedelta(microseconds=int(rng.random() * 600_000_000))
        event_type, action, resource = rng.choice(_ACTIONS)
        address = rng.getrandbits(32)
        yield (
            event_type,
            rng.choice(names) if rng.random() < 0.95 else None,
            f"2001:db8::{address:x}"
            if address % 10 == 0
            else f"10.{address >> 24}.{address >> 8 & 255}.{address & 255}",
            action,
            resource,
            str(rng.randint(1, 9999)) if resource else None,
            _payload(rng, action),
            stored(when),
        )


def _payload(rng: random.Random, action: str) -> str | None:
    draw = rng.random()
    if draw < 0.25:
        return None
    if draw < 0.27:
        return "null"  # SQLAlchemy stores None in a JSON column as the document `null`
    if draw < 0.60:
        return escaped({"action": action, "ms": rng.randint(1, 4000)})
    return escaped(
        {
            "message": f"{rng.choice(values.EMOJI)} {rng.choice(values.SENTENCES)}",
            "by": {"name": values.person(rng), "부서": rng.choice(("품질", "생산기술", "IT"))},
            "scores": [round(rng.random(), 4) for _ in range(rng.randint(0, 4))],
            "ok": rng.random() < 0.97,
        }
    )
