BEGIN TRANSACTION;

-- Running downgrade 0005 -> 0004

DROP INDEX ix_view_checklists_view_name ON view_checklists;

GO

DROP INDEX ix_view_checklists_username ON view_checklists;

GO

DROP INDEX ix_view_checklists_checked_at ON view_checklists;

GO

DROP TABLE view_checklists;

GO

DROP INDEX ix_view_configs_updated_at ON view_configs;

GO

DROP TABLE view_configs;

GO

DROP TABLE concept_drift_log;

GO

DROP INDEX ix_ml_predictions_source_item_cd ON ml_predictions;

GO

DROP TABLE ml_predictions;

GO

DROP TABLE model_registry;

GO

DROP INDEX ix_audit_events_username ON audit_events;

GO

DROP INDEX ix_audit_events_event_type ON audit_events;

GO

DROP INDEX ix_audit_events_created_at ON audit_events;

GO

DROP TABLE audit_events;

GO

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0005';

GO

-- Running downgrade 0004 -> 0003

DROP INDEX ix_routing_master_proc_seq ON routing_master;

GO

DROP INDEX ix_routing_master_item_cd_rout_no_proc_seq ON routing_master;

GO

DROP INDEX ix_routing_master_item_cd ON routing_master;

GO

DROP TABLE routing_master;

GO

DROP TABLE item_master;

GO

DROP INDEX ix_items_updated_at ON items;

GO

DROP INDEX ix_items_part_type ON items;

GO

DROP INDEX ix_items_material_code ON items;

GO

DROP INDEX ix_items_drawing_number ON items;

GO

DROP INDEX ix_items_created_at ON items;

GO

DROP TABLE items;

GO

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0004';

GO

-- Running downgrade 0003 -> 0002

DROP INDEX ix_process_groups_type ON process_groups;

GO

DROP INDEX ix_process_groups_owner ON process_groups;

GO

DROP TABLE process_groups;

GO

DROP INDEX ix_routing_groups_updated_at ON routing_groups;

GO

DROP INDEX ix_routing_groups_owner ON routing_groups;

GO

DROP TABLE routing_groups;

GO

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0003';

GO

-- Running downgrade 0002 -> 0001

DROP INDEX ix_rsl_rule_ref_step_id_rule_name_rule_version ON rsl_rule_ref;

GO

DROP INDEX ix_rsl_rule_ref_step_id ON rsl_rule_ref;

GO

DROP TABLE rsl_rule_ref;

GO

DROP INDEX ix_rsl_step_group_id ON rsl_step;

GO

DROP TABLE rsl_step;

GO

DROP INDEX ix_rsl_group_owner ON rsl_group;

GO

DROP TABLE rsl_group;

GO

UPDATE alembic_version SET version_num='0001' WHERE alembic_version.version_num = '0002';

GO

-- Running downgrade 0001 ->

DROP INDEX ix_users_normalized_username ON users;

GO

DROP TABLE users;

GO

DELETE FROM alembic_version WHERE alembic_version.version_num = '0001';

GO

COMMIT;

GO

