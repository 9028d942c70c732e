"""What planners put together by hand: groups of routings, and of processes."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from migrator.models import types
from migrator.models.base import Base


class RoutingGroup(Base):
    """Items with the steps that make them and how these follow one another. `deleted_at` marks what is gone."""

    __tablename__ = "routing_groups"

    id: Mapped[UUID] = mapped_column(types.UUID, primary_key=True)
    group_name: Mapped[str] = mapped_column(types.text(64))
    owner: Mapped[str] = mapped_column(types.text(255), index=True)
    item_codes: Mapped[types.Json] = mapped_column(types.JSON)
    steps: Mapped[types.Json] = mapped_column(types.JSON)
    connections: Mapped[types.Json] = mapped_column(types.JSON)
    erp_required: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.false())
    metadata_: Mapped[types.Json | None] = mapped_column("metadata", types.JSON)
    version: Mapped[int] = mapped_column(types.INT, server_default=sa.text("1"))
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    updated_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP, index=True)
    deleted_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)

    __table_args__ = (
        sa.UniqueConstraint("owner", "group_name"),
        types.json_check("item_codes"),
        types.json_check("steps"),
        types.json_check("connections"),
        types.json_check("metadata"),
    )


class ProcessGroup(Base):
    """Columns and fixed values that the processes of one type share. `deleted_at` marks what is gone."""

    __tablename__ = "process_groups"

    id: Mapped[UUID] = mapped_column(types.UUID, primary_key=True)
    name: Mapped[str] = mapped_column(types.text(128))
    description: Mapped[str | None] = mapped_column(types.text(512))
    type: Mapped[str] = mapped_column(types.text(32), index=True)
    owner: Mapped[str] = mapped_column(types.text(255), index=True)
    default_columns: Mapped[types.Json] = mapped_column(types.JSON)
    fixed_values: Mapped[types.Json] = mapped_column(types.JSON)
    is_active: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.true())
    version: Mapped[int] = mapped_column(types.INT, server_default=sa.text("1"))
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    updated_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    deleted_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)

    __table_args__ = (
        sa.UniqueConstraint("owner", "name"),
        sa.CheckConstraint("type IN ('machining', 'post-process')", name="type"),
        types.json_check("default_columns"),
        types.json_check("fixed_values"),
    )
