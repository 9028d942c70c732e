"""The items and their routings: what the application keeps, and the masters from the ERP.

The masters' columns have the ERP's names in lower case.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from migrator.models import types
from migrator.models.base import Base


class Item(Base):
    """An item as the application knows it. `deleted_at` marks what is gone."""

    __tablename__ = "items"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    item_code: Mapped[str] = mapped_column(types.text(50), unique=True)
    item_name: Mapped[str | None] = mapped_column(types.text(200))
    material_code: Mapped[str | None] = mapped_column(types.text(50), index=True)
    part_type: Mapped[str | None] = mapped_column(types.text(50), index=True)
    drawing_number: Mapped[str | None] = mapped_column(types.text(100), index=True)
    dimension_length: Mapped[float | None] = mapped_column(types.FLOAT)
    dimension_width: Mapped[float | None] = mapped_column(types.FLOAT)
    dimension_height: Mapped[float | None] = mapped_column(types.FLOAT)
    dimension_diameter: Mapped[float | None] = mapped_column(types.FLOAT)
    dimension_thickness: Mapped[float | None] = mapped_column(types.FLOAT)
    category: Mapped[str | None] = mapped_column(types.text(100))
    sub_category: Mapped[str | None] = mapped_column(types.text(100))
    description: Mapped[str | None] = mapped_column(types.LONG_TEXT)
    remarks: Mapped[str | None] = mapped_column(types.LONG_TEXT)
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP, index=True)
    updated_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP, index=True)
    deleted_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    is_active: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.true())
    quality_checked: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.false())


class ItemMaster(Base):
    """An item of the ERP: `dbo_BI_ITEM_INFO_VIEW`."""

    __tablename__ = "item_master"

    item_cd: Mapped[str] = mapped_column(types.text(100), primary_key=True)
    part_type: Mapped[str | None] = mapped_column(types.text(50))
    partnm: Mapped[str | None] = mapped_column(types.text(255))
    item_suffix: Mapped[str | None] = mapped_column(types.text(50))
    item_spec: Mapped[str | None] = mapped_column(types.LONG_TEXT)
    item_nm: Mapped[str | None] = mapped_column(types.text(255))
    additional_spec: Mapped[str | None] = mapped_column(types.LONG_TEXT)
    item_material: Mapped[str | None] = mapped_column(types.text(100))
    material_desc: Mapped[str | None] = mapped_column(types.text(100))
    item_acct: Mapped[str | None] = mapped_column(types.text(100))
    item_type: Mapped[str | None] = mapped_column(types.text(100))
    item_unit: Mapped[str | None] = mapped_column(types.text(100))
    item_grp1: Mapped[str | None] = mapped_column(types.text(100))
    item_grp2: Mapped[str | None] = mapped_column(types.text(100))
    item_grp3: Mapped[str | None] = mapped_column(types.text(100))
    item_grp1nm: Mapped[str | None] = mapped_column(types.text(100))
    item_grp2nm: Mapped[str | None] = mapped_column(types.text(100))
    item_grp3nm: Mapped[str | None] = mapped_column(types.text(100))
    standard_yn: Mapped[str | None] = mapped_column(types.text(1))
    group1: Mapped[str | None] = mapped_column(types.text(100))
    group2: Mapped[str | None] = mapped_column(types.text(100))
    group3: Mapped[str | None] = mapped_column(types.text(100))
    draw_no: Mapped[str | None] = mapped_column(types.text(100))
    draw_rev: Mapped[str | None] = mapped_column(types.text(100))
    draw_sheet_no: Mapped[str | None] = mapped_column(types.text(100))
    draw_use: Mapped[str | None] = mapped_column(types.text(100))
    item_nm_eng: Mapped[str | None] = mapped_column(types.text(100))
    outdiameter: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    indiameter: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    outthickness: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    outdiameter_unit: Mapped[str | None] = mapped_column(types.text(20))
    rotate_clockwise: Mapped[int | None] = mapped_column(types.INT)
    rotate_ctrclockwise: Mapped[int | None] = mapped_column(types.INT)
    sealtypegrup: Mapped[str | None] = mapped_column(types.text(100))
    in_sealtype_cd: Mapped[str | None] = mapped_column(types.text(50))
    in_sealsize: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    in_sealsize_uom: Mapped[str | None] = mapped_column(types.text(20))
    mid_sealtype_cd: Mapped[str | None] = mapped_column(types.text(50))
    mid_sealsize: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    mid_sealsize_uom: Mapped[str | None] = mapped_column(types.text(20))
    out_sealtype_cd: Mapped[str | None] = mapped_column(types.text(50))
    out_sealsize: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    out_sealsize_uom: Mapped[str | None] = mapped_column(types.text(20))
    raw_matl_kind: Mapped[str | None] = mapped_column(types.text(50))
    raw_matl_kindnm: Mapped[str | None] = mapped_column(types.text(255))
    insrt_dt: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    modi_dt: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)

    routings: Mapped[list[RoutingMaster]] = relationship(back_populates="item", order_by="RoutingMaster.proc_seq")


class RoutingMaster(Base):
    """An operation in the routing of an item of the ERP: `dbo_BI_ROUTING_VIEW`."""

    __tablename__ = "routing_master"

    routing_id: Mapped[int] = mapped_column(types.BIGINT, sa.Identity(), primary_key=True)
    item_cd: Mapped[str] = mapped_column(sa.ForeignKey("item_master.item_cd"), index=True)
    rout_no: Mapped[str | None] = mapped_column(types.text(50))
    proc_seq: Mapped[int] = mapped_column(types.INT, index=True)
    inside_flag: Mapped[str | None] = mapped_column(types.text(1))
    job_cd: Mapped[str | None] = mapped_column(types.text(100))
    job_nm: Mapped[str | None] = mapped_column(types.text(100))
    res_cd: Mapped[str | None] = mapped_column(types.text(100))
    res_dis: Mapped[str | None] = mapped_column(types.text(100))
    time_unit: Mapped[str | None] = mapped_column(types.text(100))
    mfg_lt: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    queue_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    setup_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    run_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    run_time_unit: Mapped[str | None] = mapped_column(types.text(20))
    mach_worked_hours: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    act_setup_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    act_run_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    wait_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    move_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    run_time_qty: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    batch_oper: Mapped[str | None] = mapped_column(types.text(1))
    bp_cd: Mapped[str | None] = mapped_column(types.text(50))
    cust_nm: Mapped[str | None] = mapped_column(types.text(255))
    cur_cd: Mapped[str | None] = mapped_column(types.text(20))
    subcontract_prc: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    tax_type: Mapped[str | None] = mapped_column(types.text(20))
    milestone_flg: Mapped[str | None] = mapped_column(types.text(1))
    insp_flg: Mapped[str | None] = mapped_column(types.text(1))
    rout_order: Mapped[int | None] = mapped_column(types.INT)
    valid_from_dt: Mapped[dt.date | None] = mapped_column(types.DATE)
    valid_to_dt: Mapped[dt.date | None] = mapped_column(types.DATE)
    remark: Mapped[str | None] = mapped_column(types.LONG_TEXT)
    rout_doc: Mapped[str | None] = mapped_column(types.text(255))
    doc_inside: Mapped[str | None] = mapped_column(types.text(255))
    doc_no: Mapped[str | None] = mapped_column(types.text(255))
    nc_program: Mapped[str | None] = mapped_column(types.text(255))
    nc_program_writer: Mapped[str | None] = mapped_column(types.text(255))
    nc_writer_nm: Mapped[str | None] = mapped_column(types.text(255))
    nc_write_date: Mapped[dt.date | None] = mapped_column(types.DATE)
    nc_reviewer: Mapped[str | None] = mapped_column(types.text(50))
    nc_reviewer_nm: Mapped[str | None] = mapped_column(types.text(255))
    nc_review_dt: Mapped[dt.date | None] = mapped_column(types.DATE)
    raw_matl_size: Mapped[str | None] = mapped_column(types.text(100))
    jaw_size: Mapped[str | None] = mapped_column(types.text(100))
    validity: Mapped[str | None] = mapped_column(types.text(100))
    program_remark: Mapped[str | None] = mapped_column(types.LONG_TEXT)
    op_draw_no: Mapped[str | None] = mapped_column(types.text(100))
    mtmg_numb: Mapped[str | None] = mapped_column(types.text(100))
    insrt_dt: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)

    item: Mapped[ItemMaster] = relationship(back_populates="routings")

    __table_args__ = (
        # A routing may have no number, and SQL Server takes two NULLs for equal unless a filter leaves them out:
        # https://learn.microsoft.com/sql/relational-databases/indexes/create-filtered-indexes.
        sa.Index(None, "item_cd", "rout_no", "proc_seq", unique=True, mssql_where=sa.text("rout_no IS NOT NULL")),
    )
