"""Who may log in: users.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrator.models import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("username", types.text(150), nullable=False),
        sa.Column("normalized_username", types.text(150), nullable=False),
        sa.Column("display_name", types.text(255)),
        sa.Column("full_name", types.text(255)),
        sa.Column("email", types.text(255)),
        sa.Column("password_hash", types.text(255), nullable=False),
        sa.Column("status", types.text(32), nullable=False, server_default=types.literal("pending")),
        sa.Column("is_admin", types.BOOL, nullable=False, server_default=sa.false()),
        sa.Column("must_change_password", types.BOOL, nullable=False, server_default=sa.false()),
        sa.Column("invited_by", types.text(150)),
        sa.Column("initial_password_sent_at", types.TIMESTAMP),
        sa.Column("created_at", types.TIMESTAMP, nullable=False),
        sa.Column("updated_at", types.TIMESTAMP, nullable=False),
        sa.Column("approved_at", types.TIMESTAMP),
        sa.Column("rejected_at", types.TIMESTAMP),
        sa.Column("last_login_at", types.TIMESTAMP),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index(op.f("ix_users_normalized_username"), "users", ["normalized_username"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_users_normalized_username"), table_name="users")
    op.drop_table("users")
