"""Invented values of the kinds the demo tables hold: names, texts, moments, hashes, documents.

Every function draws from the random generator it is given and from nothing else.
"""

from __future__ import annotations

import base64
import json
import random
import string
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

Row = tuple[int | float | str | None, ...]

_START = datetime(2021, 3, 2, 8, 0, 0)
"""When the applications went live, in local time without a zone, as they write every moment."""
_SPAN_SECONDS = 3 * 365 * 86_400

SURNAMES = ("김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황")
GIVEN = (
    "민준",
    "서연",
    "도윤",
    "지우",
    "예준",
    "하은",
    "시우",
    "수아",
    "주원",
    "지민",
    "현우",
    "은영",
    "태현",
    "보라",
)
LATIN_GIVEN = (
    "Anna",
    "José",
    "Łukasz",
    "Zoë",
    "Søren",
    "Émile",
    "Jürgen",
    "Mei",
    "Oleksandr",
    "Priya",
    "Tom",
    "Ayşe",
)
LATIN_SURNAMES = (
    "Müller",
    "O'Brien",
    "Nguyễn",
    "García",
    "Kowalski",
    "Smith",
    "Çelik",
    "Åkesson",
    "van Dijk",
    "Rossi",
)
TAGS = ("긴급", "표준", "시험", "주축", "seal", "rework", "erp", "양산", "legacy", "Ø-check")
PROCESSES = (
    "선삭",
    "밀링",
    "연삭",
    "열처리",
    "도금",
    "세척",
    "검사",
    "포장",
    "래핑",
    "조립",
    "turning",
    "deburring",
)
PARTS = (
    "축",
    "하우징",
    "플랜지",
    "씰링",
    "부싱",
    "커버",
    "슬리브",
    "스프링 시트",
    "O-ring",
    "gland",
    "mating ring",
)
MATERIALS = ("SUS316", "SUS304", "SCM440", "S45C", "AL6061", "TC4", "PTFE", "NBR", "SiC", "카본")
SENTENCES = (
    "외경 공차는 도면을 우선한다.",
    "가공 후 반드시 세척하고 24시간 안에 검사할 것.",
    "Check the sealing face under 10× magnification; reject on any scratch.",
    "열처리 후 경도 HRC 58~62.",
    "거래처 요청에 따라 표면 거칠기 Ra 0.4 이하로 관리.",
    'The "old" fixture (№ 7) must not be used.',
    "재고 소진 시까지 대체 소재 사용 가능 — 품질팀 승인 필요.",
    "Maß Ø25 h6, Länge 120 ± 0,05 mm.",
)
EMOJI = ("✅", "⚠️", "🔥", "👩‍🔧", "🇰🇷", "📦", "🛠️")

_BCRYPT = "./" + string.ascii_uppercase + string.ascii_lowercase + string.digits


def count(base: int, scale: float) -> int:
    """Rows for a table that has `base` at scale 1, at least 60."""
    return max(60, round(base * scale))


def moment(rng: random.Random) -> datetime:
    """A moment of the three years the applications have been running, to the microsecond."""
    return _START + timedelta(microseconds=int(rng.random() * _SPAN_SECONDS * 1_000_000))


def later(rng: random.Random, than: datetime, days: float = 90) -> datetime:
    """A moment up to `days` days later."""
    return than + timedelta(microseconds=int(rng.random() * days * 86_400_000_000))


def stored(value: datetime) -> str:
    """As SQLAlchemy's DateTime stores it on SQLite: always with six digits of a second."""
    return value.isoformat(sep=" ", timespec="microseconds")


def stored_or_none(rng: random.Random, chance: float, than: datetime) -> str | None:
    """A later moment with the given chance, else None."""
    return stored(later(rng, than)) if rng.random() < chance else None


def person(rng: random.Random) -> str:
    """A full name, Korean two times out of three."""
    if rng.random() < 0.66:
        return rng.choice(SURNAMES) + rng.choice(GIVEN)
    return f"{rng.choice(LATIN_GIVEN)} {rng.choice(LATIN_SURNAMES)}"


def text(rng: random.Random, sentences: int) -> str:
    """Up to that many sentences, some of them on lines of their own, as Windows and Unix end lines."""
    separator = rng.choice((" ", " ", "\n", "\r\n"))
    return separator.join(rng.choice(SENTENCES) for _ in range(rng.randint(1, sentences)))


def maybe_text(rng: random.Random, sentences: int = 2) -> str | None:
    """A text, NULL, the empty string, or a text with a trailing blank: what forms really send."""
    draw = rng.random()
    if draw < 0.30:
        return None
    if draw < 0.40:
        return ""
    return text(rng, sentences) + (" " if draw > 0.98 else "")


def some(rng: random.Random, choices: Sequence[str], most: int) -> list[str]:
    """Up to `most` different ones of the choices, possibly none."""
    return rng.sample(choices, rng.randint(0, most))


def escaped(document: Any) -> str:
    """JSON as SQLAlchemy's default serializer writes it: everything outside ASCII as `\\uXXXX`."""
    return json.dumps(document)


def plain(document: Any) -> str:
    """JSON as an application writes it that keeps Korean readable."""
    return json.dumps(document, ensure_ascii=False)


def guid(rng: random.Random) -> str:
    """A version 4 UUID in its 36-character form."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def password_hash(rng: random.Random) -> str:
    """The shape of an Argon2id, bcrypt or PBKDF2 hash of no password at all."""
    draw = rng.random()
    if draw < 0.5:
        return f"$argon2id$v=19$m=65536,t=3,p=4${_base64(rng, 16)}${_base64(rng, 32)}"
    if draw < 0.8:
        # 22 characters hold the 128-bit salt and 31 the 184-bit hash, so the last of each has spare bits.
        salt = "".join(rng.choices(_BCRYPT, k=21)) + rng.choice(".Oeu")
        return f"$2b$12${salt}{''.join(rng.choices(_BCRYPT, k=30))}{rng.choice('.CGKOSWaeimquy26')}"
    return f"pbkdf2:sha256:600000${''.join(rng.choices(string.ascii_letters, k=16))}${rng.randbytes(32).hex()}"


def _base64(rng: random.Random, octets: int) -> str:
    return base64.b64encode(rng.randbytes(octets)).decode("ascii").rstrip("=")
