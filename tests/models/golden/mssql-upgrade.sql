BEGIN TRANSACTION;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

GO

-- Running upgrade  -> 0001

CREATE TABLE users (
    id INTEGER NOT NULL IDENTITY,
    username NVARCHAR(150) NOT NULL,
    normalized_username NVARCHAR(150) NOT NULL,
    display_name NVARCHAR(255) NULL,
    full_name NVARCHAR(255) NULL,
    email NVARCHAR(255) NULL,
    password_hash NVARCHAR(255) NOT NULL,
    status NVARCHAR(32) NOT NULL DEFAULT N'pending',
    is_admin BIT NOT NULL DEFAULT 0,
    must_change_password BIT NOT NULL DEFAULT 0,
    invited_by NVARCHAR(150) NULL,
    initial_password_sent_at DATETIME2(7) NULL,
    created_at DATETIME2(7) NOT NULL,
    updated_at DATETIME2(7) NOT NULL,
    approved_at DATETIME2(7) NULL,
    rejected_at DATETIME2(7) NULL,
    last_login_at DATETIME2(7) NULL,
    CONSTRAINT pk_users PRIMARY KEY (id)
);

GO

CREATE UNIQUE INDEX ix_users_normalized_username ON users (normalized_username);

GO

INSERT INTO alembic_version (version_num) OUTPUT inserted.version_num VALUES ('0001');

GO

-- Running upgrade 0001 -> 0002

CREATE TABLE rsl_group (
    id INTEGER NOT NULL IDENTITY,
    slug NVARCHAR(64) NOT NULL,
    name NVARCHAR(255) NOT NULL,
    description NVARCHAR(max) NULL,
    owner NVARCHAR(255) NOT NULL,
    tags NVARCHAR(max) NOT NULL DEFAULT N'[]',
    erp_required BIT NOT NULL DEFAULT 0,
    status NVARCHAR(32) NOT NULL DEFAULT N'draft',
    validation_errors NVARCHAR(max) NOT NULL,
    last_validated_at DATETIME2(7) NULL,
    released_at DATETIME2(7) NULL,
    released_by NVARCHAR(255) NULL,
    created_at DATETIME2(7) NOT NULL,
    updated_at DATETIME2(7) NOT NULL,
    CONSTRAINT pk_rsl_group PRIMARY KEY (id),
    CONSTRAINT uq_rsl_group_slug UNIQUE (slug),
    CONSTRAINT ck_rsl_group_tags_json CHECK (CASE WHEN (tags IS NULL OR ISJSON(tags) = 1) THEN 1 WHEN (ISJSON(N'[' + tags + N']') = 1 AND ISJSON(N'{"v":' + tags + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_rsl_group_validation_errors_json CHECK (CASE WHEN (validation_errors IS NULL OR ISJSON(validation_errors) = 1) THEN 1 WHEN (ISJSON(N'[' + validation_errors + N']') = 1 AND ISJSON(N'{"v":' + validation_errors + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE INDEX ix_rsl_group_owner ON rsl_group (owner);

GO

CREATE TABLE rsl_step (
    id INTEGER NOT NULL IDENTITY,
    group_id INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    name NVARCHAR(255) NOT NULL,
    description NVARCHAR(max) NULL,
    status NVARCHAR(32) NOT NULL DEFAULT N'draft',
    tags NVARCHAR(max) NOT NULL DEFAULT N'[]',
    config NVARCHAR(max) NOT NULL,
    created_at DATETIME2(7) NOT NULL,
    updated_at DATETIME2(7) NOT NULL,
    CONSTRAINT pk_rsl_step PRIMARY KEY (id),
    CONSTRAINT uq_rsl_step_group_id_sequence UNIQUE (group_id, sequence),
    CONSTRAINT fk_rsl_step_group_id FOREIGN KEY(group_id) REFERENCES rsl_group (id) ON DELETE CASCADE,
    CONSTRAINT ck_rsl_step_config_json CHECK (CASE WHEN (config IS NULL OR ISJSON(config) = 1) THEN 1 WHEN (ISJSON(N'[' + config + N']') = 1 AND ISJSON(N'{"v":' + config + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_rsl_step_tags_json CHECK (CASE WHEN (tags IS NULL OR ISJSON(tags) = 1) THEN 1 WHEN (ISJSON(N'[' + tags + N']') = 1 AND ISJSON(N'{"v":' + tags + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE INDEX ix_rsl_step_group_id ON rsl_step (group_id);

GO

CREATE TABLE rsl_rule_ref (
    id INTEGER NOT NULL IDENTITY,
    step_id INTEGER NOT NULL,
    rule_name NVARCHAR(255) NOT NULL,
    rule_version NVARCHAR(64) NULL,
    metadata NVARCHAR(max) NOT NULL,
    is_optional BIT NOT NULL DEFAULT 0,
    created_at DATETIME2(7) NOT NULL,
    CONSTRAINT pk_rsl_rule_ref PRIMARY KEY (id),
    CONSTRAINT fk_rsl_rule_ref_step_id FOREIGN KEY(step_id) REFERENCES rsl_step (id) ON DELETE CASCADE,
    CONSTRAINT ck_rsl_rule_ref_metadata_json CHECK (CASE WHEN (metadata IS NULL OR ISJSON(metadata) = 1) THEN 1 WHEN (ISJSON(N'[' + metadata + N']') = 1 AND ISJSON(N'{"v":' + metadata + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE INDEX ix_rsl_rule_ref_step_id ON rsl_rule_ref (step_id);

GO

CREATE UNIQUE INDEX ix_rsl_rule_ref_step_id_rule_name_rule_version ON rsl_rule_ref (step_id, rule_name, rule_version) WHERE rule_version IS NOT NULL;

GO

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';

GO

-- Running upgrade 0002 -> 0003

CREATE TABLE routing_groups (
    id UNIQUEIDENTIFIER NOT NULL,
    group_name NVARCHAR(64) NOT NULL,
    owner NVARCHAR(255) NOT NULL,
    item_codes NVARCHAR(max) NOT NULL,
    steps NVARCHAR(max) NOT NULL,
    connections NVARCHAR(max) NOT NULL,
    erp_required BIT NOT NULL DEFAULT 0,
    metadata NVARCHAR(max) NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at DATETIME2(7) NOT NULL,
    updated_at DATETIME2(7) NOT NULL,
    deleted_at DATETIME2(7) NULL,
    CONSTRAINT pk_routing_groups PRIMARY KEY (id),
    CONSTRAINT uq_routing_groups_owner_group_name UNIQUE (owner, group_name),
    CONSTRAINT ck_routing_groups_connections_json CHECK (CASE WHEN (connections IS NULL OR ISJSON(connections) = 1) THEN 1 WHEN (ISJSON(N'[' + connections + N']') = 1 AND ISJSON(N'{"v":' + connections + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_routing_groups_item_codes_json CHECK (CASE WHEN (item_codes IS NULL OR ISJSON(item_codes) = 1) THEN 1 WHEN (ISJSON(N'[' + item_codes + N']') = 1 AND ISJSON(N'{"v":' + item_codes + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_routing_groups_metadata_json CHECK (CASE WHEN (metadata IS NULL OR ISJSON(metadata) = 1) THEN 1 WHEN (ISJSON(N'[' + metadata + N']') = 1 AND ISJSON(N'{"v":' + metadata + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_routing_groups_steps_json CHECK (CASE WHEN (steps IS NULL OR ISJSON(steps) = 1) THEN 1 WHEN (ISJSON(N'[' + steps + N']') = 1 AND ISJSON(N'{"v":' + steps + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE INDEX ix_routing_groups_owner ON routing_groups (owner);

GO

CREATE INDEX ix_routing_groups_updated_at ON routing_groups (updated_at);

GO

CREATE TABLE process_groups (
    id UNIQUEIDENTIFIER NOT NULL,
    name NVARCHAR(128) NOT NULL,
    description NVARCHAR(512) NULL,
    type NVARCHAR(32) NOT NULL,
    owner NVARCHAR(255) NOT NULL,
    default_columns NVARCHAR(max) NOT NULL,
    fixed_values NVARCHAR(max) NOT NULL,
    is_active BIT NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1,
    created_at DATETIME2(7) NOT NULL,
    updated_at DATETIME2(7) NOT NULL,
    deleted_at DATETIME2(7) NULL,
    CONSTRAINT pk_process_groups PRIMARY KEY (id),
    CONSTRAINT uq_process_groups_owner_name UNIQUE (owner, name),
    CONSTRAINT ck_process_groups_default_columns_json CHECK (CASE WHEN (default_columns IS NULL OR ISJSON(default_columns) = 1) THEN 1 WHEN (ISJSON(N'[' + default_columns + N']') = 1 AND ISJSON(N'{"v":' + default_columns + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_process_groups_fixed_values_json CHECK (CASE WHEN (fixed_values IS NULL OR ISJSON(fixed_values) = 1) THEN 1 WHEN (ISJSON(N'[' + fixed_values + N']') = 1 AND ISJSON(N'{"v":' + fixed_values + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_process_groups_type CHECK (type IN ('machining', 'post-process'))
);

GO

CREATE INDEX ix_process_groups_owner ON process_groups (owner);

GO

CREATE INDEX ix_process_groups_type ON process_groups (type);

GO

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';

GO

-- Running upgrade 0003 -> 0004

CREATE TABLE items (
    id INTEGER NOT NULL IDENTITY,
    item_code NVARCHAR(50) NOT NULL,
    item_name NVARCHAR(200) NULL,
    material_code NVARCHAR(50) NULL,
    part_type NVARCHAR(50) NULL,
    drawing_number NVARCHAR(100) NULL,
    dimension_length FLOAT(53) NULL,
    dimension_width FLOAT(53) NULL,
    dimension_height FLOAT(53) NULL,
    dimension_diameter FLOAT(53) NULL,
    dimension_thickness FLOAT(53) NULL,
    category NVARCHAR(100) NULL,
    sub_category NVARCHAR(100) NULL,
    description NVARCHAR(max) NULL,
    remarks NVARCHAR(max) NULL,
    created_at DATETIME2(7) NOT NULL,
    updated_at DATETIME2(7) NOT NULL,
    deleted_at DATETIME2(7) NULL,
    is_active BIT NOT NULL DEFAULT 1,
    quality_checked BIT NOT NULL DEFAULT 0,
    CONSTRAINT pk_items PRIMARY KEY (id),
    CONSTRAINT uq_items_item_code UNIQUE (item_code)
);

GO

CREATE INDEX ix_items_created_at ON items (created_at);

GO

CREATE INDEX ix_items_drawing_number ON items (drawing_number);

GO

CREATE INDEX ix_items_material_code ON items (material_code);

GO

CREATE INDEX ix_items_part_type ON items (part_type);

GO

CREATE INDEX ix_items_updated_at ON items (updated_at);

GO

CREATE TABLE item_master (
    item_cd NVARCHAR(100) NOT NULL,
    part_type NVARCHAR(50) NULL,
    partnm NVARCHAR(255) NULL,
    item_suffix NVARCHAR(50) NULL,
    item_spec NVARCHAR(max) NULL,
    item_nm NVARCHAR(255) NULL,
    additional_spec NVARCHAR(max) NULL,
    item_material NVARCHAR(100) NULL,
    material_desc NVARCHAR(100) NULL,
    item_acct NVARCHAR(100) NULL,
    item_type NVARCHAR(100) NULL,
    item_unit NVARCHAR(100) NULL,
    item_grp1 NVARCHAR(100) NULL,
    item_grp2 NVARCHAR(100) NULL,
    item_grp3 NVARCHAR(100) NULL,
    item_grp1nm NVARCHAR(100) NULL,
    item_grp2nm NVARCHAR(100) NULL,
    item_grp3nm NVARCHAR(100) NULL,
    standard_yn NVARCHAR(1) NULL,
    group1 NVARCHAR(100) NULL,
    group2 NVARCHAR(100) NULL,
    group3 NVARCHAR(100) NULL,
    draw_no NVARCHAR(100) NULL,
    draw_rev NVARCHAR(100) NULL,
    draw_sheet_no NVARCHAR(100) NULL,
    draw_use NVARCHAR(100) NULL,
    item_nm_eng NVARCHAR(100) NULL,
    outdiameter DECIMAL(18, 4) NULL,
    indiameter DECIMAL(18, 4) NULL,
    outthickness DECIMAL(18, 4) NULL,
    outdiameter_unit NVARCHAR(20) NULL,
    rotate_clockwise INTEGER NULL,
    rotate_ctrclockwise INTEGER NULL,
    sealtypegrup NVARCHAR(100) NULL,
    in_sealtype_cd NVARCHAR(50) NULL,
    in_sealsize DECIMAL(18, 4) NULL,
    in_sealsize_uom NVARCHAR(20) NULL,
    mid_sealtype_cd NVARCHAR(50) NULL,
    mid_sealsize DECIMAL(18, 4) NULL,
    mid_sealsize_uom NVARCHAR(20) NULL,
    out_sealtype_cd NVARCHAR(50) NULL,
    out_sealsize DECIMAL(18, 4) NULL,
    out_sealsize_uom NVARCHAR(20) NULL,
    raw_matl_kind NVARCHAR(50) NULL,
    raw_matl_kindnm NVARCHAR(255) NULL,
    insrt_dt DATETIME2(7) NULL,
    modi_dt DATETIME2(7) NULL,
    CONSTRAINT pk_item_master PRIMARY KEY (item_cd)
);

GO

CREATE TABLE routing_master (
    routing_id BIGINT NOT NULL IDENTITY,
    item_cd NVARCHAR(100) NOT NULL,
    rout_no NVARCHAR(50) NULL,
    proc_seq INTEGER NOT NULL,
    inside_flag NVARCHAR(1) NULL,
    job_cd NVARCHAR(100) NULL,
    job_nm NVARCHAR(100) NULL,
    res_cd NVARCHAR(100) NULL,
    res_dis NVARCHAR(100) NULL,
    time_unit NVARCHAR(100) NULL,
    mfg_lt DECIMAL(18, 4) NULL,
    queue_time DECIMAL(18, 4) NULL,
    setup_time DECIMAL(18, 4) NULL,
    run_time DECIMAL(18, 4) NULL,
    run_time_unit NVARCHAR(20) NULL,
    mach_worked_hours DECIMAL(18, 4) NULL,
    act_setup_time DECIMAL(18, 4) NULL,
    act_run_time DECIMAL(18, 4) NULL,
    wait_time DECIMAL(18, 4) NULL,
    move_time DECIMAL(18, 4) NULL,
    run_time_qty DECIMAL(18, 4) NULL,
    batch_oper NVARCHAR(1) NULL,
    bp_cd NVARCHAR(50) NULL,
    cust_nm NVARCHAR(255) NULL,
    cur_cd NVARCHAR(20) NULL,
    subcontract_prc DECIMAL(18, 4) NULL,
    tax_type NVARCHAR(20) NULL,
    milestone_flg NVARCHAR(1) NULL,
    insp_flg NVARCHAR(1) NULL,
    rout_order INTEGER NULL,
    valid_from_dt DATE NULL,
    valid_to_dt DATE NULL,
    remark NVARCHAR(max) NULL,
    rout_doc NVARCHAR(255) NULL,
    doc_inside NVARCHAR(255) NULL,
    doc_no NVARCHAR(255) NULL,
    nc_program NVARCHAR(255) NULL,
    nc_program_writer NVARCHAR(255) NULL,
    nc_writer_nm NVARCHAR(255) NULL,
    nc_write_date DATE NULL,
    nc_reviewer NVARCHAR(50) NULL,
    nc_reviewer_nm NVARCHAR(255) NULL,
    nc_review_dt DATE NULL,
    raw_matl_size NVARCHAR(100) NULL,
    jaw_size NVARCHAR(100) NULL,
    validity NVARCHAR(100) NULL,
    program_remark NVARCHAR(max) NULL,
    op_draw_no NVARCHAR(100) NULL,
    mtmg_numb NVARCHAR(100) NULL,
    insrt_dt DATETIME2(7) NULL,
    CONSTRAINT pk_routing_master PRIMARY KEY (routing_id),
    CONSTRAINT fk_routing_master_item_cd FOREIGN KEY(item_cd) REFERENCES item_master (item_cd)
);

GO

CREATE INDEX ix_routing_master_item_cd ON routing_master (item_cd);

GO

CREATE UNIQUE INDEX ix_routing_master_item_cd_rout_no_proc_seq ON routing_master (item_cd, rout_no, proc_seq) WHERE rout_no IS NOT NULL;

GO

CREATE INDEX ix_routing_master_proc_seq ON routing_master (proc_seq);

GO

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0003';

GO

-- Running upgrade 0004 -> 0005

CREATE TABLE audit_events (
    id INTEGER NOT NULL IDENTITY,
    event_type NVARCHAR(50) NOT NULL,
    username NVARCHAR(100) NULL,
    ip_address NVARCHAR(45) NULL,
    action NVARCHAR(100) NOT NULL,
    resource_type NVARCHAR(50) NULL,
    resource_id NVARCHAR(100) NULL,
    payload NVARCHAR(max) NULL,
    created_at DATETIME2(7) NOT NULL DEFAULT SYSUTCDATETIME(),
    CONSTRAINT pk_audit_events PRIMARY KEY (id),
    CONSTRAINT ck_audit_events_payload_json CHECK (CASE WHEN (payload IS NULL OR ISJSON(payload) = 1) THEN 1 WHEN (ISJSON(N'[' + payload + N']') = 1 AND ISJSON(N'{"v":' + payload + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE INDEX ix_audit_events_created_at ON audit_events (created_at);

GO

CREATE INDEX ix_audit_events_event_type ON audit_events (event_type);

GO

CREATE INDEX ix_audit_events_username ON audit_events (username);

GO

CREATE TABLE model_registry (
    id INTEGER NOT NULL IDENTITY,
    model_name NVARCHAR(255) NOT NULL,
    model_version NVARCHAR(50) NOT NULL,
    model_path NVARCHAR(500) NOT NULL,
    accuracy DECIMAL(10, 8) NULL,
    precision_score DECIMAL(10, 8) NULL,
    recall_score DECIMAL(10, 8) NULL,
    f1_score DECIMAL(10, 8) NULL,
    training_samples INTEGER NULL,
    training_duration_sec INTEGER NULL,
    hyperparameters NVARCHAR(max) NULL,
    is_active BIT NULL,
    deployed_at DATETIME2(7) NULL,
    deprecated_at DATETIME2(7) NULL,
    created_at DATETIME2(7) NULL,
    created_by NVARCHAR(100) NULL,
    CONSTRAINT pk_model_registry PRIMARY KEY (id),
    CONSTRAINT uq_model_registry_model_name_model_version UNIQUE (model_name, model_version),
    CONSTRAINT ck_model_registry_hyperparameters_json CHECK (CASE WHEN (hyperparameters IS NULL OR ISJSON(hyperparameters) = 1) THEN 1 WHEN (ISJSON(N'[' + hyperparameters + N']') = 1 AND ISJSON(N'{"v":' + hyperparameters + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE TABLE ml_predictions (
    id INTEGER NOT NULL IDENTITY,
    source_item_cd NVARCHAR(100) NOT NULL,
    candidate_id INTEGER NOT NULL,
    reference_item_cd NVARCHAR(100) NULL,
    routing_signature NVARCHAR(200) NULL,
    priority NVARCHAR(50) NULL,
    similarity_score DECIMAL(10, 8) NULL,
    similarity_tier NVARCHAR(50) NULL,
    feature_importance NVARCHAR(max) NULL,
    matched_features NVARCHAR(max) NULL,
    proc_seq INTEGER NULL,
    inside_flag NVARCHAR(50) NULL,
    job_cd NVARCHAR(50) NULL,
    job_nm NVARCHAR(100) NULL,
    res_cd NVARCHAR(50) NULL,
    res_dis NVARCHAR(100) NULL,
    setup_time DECIMAL(18, 4) NULL,
    run_time DECIMAL(18, 4) NULL,
    wait_time DECIMAL(18, 4) NULL,
    model_version NVARCHAR(50) NULL,
    prediction_metadata NVARCHAR(max) NULL,
    created_at DATETIME2(7) NULL,
    created_by NVARCHAR(100) NULL,
    CONSTRAINT pk_ml_predictions PRIMARY KEY (id),
    CONSTRAINT fk_ml_predictions_reference_item_cd FOREIGN KEY(reference_item_cd) REFERENCES item_master (item_cd),
    CONSTRAINT ck_ml_predictions_feature_importance_json CHECK (CASE WHEN (feature_importance IS NULL OR ISJSON(feature_importance) = 1) THEN 1 WHEN (ISJSON(N'[' + feature_importance + N']') = 1 AND ISJSON(N'{"v":' + feature_importance + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_ml_predictions_matched_features_json CHECK (CASE WHEN (matched_features IS NULL OR ISJSON(matched_features) = 1) THEN 1 WHEN (ISJSON(N'[' + matched_features + N']') = 1 AND ISJSON(N'{"v":' + matched_features + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_ml_predictions_prediction_metadata_json CHECK (CASE WHEN (prediction_metadata IS NULL OR ISJSON(prediction_metadata) = 1) THEN 1 WHEN (ISJSON(N'[' + prediction_metadata + N']') = 1 AND ISJSON(N'{"v":' + prediction_metadata + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE INDEX ix_ml_predictions_source_item_cd ON ml_predictions (source_item_cd);

GO

CREATE TABLE concept_drift_log (
    id INTEGER NOT NULL IDENTITY,
    kl_divergence DECIMAL(18, 8) NOT NULL,
    drift_detected BIT NOT NULL,
    threshold_value DECIMAL(10, 4) NULL DEFAULT 0.5,
    model_version NVARCHAR(50) NULL,
    prediction_count INTEGER NULL,
    baseline_distribution NVARCHAR(max) NULL,
    current_distribution NVARCHAR(max) NULL,
    retraining_triggered BIT NULL,
    alert_sent BIT NULL,
    detected_at DATETIME2(7) NULL,
    CONSTRAINT pk_concept_drift_log PRIMARY KEY (id),
    CONSTRAINT ck_concept_drift_log_baseline_distribution_json CHECK (CASE WHEN (baseline_distribution IS NULL OR ISJSON(baseline_distribution) = 1) THEN 1 WHEN (ISJSON(N'[' + baseline_distribution + N']') = 1 AND ISJSON(N'{"v":' + baseline_distribution + N'}') = 1) THEN 1 ELSE 0 END = 1),
    CONSTRAINT ck_concept_drift_log_current_distribution_json CHECK (CASE WHEN (current_distribution IS NULL OR ISJSON(current_distribution) = 1) THEN 1 WHEN (ISJSON(N'[' + current_distribution + N']') = 1 AND ISJSON(N'{"v":' + current_distribution + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE TABLE view_configs (
    id INTEGER NOT NULL IDENTITY,
    view_name NVARCHAR(256) NOT NULL,
    display_name NVARCHAR(256) NOT NULL,
    columns_config NVARCHAR(max) NOT NULL,
    enable_checklist BIT NOT NULL DEFAULT 0,
    checklist_column_name NVARCHAR(100) NOT NULL DEFAULT N'체크',
    created_at DATETIME2(7) NOT NULL,
    created_by NVARCHAR(100) NOT NULL,
    updated_at DATETIME2(7) NOT NULL,
    updated_by NVARCHAR(100) NOT NULL,
    CONSTRAINT pk_view_configs PRIMARY KEY (id),
    CONSTRAINT uq_view_configs_view_name UNIQUE (view_name),
    CONSTRAINT ck_view_configs_columns_config_json CHECK (CASE WHEN (columns_config IS NULL OR ISJSON(columns_config) = 1) THEN 1 WHEN (ISJSON(N'[' + columns_config + N']') = 1 AND ISJSON(N'{"v":' + columns_config + N'}') = 1) THEN 1 ELSE 0 END = 1)
);

GO

CREATE INDEX ix_view_configs_updated_at ON view_configs (updated_at DESC);

GO

CREATE TABLE view_checklists (
    id INTEGER NOT NULL IDENTITY,
    view_name NVARCHAR(256) NOT NULL,
    row_id NVARCHAR(494) NOT NULL,
    username NVARCHAR(100) NOT NULL,
    checked_at DATETIME2(7) NOT NULL,
    CONSTRAINT pk_view_checklists PRIMARY KEY (id),
    CONSTRAINT uq_view_checklists_view_name_row_id_username UNIQUE (view_name, row_id, username)
);

GO

CREATE INDEX ix_view_checklists_checked_at ON view_checklists (checked_at);

GO

CREATE INDEX ix_view_checklists_username ON view_checklists (username);

GO

CREATE INDEX ix_view_checklists_view_name ON view_checklists (view_name);

GO

UPDATE alembic_version SET version_num='0005' WHERE alembic_version.version_num = '0004';

GO

COMMIT;

GO

