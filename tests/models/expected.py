"""The tables as the data's description has them: column and logical type, `!` where it may not be NULL.

Written by hand, apart from the models.
"""

from __future__ import annotations

TABLES = {
    "users": """
        id int32!, username text(150)!, normalized_username text(150)!, display_name text(255),
        full_name text(255), email text(255), password_hash text(255)!, status text(32)!, is_admin bool!,
        must_change_password bool!, invited_by text(150), initial_password_sent_at timestamp,
        created_at timestamp!, updated_at timestamp!, approved_at timestamp, rejected_at timestamp,
        last_login_at timestamp""",
    "rsl_group": """
        id int32!, slug text(64)!, name text(255)!, description text, owner text(255)!, tags json!,
        erp_required bool!, status text(32)!, validation_errors json!, last_validated_at timestamp,
        released_at timestamp, released_by text(255), created_at timestamp!, updated_at timestamp!""",
    "rsl_step": """
        id int32!, group_id int32!, sequence int32!, name text(255)!, description text, status text(32)!,
        tags json!, config json!, created_at timestamp!, updated_at timestamp!""",
    "rsl_rule_ref": """
        id int32!, step_id int32!, rule_name text(255)!, rule_version text(64), metadata json!,
        is_optional bool!, created_at timestamp!""",
    "routing_groups": """
        id uuid!, group_name text(64)!, owner text(255)!, item_codes json!, steps json!, connections json!,
        erp_required bool!, metadata json, version int32!, created_at timestamp!, updated_at timestamp!,
        deleted_at timestamp""",
    "process_groups": """
        id uuid!, name text(128)!, description text(512), type text(32)!, owner text(255)!,
        default_columns json!, fixed_values json!, is_active bool!, version int32!, created_at timestamp!,
        updated_at timestamp!, deleted_at timestamp""",
    "items": """
        id int32!, item_code text(50)!, item_name text(200), material_code text(50), part_type text(50),
        drawing_number text(100), dimension_length float64, dimension_width float64,
        dimension_height float64, dimension_diameter float64, dimension_thickness float64,
        category text(100), sub_category text(100), description text, remarks text, created_at timestamp!,
        updated_at timestamp!, deleted_at timestamp, is_active bool!, quality_checked bool!""",
    "item_master": """
        item_cd text(100)!, part_type text(50), partnm text(255), item_suffix text(50), item_spec text,
        item_nm text(255), additional_spec text, item_material text(100), material_desc text(100),
        item_acct text(100), item_type text(100), item_unit text(100), item_grp1 text(100), item_grp2 text(100),
        item_grp3 text(100), item_grp1nm text(100), item_grp2nm text(100), item_grp3nm text(100),
        standard_yn text(1), group1 text(100), group2 text(100), group3 text(100), draw_no text(100),
        draw_rev text(100), draw_sheet_no text(100), draw_use text(100), item_nm_eng text(100),
        outdiameter decimal(18,4), indiameter decimal(18,4), outthickness decimal(18,4),
        outdiameter_unit text(20), rotate_clockwise int32, rotate_ctrclockwise int32, sealtypegrup text(100),
        in_sealtype_cd text(50), in_sealsize decimal(18,4), in_sealsize_uom text(20), mid_sealtype_cd text(50),
        mid_sealsize decimal(18,4), mid_sealsize_uom text(20), out_sealtype_cd text(50),
        out_sealsize decimal(18,4), out_sealsize_uom text(20), raw_matl_kind text(50),
        raw_matl_kindnm text(255), insrt_dt timestamp, modi_dt timestamp""",
    "routing_master": """
        routing_id int64!, item_cd text(100)!, rout_no text(50), proc_seq int32!, inside_flag text(1),
        job_cd text(100), job_nm text(100), res_cd text(100), res_dis text(100), time_unit text(100),
        mfg_lt decimal(18,4), queue_time decimal(18,4), setup_time decimal(18,4), run_time decimal(18,4),
        run_time_unit text(20), mach_worked_hours decimal(18,4), act_setup_time decimal(18,4),
        act_run_time decimal(18,4), wait_time decimal(18,4), move_time decimal(18,4),
        run_time_qty decimal(18,4), batch_oper text(1), bp_cd text(50), cust_nm text(255), cur_cd text(20),
        subcontract_prc decimal(18,4), tax_type text(20), milestone_flg text(1), insp_flg text(1),
        rout_order int32, valid_from_dt date, valid_to_dt date, remark text, rout_doc text(255),
        doc_inside text(255), doc_no text(255), nc_program text(255), nc_program_writer text(255),
        nc_writer_nm text(255), nc_write_date date, nc_reviewer text(50), nc_reviewer_nm text(255),
        nc_review_dt date, raw_matl_size text(100), jaw_size text(100), validity text(100), program_remark text,
        op_draw_no text(100), mtmg_numb text(100), insrt_dt timestamp""",
    "audit_events": """
        id int32!, event_type text(50)!, username text(100), ip_address text(45), action text(100)!,
        resource_type text(50), resource_id text(100), payload json, created_at timestamp!""",
    "model_registry": """
        id int32!, model_name text(255)!, model_version text(50)!, model_path text(500)!,
        accuracy decimal(10,8), precision_score decimal(10,8), recall_score decimal(10,8),
        f1_score decimal(10,8), training_samples int32, training_duration_sec int32, hyperparameters json,
        is_active bool, deployed_at timestamp, deprecated_at timestamp, created_at timestamp,
        created_by text(100)""",
    "ml_predictions": """
        id int32!, source_item_cd text(100)!, candidate_id int32!, reference_item_cd text(100),
        routing_signature text(200), priority text(50), similarity_score decimal(10,8),
        similarity_tier text(50), feature_importance json, matched_features json, proc_seq int32,
        inside_flag text(50), job_cd text(50), job_nm text(100), res_cd text(50), res_dis text(100),
        setup_time decimal(18,4), run_time decimal(18,4), wait_time decimal(18,4), model_version text(50),
        prediction_metadata json, created_at timestamp, created_by text(100)""",
    "concept_drift_log": """
        id int32!, kl_divergence decimal(18,8)!, drift_detected bool!, threshold_value decimal(10,4),
        model_version text(50), prediction_count int32, baseline_distribution json,
        current_distribution json, retraining_triggered bool, alert_sent bool, detected_at timestamp""",
    "view_configs": """
        id int32!, view_name text(256)!, display_name text(256)!, columns_config json!,
        enable_checklist bool!, checklist_column_name text(100)!, created_at timestamp!,
        created_by text(100)!, updated_at timestamp!, updated_by text(100)!""",
    "view_checklists": """
        id int32!, view_name text(256)!, row_id text(500)!, username text(100)!, checked_at timestamp!""",
}

KEYS = {
    "users": ["id", "~normalized_username"],
    "rsl_group": ["id", "=slug", "owner"],
    "rsl_step": ["id", "=group_id,sequence", "group_id", "group_id>rsl_group.id CASCADE"],
    "rsl_rule_ref": ["id", "~step_id,rule_name,rule_version", "step_id", "step_id>rsl_step.id CASCADE"],
    "routing_groups": ["id", "=owner,group_name", "owner", "updated_at"],
    "process_groups": ["id", "=owner,name", "owner", "type", "?type IN ('machining', 'post-process')"],
    "items": ["id", "=item_code", "created_at", "drawing_number", "material_code", "part_type", "updated_at"],
    "item_master": ["item_cd"],
    "routing_master": [
        "routing_id",
        "~item_cd,rout_no,proc_seq",
        "item_cd",
        "proc_seq",
        "item_cd>item_master.item_cd NO ACTION",
    ],
    "audit_events": ["id", "created_at", "event_type", "username"],
    "model_registry": ["id", "=model_name,model_version"],
    "ml_predictions": ["id", "source_item_cd", "reference_item_cd>item_master.item_cd NO ACTION"],
    "concept_drift_log": ["id"],
    "view_configs": ["id", "=view_name", "updated_at DESC"],
    "view_checklists": ["id", "=view_name,row_id,username", "checked_at", "username", "view_name"],
}
"""First the primary key; then, in any order, `=` unique constraints, `~` unique indexes, indexes, `>` foreign keys
with what happens when the parent goes, `?` checks."""

DEFAULTS = {
    "users": "status is_admin must_change_password",
    "rsl_group": "tags erp_required status",
    "rsl_step": "status tags",
    "rsl_rule_ref": "is_optional",
    "routing_groups": "erp_required version",
    "process_groups": "is_active version",
    "items": "is_active quality_checked",
    "audit_events": "created_at",
    "concept_drift_log": "threshold_value",
    "view_configs": "enable_checklist checklist_column_name",
}
"""Columns that the target fills when a row names no value, but for identities."""
