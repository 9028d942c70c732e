"""Groups of routings and of processes.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrator.models import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routing_groups",
        sa.Column("id", types.UUID, nullable=False),
        sa.Column("group_name", types.text(64), nullable=False),
        sa.Column("owner", types.text(255), nullable=False),
        sa.Column("item_codes", types.JSON, nullable=False),
        sa.Column("steps", types.JSON, nullable=False),
        sa.Column("connections", types.JSON, nullable=False),
        sa.Column("erp_required", types.BOOL, nullable=False, server_default=sa.false()),
        sa.Column("metadata", types.JSON),
        sa.Column("version", types.INT, nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", types.TIMESTAMP, nullable=False),
        sa.Column("updated_at", types.TIMESTAMP, nullable=False),
        sa.Column("deleted_at", types.TIMESTAMP),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_groups")),
        sa.UniqueConstraint("owner", "group_name", name=op.f("uq_routing_groups_owner_group_name")),
        types.json_check("connections", name=op.f("ck_routing_groups_connections_json")),
        types.json_check("item_codes", name=op.f("ck_routing_groups_item_codes_json")),
        types.json_check("metadata", name=op.f("ck_routing_groups_metadata_json")),
        types.json_check("steps", name=op.f("ck_routing_groups_steps_json")),
    )
    op.create_index(op.f("ix_routing_groups_owner"), "routing_groups", ["owner"])
    op.create_index(op.f("ix_routing_groups_updated_at"), "routing_groups", ["updated_at"])

    op.create_table(
        "process_groups",
        sa.Column("id", types.UUID, nullable=False),
        sa.Column("name", types.text(128), nullable=False),
        sa.Column("description", types.text(512)),
        sa.Column("type", types.text(32), nullable=False),
        sa.Column("owner", types.text(255), nullable=False),
        sa.Column("default_columns", types.JSON, nullable=False),
        sa.Column("fixed_values", types.JSON, nullable=False),
        sa.Column("is_active", types.BOOL, nullable=False, server_default=sa.true()),
        sa.Column("version", types.INT, nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", types.TIMESTAMP, nullable=False),
        sa.Column("updated_at", types.TIMESTAMP, nullable=False),
        sa.Column("deleted_at", types.TIMESTAMP),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_groups")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_process_groups_owner_name")),
        types.json_check("default_columns", name=op.f("ck_process_groups_default_columns_json")),
        types.json_check("fixed_values", name=op.f("ck_process_groups_fixed_values_json")),
        sa.CheckConstraint("type IN ('machining', 'post-process')", name=op.f("ck_process_groups_type")),
    )
    op.create_index(op.f("ix_process_groups_owner"), "process_groups", ["owner"])
    op.create_index(op.f("ix_process_groups_type"), "process_groups", ["type"])


def downgrade() -> None:
    op.drop_index(op.f("ix_process_groups_type"), table_name="process_groups")
    op.drop_index(op.f("ix_process_groups_owner"), table_name="process_groups")
    op.drop_table("process_groups")

    op.drop_index(op.f("ix_routing_groups_updated_at"), table_name="routing_groups")
    op.drop_index(op.f("ix_routing_groups_owner"), table_name="routing_groups")
    op.drop_table("routing_groups")
