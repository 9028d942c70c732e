BEGIN;

-- Running downgrade 0005 -> 0004

DROP INDEX ix_view_checklists_view_name;

DROP INDEX ix_view_checklists_username;

DROP INDEX ix_view_checklists_checked_at;

DROP TABLE view_checklists;

DROP INDEX ix_view_configs_updated_at;

DROP TABLE view_configs;

DROP TABLE concept_drift_log;

DROP INDEX ix_ml_predictions_source_item_cd;

DROP TABLE ml_predictions;

DROP TABLE model_registry;

DROP INDEX ix_audit_events_username;

DROP INDEX ix_audit_events_event_type;

DROP INDEX ix_audit_events_created_at;

DROP TABLE audit_events;

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0005';

-- Running downgrade 0004 -> 0003

DROP INDEX ix_routing_master_proc_seq;

DROP INDEX ix_routing_master_item_cd_rout_no_proc_seq;

DROP INDEX ix_routing_master_item_cd;

DROP TABLE routing_master;

DROP TABLE item_master;

DROP INDEX ix_items_updated_at;

DROP INDEX ix_items_part_type;

DROP INDEX ix_items_material_code;

DROP INDEX ix_items_drawing_number;

DROP INDEX ix_items_created_at;

DROP TABLE items;

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0004';

-- Running downgrade 0003 -> 0002

DROP INDEX ix_process_groups_type;

DROP INDEX ix_process_groups_owner;

DROP TABLE process_groups;

DROP INDEX ix_routing_groups_updated_at;

DROP INDEX ix_routing_groups_owner;

DROP TABLE routing_groups;

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0003';

-- Running downgrade 0002 -> 0001

DROP INDEX ix_rsl_rule_ref_step_id_rule_name_rule_version;

DROP INDEX ix_rsl_rule_ref_step_id;

DROP TABLE rsl_rule_ref;

DROP INDEX ix_rsl_step_group_id;

DROP TABLE rsl_step;

DROP INDEX ix_rsl_group_owner;

DROP TABLE rsl_group;

UPDATE alembic_version SET version_num='0001' WHERE alembic_version.version_num = '0002';

-- Running downgrade 0001 ->

DROP INDEX ix_users_normalized_username;

DROP TABLE users;

DELETE FROM alembic_version WHERE alembic_version.version_num = '0001';

COMMIT;

