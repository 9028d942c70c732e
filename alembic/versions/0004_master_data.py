"""Items, and the item and routing masters from the ERP.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrator.models import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "items",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("item_code", types.text(50), nullable=False),
        sa.Column("item_name", types.text(200)),
        sa.Column("material_code", types.text(50)),
        sa.Column("part_type", types.text(50)),
        sa.Column("drawing_number", types.text(100)),
        sa.Column("dimension_length", types.FLOAT),
        sa.Column("dimension_width", types.FLOAT),
        sa.Column("dimension_height", types.FLOAT),
        sa.Column("dimension_diameter", types.FLOAT),
        sa.Column("dimension_thickness", types.FLOAT),
        sa.Column("category", types.text(100)),
        sa.Column("sub_category", types.text(100)),
        sa.Column("description", types.LONG_TEXT),
        sa.Column("remarks", types.LONG_TEXT),
        sa.Column("created_at", types.TIMESTAMP, nullable=False),
        sa.Column("updated_at", types.TIMESTAMP, nullable=False),
        sa.Column("deleted_at", types.TIMESTAMP),
        sa.Column("is_active", types.BOOL, nullable=False, server_default=sa.true()),
        sa.Column("quality_checked", types.BOOL, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("item_code", name=op.f("uq_items_item_code")),
    )
    op.create_index(op.f("ix_items_created_at"), "items", ["created_at"])
    op.create_index(op.f("ix_items_drawing_number"), "items", ["drawing_number"])
    op.create_index(op.f("ix_items_material_code"), "items", ["material_code"])
    op.create_index(op.f("ix_items_part_type"), "items", ["part_type"])
    op.create_index(op.f("ix_items_updated_at"), "items", ["updated_at"])

    op.create_table(
        "item_master",
        sa.Column("item_cd", types.text(100), nullable=False),
        sa.Column("part_type", types.text(50)),
        sa.Column("partnm", types.text(255)),
        sa.Column("item_suffix", types.text(50)),
        sa.Column("item_spec", types.LONG_TEXT),
        sa.Column("item_nm", types.text(255)),
        sa.Column("additional_spec", types.LONG_TEXT),
        sa.Column("item_material", types.text(100)),
        sa.Column("material_desc", types.text(100)),
        sa.Column("item_acct", types.text(100)),
        sa.Column("item_type", types.text(100)),
        sa.Column("item_unit", types.text(100)),
        sa.Column("item_grp1", types.text(100)),
        sa.Column("item_grp2", types.text(100)),
        sa.Column("item_grp3", types.text(100)),
        sa.Column("item_grp1nm", types.text(100)),
        sa.Column("item_grp2nm", types.text(100)),
        sa.Column("item_grp3nm", types.text(100)),
        sa.Column("standard_yn", types.text(1)),
        sa.Column("group1", types.text(100)),
        sa.Column("group2", types.text(100)),
        sa.Column("group3", types.text(100)),
        sa.Column("draw_no", types.text(100)),
        sa.Column("draw_rev", types.text(100)),
        sa.Column("draw_sheet_no", types.text(100)),
        sa.Column("draw_use", types.text(100)),
        sa.Column("item_nm_eng", types.text(100)),
        sa.Column("outdiameter", types.decimal(18, 4)),
        sa.Column("indiameter", types.decimal(18, 4)),
        sa.Column("outthickness", types.decimal(18, 4)),
        sa.Column("outdiameter_unit", types.text(20)),
        sa.Column("rotate_clockwise", types.INT),
        sa.Column("rotate_ctrclockwise", types.INT),
        sa.Column("sealtypegrup", types.text(100)),
        sa.Column("in_sealtype_cd", types.text(50)),
        sa.Column("in_sealsize", types.decimal(18, 4)),
        sa.Column("in_sealsize_uom", types.text(20)),
        sa.Column("mid_sealtype_cd", types.text(50)),
        sa.Column("mid_sealsize", types.decimal(18, 4)),
        sa.Column("mid_sealsize_uom", types.text(20)),
        sa.Column("out_sealtype_cd", types.text(50)),
        sa.Column("out_sealsize", types.decimal(18, 4)),
        sa.Column("out_sealsize_uom", types.text(20)),
        sa.Column("raw_matl_kind", types.text(50)),
        sa.Column("raw_matl_kindnm", types.text(255)),
        sa.Column("insrt_dt", types.TIMESTAMP),
        sa.Column("modi_dt", types.TIMESTAMP),
        sa.PrimaryKeyConstraint("item_cd", name=op.f("pk_item_master")),
    )

    op.create_table(
        "routing_master",
        sa.Column("routing_id", types.BIGINT, sa.Identity(), nullable=False),
        sa.Column("item_cd", types.text(100), nullable=False),
        sa.Column("rout_no", types.text(50)),
        sa.Column("proc_seq", types.INT, nullable=False),
        sa.Column("inside_flag", types.text(1)),
        sa.Column("job_cd", types.text(100)),
        sa.Column("job_nm", types.text(100)),
        sa.Column("res_cd", types.text(100)),
        sa.Column("res_dis", types.text(100)),
        sa.Column("time_unit", types.text(100)),
        sa.Column("mfg_lt", types.decimal(18, 4)),
        sa.Column("queue_time", types.decimal(18, 4)),
        sa.Column("setup_time", types.decimal(18, 4)),
        sa.Column("run_time", types.decimal(18, 4)),
        sa.Column("run_time_unit", types.text(20)),
        sa.Column("mach_worked_hours", types.decimal(18, 4)),
        sa.Column("act_setup_time", types.decimal(18, 4)),
        sa.Column("act_run_time", types.decimal(18, 4)),
        sa.Column("wait_time", types.decimal(18, 4)),
        sa.Column("move_time", types.decimal(18, 4)),
        sa.Column("run_time_qty", types.decimal(18, 4)),
        sa.Column("batch_oper", types.text(1)),
        sa.Column("bp_cd", types.text(50)),
        sa.Column("cust_nm", types.text(255)),
        sa.Column("cur_cd", types.text(20)),
        sa.Column("subcontract_prc", types.decimal(18, 4)),
        sa.Column("tax_type", types.text(20)),
        sa.Column("milestone_flg", types.text(1)),
        sa.Column("insp_flg", types.text(1)),
        sa.Column("rout_order", types.INT),
        sa.Column("valid_from_dt", types.DATE),
        sa.Column("valid_to_dt", types.DATE),
        sa.Column("remark", types.LONG_TEXT),
        sa.Column("rout_doc", types.text(255)),
        sa.Column("doc_inside", types.text(255)),
        sa.Column("doc_no", types.text(255)),
        sa.Column("nc_program", types.text(255)),
        sa.Column("nc_program_writer", types.text(255)),
        sa.Column("nc_writer_nm", types.text(255)),
        sa.Column("nc_write_date", types.DATE),
        sa.Column("nc_reviewer", types.text(50)),
        sa.Column("nc_reviewer_nm", types.text(255)),
        sa.Column("nc_review_dt", types.DATE),
        sa.Column("raw_matl_size", types.text(100)),
        sa.Column("jaw_size", types.text(100)),
        sa.Column("validity", types.text(100)),
        sa.Column("program_remark", types.LONG_TEXT),
        sa.Column("op_draw_no", types.text(100)),
        sa.Column("mtmg_numb", types.text(100)),
        sa.Column("insrt_dt", types.TIMESTAMP),
        sa.PrimaryKeyConstraint("routing_id", name=op.f("pk_routing_master")),
        sa.ForeignKeyConstraint(["item_cd"], ["item_master.item_cd"], name=op.f("fk_routing_master_item_cd")),
    )
    op.create_index(op.f("ix_routing_master_item_cd"), "routing_master", ["item_cd"])
    op.create_index(
        op.f("ix_routing_master_item_cd_rout_no_proc_seq"),
        "routing_master",
        ["item_cd", "rout_no", "proc_seq"],
        unique=True,
        mssql_where=sa.text("rout_no IS NOT NULL"),
    )
    op.create_index(op.f("ix_routing_master_proc_seq"), "routing_master", ["proc_seq"])


def downgrade() -> None:
    op.drop_index(op.f("ix_routing_master_proc_seq"), table_name="routing_master")
    op.drop_index(op.f("ix_routing_master_item_cd_rout_no_proc_seq"), table_name="routing_master")
    op.drop_index(op.f("ix_routing_master_item_cd"), table_name="routing_master")
    op.drop_table("routing_master")

    op.drop_table("item_master")

    op.drop_index(op.f("ix_items_updated_at"), table_name="items")
    op.drop_index(op.f("ix_items_part_type"), table_name="items")
    op.drop_index(op.f("ix_items_material_code"), table_name="items")
    op.drop_index(op.f("ix_items_drawing_number"), table_name="items")
    op.drop_index(op.f("ix_items_created_at"), table_name="items")
    op.drop_table("items")
