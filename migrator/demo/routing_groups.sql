-- The routing groups as SQLAlchemy creates them on SQLite.

CREATE TABLE process_groups (
	id CHAR(36) NOT NULL,
	name VARCHAR(128) NOT NULL,
	description VARCHAR(512),
	type VARCHAR(32) NOT NULL,
	owner VARCHAR(255) NOT NULL,
	default_columns JSON NOT NULL,
	fixed_values JSON NOT NULL,
	is_active BOOLEAN DEFAULT 1 NOT NULL,
	version INTEGER DEFAULT 1 NOT NULL,
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	deleted_at DATETIME,
	PRIMARY KEY (id),
	CONSTRAINT uq_process_groups_owner_name UNIQUE (owner, name),
	CONSTRAINT ck_process_groups_type CHECK (type IN ('machining', 'post-process')),
	CHECK (is_active IN (0, 1))
);
CREATE INDEX ix_process_groups_owner ON process_groups (owner);
CREATE INDEX ix_process_groups_type ON process_groups (type);

CREATE TABLE routing_groups (
	id CHAR(36) NOT NULL,
	group_name VARCHAR(64) NOT NULL,
	owner VARCHAR(255) NOT NULL,
	item_codes JSON NOT NULL,
	steps JSON NOT NULL,
	connections JSON NOT NULL,
	erp_required BOOLEAN DEFAULT 0 NOT NULL,
	metadata JSON,
	version INTEGER DEFAULT 1 NOT NULL,
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	deleted_at DATETIME,
	PRIMARY KEY (id),
	CONSTRAINT uq_routing_groups_owner_name UNIQUE (owner, group_name),
	CHECK (erp_required IN (0, 1))
);
CREATE INDEX ix_routing_groups_owner ON routing_groups (owner);
CREATE INDEX ix_routing_groups_updated_at ON routing_groups (updated_at);
CREATE INDEX ix_routing_groups_live ON routing_groups (owner, updated_at) WHERE deleted_at IS NULL;

CREATE VIEW live_routing_groups AS
SELECT id, group_name, owner, version, updated_at
FROM routing_groups
WHERE deleted_at IS NULL;
