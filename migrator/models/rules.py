"""The rule store: groups of rules, their steps, and the rules that a step refers to."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from migrator.models import types
from migrator.models.base import Base


class RuleGroup(Base):
    """A group of rules, from draft to release."""

    __tablename__ = "rsl_group"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(types.text(64), unique=True)
    name: Mapped[str] = mapped_column(types.text(255))
    description: Mapped[str | None] = mapped_column(types.LONG_TEXT)
    owner: Mapped[str] = mapped_column(types.text(255), index=True)
    tags: Mapped[types.Json] = mapped_column(types.JSON, server_default=types.literal("[]"))
    erp_required: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.false())
    status: Mapped[str] = mapped_column(types.text(32), server_default=types.literal("draft"))
    validation_errors: Mapped[types.Json] = mapped_column(types.JSON)
    last_validated_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    released_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    released_by: Mapped[str | None] = mapped_column(types.text(255))
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    updated_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)

    steps: Mapped[list[RuleStep]] = relationship(
        back_populates="group",
        order_by="RuleStep.sequence",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    __table_args__ = (types.json_check("tags"), types.json_check("validation_errors"))


class RuleStep(Base):
    """A step of a group, with which it goes."""

    __tablename__ = "rsl_step"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("rsl_group.id", ondelete="CASCADE"), index=True)
    sequence: Mapped[int] = mapped_column(types.INT)
    name: Mapped[str] = mapped_column(types.text(255))
    description: Mapped[str | None] = mapped_column(types.LONG_TEXT)
    status: Mapped[str] = mapped_column(types.text(32), server_default=types.literal("draft"))
    tags: Mapped[types.Json] = mapped_column(types.JSON, server_default=types.literal("[]"))
    config: Mapped[types.Json] = mapped_column(types.JSON)
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    updated_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)

    group: Mapped[RuleGroup] = relationship(back_populates="steps")
    rules: Mapped[list[RuleRef]] = relationship(
        back_populates="step", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        sa.UniqueConstraint("group_id", "sequence"),
        types.json_check("tags"),
        types.json_check("config"),
    )


class RuleRef(Base):
    """A rule that a step refers to, in one version or in none particular."""

    __tablename__ = "rsl_rule_ref"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("rsl_step.id", ondelete="CASCADE"), index=True)
    rule_name: Mapped[str] = mapped_column(types.text(255))
    rule_version: Mapped[str | None] = mapped_column(types.text(64))
    metadata_: Mapped[types.Json] = mapped_column("metadata", types.JSON)
    is_optional: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.false())
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)

    step: Mapped[RuleStep] = relationship(back_populates="rules")

    __table_args__ = (
        # Several rows without a version may have one name. SQL Server takes two NULLs for equal unless a filter
        # leaves them out: https://learn.microsoft.com/sql/relational-databases/indexes/create-filtered-indexes.
        sa.Index(
            None,
            "step_id",
            "rule_name",
            "rule_version",
            unique=True,
            mssql_where=sa.text("rule_version IS NOT NULL"),
        ),
        types.json_check("metadata"),
    )
