"""The rule store: groups, their steps, and the rules these refer to.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrator.models import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rsl_group",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("slug", types.text(64), nullable=False),
        sa.Column("name", types.text(255), nullable=False),
        sa.Column("description", types.LONG_TEXT),
        sa.Column("owner", types.text(255), nullable=False),
        sa.Column("tags", types.JSON, nullable=False, server_default=types.literal("[]")),
        sa.Column("erp_required", types.BOOL, nullable=False, server_default=sa.false()),
        sa.Column("status", types.text(32), nullable=False, server_default=types.literal("draft")),
        sa.Column("validation_errors", types.JSON, nullable=False),
        sa.Column("last_validated_at", types.TIMESTAMP),
        sa.Column("released_at", types.TIMESTAMP),
        sa.Column("released_by", types.text(255)),
        sa.Column("created_at", types.TIMESTAMP, nullable=False),
        sa.Column("updated_at", types.TIMESTAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsl_group")),
        sa.UniqueConstraint("slug", name=op.f("uq_rsl_group_slug")),
        types.json_check("tags", name=op.f("ck_rsl_group_tags_json")),
        types.json_check("validation_errors", name=op.f("ck_rsl_group_validation_errors_json")),
    )
    op.create_index(op.f("ix_rsl_group_owner"), "rsl_group", ["owner"])

    op.create_table(
        "rsl_step",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("group_id", types.INT, nullable=False),
        sa.Column("sequence", types.INT, nullable=False),
        sa.Column("name", types.text(255), nullable=False),
        sa.Column("description", types.LONG_TEXT),
        sa.Column("status", types.text(32), nullable=False, server_default=types.literal("draft")),
        sa.Column("tags", types.JSON, nullable=False, server_default=types.literal("[]")),
        sa.Column("config", types.JSON, nullable=False),
        sa.Column("created_at", types.TIMESTAMP, nullable=False),
        sa.Column("updated_at", types.TIMESTAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsl_step")),
        sa.UniqueConstraint("group_id", "sequence", name=op.f("uq_rsl_step_group_id_sequence")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["rsl_group.id"], name=op.f("fk_rsl_step_group_id"), ondelete="CASCADE"
        ),
        types.json_check("config", name=op.f("ck_rsl_step_config_json")),
        types.json_check("tags", name=op.f("ck_rsl_step_tags_json")),
    )
    op.create_index(op.f("ix_rsl_step_group_id"), "rsl_step", ["group_id"])

    op.create_table(
        "rsl_rule_ref",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("step_id", types.INT, nullable=False),
        sa.Column("rule_name", types.text(255), nullable=False),
        sa.Column("rule_version", types.text(64)),
        sa.Column("metadata", types.JSON, nullable=False),
        sa.Column("is_optional", types.BOOL, nullable=False, server_default=sa.false()),
        sa.Column("created_at", types.TIMESTAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsl_rule_ref")),
        sa.ForeignKeyConstraint(
            ["step_id"], ["rsl_step.id"], name=op.f("fk_rsl_rule_ref_step_id"), ondelete="CASCADE"
        ),
        types.json_check("metadata", name=op.f("ck_rsl_rule_ref_metadata_json")),
    )
    op.create_index(op.f("ix_rsl_rule_ref_step_id"), "rsl_rule_ref", ["step_id"])
    op.create_index(
        op.f("ix_rsl_rule_ref_step_id_rule_name_rule_version"),
        "rsl_rule_ref",
        ["step_id", "rule_name", "rule_version"],
        unique=True,
        mssql_where=sa.text("rule_version IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_rsl_rule_ref_step_id_rule_name_rule_version"), table_name="rsl_rule_ref")
    op.drop_index(op.f("ix_rsl_rule_ref_step_id"), table_name="rsl_rule_ref")
    op.drop_table("rsl_rule_ref")

    op.drop_index(op.f("ix_rsl_step_group_id"), table_name="rsl_step")
    op.drop_table("rsl_step")

    op.drop_index(op.f("ix_rsl_group_owner"), table_name="rsl_group")
    op.drop_table("rsl_group")
