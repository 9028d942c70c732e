"""How the service is run: audit, models, predictions, drift, views.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrator.models import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("event_type", types.text(50), nullable=False),
        sa.Column("username", types.text(100)),
        sa.Column("ip_address", types.text(45)),
        sa.Column("action", types.text(100), nullable=False),
        sa.Column("resource_type", types.text(50)),
        sa.Column("resource_id", types.text(100)),
        sa.Column("payload", types.JSON),
        sa.Column("created_at", types.TIMESTAMP, nullable=False, server_default=types.utc_now()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        types.json_check("payload", name=op.f("ck_audit_events_payload_json")),
    )
    op.create_index(op.f("ix_audit_events_created_at"), "audit_events", ["created_at"])
    op.create_index(op.f("ix_audit_events_event_type"), "audit_events", ["event_type"])
    op.create_index(op.f("ix_audit_events_username"), "audit_events", ["username"])

    op.create_table(
        "model_registry",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("model_name", types.text(255), nullable=False),
        sa.Column("model_version", types.text(50), nullable=False),
        sa.Column("model_path", types.text(500), nullable=False),
        sa.Column("accuracy", types.decimal(10, 8)),
        sa.Column("precision_score", types.decimal(10, 8)),
        sa.Column("recall_score", types.decimal(10, 8)),
        sa.Column("f1_score", types.decimal(10, 8)),
        sa.Column("training_samples", types.INT),
        sa.Column("training_duration_sec", types.INT),
        sa.Column("hyperparameters", types.JSON),
        sa.Column("is_active", types.BOOL),
        sa.Column("deployed_at", types.TIMESTAMP),
        sa.Column("deprecated_at", types.TIMESTAMP),
        sa.Column("created_at", types.TIMESTAMP),
        sa.Column("created_by", types.text(100)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_registry")),
        sa.UniqueConstraint(
            "model_name", "model_version", name=op.f("uq_model_registry_model_name_model_version")
        ),
        types.json_check("hyperparameters", name=op.f("ck_model_registry_hyperparameters_json")),
    )

    op.create_table(
        "ml_predictions",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("source_item_cd", types.text(100), nullable=False),
        sa.Column("candidate_id", types.INT, nullable=False),
        sa.Column("reference_item_cd", types.text(100)),
        sa.Column("routing_signature", types.text(200)),
        sa.Column("priority", types.text(50)),
        sa.Column("similarity_score", types.decimal(10, 8)),
        sa.Column("similarity_tier", types.text(50)),
        sa.Column("feature_importance", types.JSON),
        sa.Column("matched_features", types.JSON),
        sa.Column("proc_seq", types.INT),
        sa.Column("inside_flag", types.text(50)),
        sa.Column("job_cd", types.text(50)),
        sa.Column("job_nm", types.text(100)),
        sa.Column("res_cd", types.text(50)),
        sa.Column("res_dis", types.text(100)),
        sa.Column("setup_time", types.decimal(18, 4)),
        sa.Column("run_time", types.decimal(18, 4)),
        sa.Column("wait_time", types.decimal(18, 4)),
        sa.Column("model_version", types.text(50)),
        sa.Column("prediction_metadata", types.JSON),
        sa.Column("created_at", types.TIMESTAMP),
        sa.Column("created_by", types.text(100)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ml_predictions")),
        sa.ForeignKeyConstraint(
            ["reference_item_cd"], ["item_master.item_cd"], name=op.f("fk_ml_predictions_reference_item_cd")
        ),
        types.json_check("feature_importance", name=op.f("ck_ml_predictions_feature_importance_json")),
        types.json_check("matched_features", name=op.f("ck_ml_predictions_matched_features_json")),
        types.json_check("prediction_metadata", name=op.f("ck_ml_predictions_prediction_metadata_json")),
    )
    op.create_index(op.f("ix_ml_predictions_source_item_cd"), "ml_predictions", ["source_item_cd"])

    op.create_table(
        "concept_drift_log",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("kl_divergence", types.decimal(18, 8), nullable=False),
        sa.Column("drift_detected", types.BOOL, nullable=False),
        sa.Column("threshold_value", types.decimal(10, 4), server_default=sa.text("0.5")),
        sa.Column("model_version", types.text(50)),
        sa.Column("prediction_count", types.INT),
        sa.Column("baseline_distribution", types.JSON),
        sa.Column("current_distribution", types.JSON),
        sa.Column("retraining_triggered", types.BOOL),
        sa.Column("alert_sent", types.BOOL),
        sa.Column("detected_at", types.TIMESTAMP),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concept_drift_log")),
        types.json_check("baseline_distribution", name=op.f("ck_concept_drift_log_baseline_distribution_json")),
        types.json_check("current_distribution", name=op.f("ck_concept_drift_log_current_distribution_json")),
    )

    op.create_table(
        "view_configs",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("view_name", types.text(256), nullable=False),
        sa.Column("display_name", types.text(256), nullable=False),
        sa.Column("columns_config", types.JSON, nullable=False),
        sa.Column("enable_checklist", types.BOOL, nullable=False, server_default=sa.false()),
        sa.Column("checklist_column_name", types.text(100), nullable=False, server_default=types.literal("체크")),
        sa.Column("created_at", types.TIMESTAMP, nullable=False),
        sa.Column("created_by", types.text(100), nullable=False),
        sa.Column("updated_at", types.TIMESTAMP, nullable=False),
        sa.Column("updated_by", types.text(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_configs")),
        sa.UniqueConstraint("view_name", name=op.f("uq_view_configs_view_name")),
        types.json_check("columns_config", name=op.f("ck_view_configs_columns_config_json")),
    )
    op.create_index(op.f("ix_view_configs_updated_at"), "view_configs", [sa.text("updated_at DESC")])

    op.create_table(
        "view_checklists",
        sa.Column("id", types.INT, sa.Identity(), nullable=False),
        sa.Column("view_name", types.text(256), nullable=False),
        sa.Column("row_id", types.ROW_ID, nullable=False),
        sa.Column("username", types.text(100), nullable=False),
        sa.Column("checked_at", types.TIMESTAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_checklists")),
        sa.UniqueConstraint(
            "view_name", "row_id", "username", name=op.f("uq_view_checklists_view_name_row_id_username")
        ),
    )
    op.create_index(op.f("ix_view_checklists_checked_at"), "view_checklists", ["checked_at"])
    op.create_index(op.f("ix_view_checklists_username"), "view_checklists", ["username"])
    op.create_index(op.f("ix_view_checklists_view_name"), "view_checklists", ["view_name"])


def downgrade() -> None:
    op.drop_index(op.f("ix_view_checklists_view_name"), table_name="view_checklists")
    op.drop_index(op.f("ix_view_checklists_username"), table_name="view_checklists")
    op.drop_index(op.f("ix_view_checklists_checked_at"), table_name="view_checklists")
    op.drop_table("view_checklists")

    op.drop_index(op.f("ix_view_configs_updated_at"), table_name="view_configs")
    op.drop_table("view_configs")

    op.drop_table("concept_drift_log")

    op.drop_index(op.f("ix_ml_predictions_source_item_cd"), table_name="ml_predictions")
    op.drop_table("ml_predictions")

    op.drop_table("model_registry")

    op.drop_index(op.f("ix_audit_events_username"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_event_type"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_created_at"), table_name="audit_events")
    op.drop_table("audit_events")
