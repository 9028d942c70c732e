"""Who may log in: the users of the auth store."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from migrator.models import types
from migrator.models.base import Base


class User(Base):
    """A user. `normalized_username` is `username` without surrounding blanks, in lower case."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(types.text(150))
    normalized_username: Mapped[str] = mapped_column(types.text(150), unique=True, index=True)
    display_name: Mapped[str | None] = mapped_column(types.text(255))
    full_name: Mapped[str | None] = mapped_column(types.text(255))
    email: Mapped[str | None] = mapped_column(types.text(255))
    password_hash: Mapped[str] = mapped_column(types.text(255), info=types.SECRET)
    status: Mapped[str] = mapped_column(types.text(32), server_default=types.literal("pending"))
    is_admin: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.false())
    must_change_password: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.false())
    invited_by: Mapped[str | None] = mapped_column(types.text(150))
    initial_password_sent_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    updated_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    approved_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    rejected_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    last_login_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
