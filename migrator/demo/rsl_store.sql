-- The auth and rule store as SQLAlchemy creates it on SQLite, with what its team added by hand at the end.

CREATE TABLE users (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	username VARCHAR(150) NOT NULL,
	normalized_username VARCHAR(150) NOT NULL,
	display_name VARCHAR(255),
	full_name VARCHAR(255),
	email VARCHAR(255),
	password_hash VARCHAR(255) NOT NULL,
	status VARCHAR(32) DEFAULT 'pending' NOT NULL,
	is_admin BOOLEAN DEFAULT 0 NOT NULL,
	must_change_password BOOLEAN DEFAULT 0 NOT NULL,
	invited_by VARCHAR(150),
	initial_password_sent_at DATETIME,
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	approved_at DATETIME,
	rejected_at DATETIME,
	last_login_at DATETIME,
	CHECK (is_admin IN (0, 1)),
	CHECK (must_change_password IN (0, 1))
);
CREATE UNIQUE INDEX ix_users_normalized_username ON users (normalized_username);

CREATE TABLE rsl_group (
	id INTEGER NOT NULL,
	slug VARCHAR(64) NOT NULL,
	name VARCHAR(255) NOT NULL,
	description TEXT,
	owner VARCHAR(255) NOT NULL,
	tags JSON DEFAULT '[]' NOT NULL,
	erp_required BOOLEAN DEFAULT 0 NOT NULL,
	status VARCHAR(32) DEFAULT 'draft' NOT NULL,
	validation_errors JSON NOT NULL,
	last_validated_at DATETIME,
	released_at DATETIME,
	released_by VARCHAR(255),
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (slug),
	CHECK (erp_required IN (0, 1)),
	CONSTRAINT ck_rsl_group_status CHECK (status IN ('draft', 'review', 'released', 'archived'))
);
CREATE INDEX ix_rsl_group_owner ON rsl_group (owner);

CREATE TABLE rsl_step (
	id INTEGER NOT NULL,
	group_id INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	name VARCHAR(255) NOT NULL,
	description TEXT,
	status VARCHAR(32) DEFAULT 'draft' NOT NULL,
	tags JSON DEFAULT '[]' NOT NULL,
	config JSON NOT NULL,
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT uq_rsl_step_group_sequence UNIQUE (group_id, sequence),
	FOREIGN KEY(group_id) REFERENCES rsl_group (id) ON DELETE CASCADE
);
CREATE INDEX ix_rsl_step_group_id ON rsl_step (group_id);

CREATE TABLE rsl_rule_ref (
	id INTEGER NOT NULL,
	step_id INTEGER NOT NULL,
	rule_name VARCHAR(255) NOT NULL,
	rule_version VARCHAR(64),
	metadata JSON NOT NULL,
	is_optional BOOLEAN DEFAULT 0 NOT NULL,
	created_at DATETIME NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT uq_rsl_rule_ref UNIQUE (step_id, rule_name, rule_version),
	FOREIGN KEY(step_id) REFERENCES rsl_step (id) ON DELETE CASCADE,
	CHECK (is_optional IN (0, 1))
);
CREATE INDEX ix_rsl_rule_ref_step_id ON rsl_rule_ref (step_id);

CREATE TABLE items (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	item_code VARCHAR(50) NOT NULL,
	item_name VARCHAR(200),
	material_code VARCHAR(50),
	part_type VARCHAR(50),
	drawing_number VARCHAR(100),
	dimension_length FLOAT,
	dimension_width FLOAT,
	dimension_height FLOAT,
	dimension_diameter FLOAT,
	dimension_thickness FLOAT,
	category VARCHAR(100),
	sub_category VARCHAR(100),
	description TEXT,
	remarks TEXT,
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	deleted_at DATETIME,
	is_active INTEGER DEFAULT 1 NOT NULL,
	quality_checked INTEGER DEFAULT 0 NOT NULL,
	UNIQUE (item_code)
);
CREATE INDEX ix_items_material_code ON items (material_code);
CREATE INDEX ix_items_part_type ON items (part_type);
CREATE INDEX ix_items_drawing_number ON items (drawing_number);
CREATE INDEX ix_items_created_at ON items (created_at);
CREATE INDEX ix_items_updated_at ON items (updated_at);
CREATE INDEX ix_items_name_lower ON items (lower(item_name));

CREATE TABLE audit_events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	event_type VARCHAR(50) NOT NULL,
	username VARCHAR(100),
	ip_address VARCHAR(45),
	action VARCHAR(100) NOT NULL,
	resource_type VARCHAR(50),
	resource_id VARCHAR(100),
	payload JSON,
	created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE INDEX ix_audit_events_event_type ON audit_events (event_type);
CREATE INDEX ix_audit_events_username ON audit_events (username);
CREATE INDEX ix_audit_events_created_at ON audit_events (created_at DESC);

CREATE VIEW active_users AS
SELECT id, username, display_name, email, is_admin, last_login_at
FROM users
WHERE status = 'active';

CREATE VIEW rsl_group_overview AS
SELECT g.id, g.slug, g.name, g.status, count(s.id) AS steps
FROM rsl_group AS g
LEFT JOIN rsl_step AS s ON s.group_id = g.id
GROUP BY g.id, g.slug, g.name, g.status;

CREATE TRIGGER rsl_group_touch AFTER UPDATE OF name, description, status ON rsl_group
BEGIN
	UPDATE rsl_group SET updated_at = strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE id = NEW.id;
END;
