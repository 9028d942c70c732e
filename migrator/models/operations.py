"""How the recommendation service is run: what happened, its models and predictions, and the views of its users."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from migrator.models import types
from migrator.models.base import Base
from migrator.models.master import ItemMaster


class AuditEvent(Base):
    """Something that someone did."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    event_type: Mapped[str] = mapped_column(types.text(50), index=True)
    username: Mapped[str | None] = mapped_column(types.text(100), index=True)
    # 45 characters hold an IPv4 address mapped into IPv6.
    ip_address: Mapped[str | None] = mapped_column(types.text(45))
    action: Mapped[str] = mapped_column(types.text(100))
    resource_type: Mapped[str | None] = mapped_column(types.text(50))
    resource_id: Mapped[str | None] = mapped_column(types.text(100))
    payload: Mapped[types.Json | None] = mapped_column(types.JSON)
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP, index=True, server_default=types.utc_now())

    __table_args__ = (types.json_check("payload"),)


class RegisteredModel(Base):
    """A trained model in one version."""

    __tablename__ = "model_registry"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    model_name: Mapped[str] = mapped_column(types.text(255))
    model_version: Mapped[str] = mapped_column(types.text(50))
    model_path: Mapped[str] = mapped_column(types.text(500))
    accuracy: Mapped[Decimal | None] = mapped_column(types.decimal(10, 8))
    precision_score: Mapped[Decimal | None] = mapped_column(types.decimal(10, 8))
    recall_score: Mapped[Decimal | None] = mapped_column(types.decimal(10, 8))
    f1_score: Mapped[Decimal | None] = mapped_column(types.decimal(10, 8))
    training_samples: Mapped[int | None] = mapped_column(types.INT)
    training_duration_sec: Mapped[int | None] = mapped_column(types.INT)
    hyperparameters: Mapped[types.Json | None] = mapped_column(types.JSON)
    is_active: Mapped[bool | None] = mapped_column(types.BOOL)
    deployed_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    deprecated_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    created_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    created_by: Mapped[str | None] = mapped_column(types.text(100))

    __table_args__ = (sa.UniqueConstraint("model_name", "model_version"), types.json_check("hyperparameters"))


class Prediction(Base):
    """An operation that the service proposed for an item, after a candidate's routing."""

    __tablename__ = "ml_predictions"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    source_item_cd: Mapped[str] = mapped_column(types.text(100), index=True)
    candidate_id: Mapped[int] = mapped_column(types.INT)
    reference_item_cd: Mapped[str | None] = mapped_column(sa.ForeignKey("item_master.item_cd"))
    routing_signature: Mapped[str | None] = mapped_column(types.text(200))
    priority: Mapped[str | None] = mapped_column(types.text(50))
    similarity_score: Mapped[Decimal | None] = mapped_column(types.decimal(10, 8))
    similarity_tier: Mapped[str | None] = mapped_column(types.text(50))
    feature_importance: Mapped[types.Json | None] = mapped_column(types.JSON)
    matched_features: Mapped[types.Json | None] = mapped_column(types.JSON)
    proc_seq: Mapped[int | None] = mapped_column(types.INT)
    inside_flag: Mapped[str | None] = mapped_column(types.text(50))
    job_cd: Mapped[str | None] = mapped_column(types.text(50))
    job_nm: Mapped[str | None] = mapped_column(types.text(100))
    res_cd: Mapped[str | None] = mapped_column(types.text(50))
    res_dis: Mapped[str | None] = mapped_column(types.text(100))
    setup_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    run_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    wait_time: Mapped[Decimal | None] = mapped_column(types.decimal(18, 4))
    model_version: Mapped[str | None] = mapped_column(types.text(50))
    prediction_metadata: Mapped[types.Json | None] = mapped_column(types.JSON)
    created_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)
    created_by: Mapped[str | None] = mapped_column(types.text(100))

    reference_item: Mapped[ItemMaster | None] = relationship()

    __table_args__ = (
        types.json_check("feature_importance"),
        types.json_check("matched_features"),
        types.json_check("prediction_metadata"),
    )


class ConceptDrift(Base):
    """A measurement of how far current data has moved from what a model was trained on."""

    __tablename__ = "concept_drift_log"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    kl_divergence: Mapped[Decimal] = mapped_column(types.decimal(18, 8))
    drift_detected: Mapped[bool] = mapped_column(types.BOOL)
    threshold_value: Mapped[Decimal | None] = mapped_column(types.decimal(10, 4), server_default=sa.text("0.5"))
    model_version: Mapped[str | None] = mapped_column(types.text(50))
    prediction_count: Mapped[int | None] = mapped_column(types.INT)
    baseline_distribution: Mapped[types.Json | None] = mapped_column(types.JSON)
    current_distribution: Mapped[types.Json | None] = mapped_column(types.JSON)
    retraining_triggered: Mapped[bool | None] = mapped_column(types.BOOL)
    alert_sent: Mapped[bool | None] = mapped_column(types.BOOL)
    detected_at: Mapped[dt.datetime | None] = mapped_column(types.TIMESTAMP)

    __table_args__ = (types.json_check("baseline_distribution"), types.json_check("current_distribution"))


class ViewConfig(Base):
    """The columns of a view, and whether its rows can be ticked off."""

    __tablename__ = "view_configs"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    view_name: Mapped[str] = mapped_column(types.text(256), unique=True)
    display_name: Mapped[str] = mapped_column(types.text(256))
    columns_config: Mapped[types.Json] = mapped_column(types.JSON)
    enable_checklist: Mapped[bool] = mapped_column(types.BOOL, server_default=sa.false())
    checklist_column_name: Mapped[str] = mapped_column(types.text(100), server_default=types.literal("체크"))
    created_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    created_by: Mapped[str] = mapped_column(types.text(100))
    updated_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP)
    updated_by: Mapped[str] = mapped_column(types.text(100))

    __table_args__ = (sa.Index(None, updated_at.desc()), types.json_check("columns_config"))


class ViewChecklist(Base):
    """That a user ticked off a row of a view."""

    __tablename__ = "view_checklists"

    id: Mapped[int] = mapped_column(types.INT, sa.Identity(), primary_key=True)
    view_name: Mapped[str] = mapped_column(types.text(256), index=True)
    row_id: Mapped[str] = mapped_column(types.ROW_ID)
    username: Mapped[str] = mapped_column(types.text(100), index=True)
    checked_at: Mapped[dt.datetime] = mapped_column(types.TIMESTAMP, index=True)

    __table_args__ = (sa.UniqueConstraint("view_name", "row_id", "username"),)
