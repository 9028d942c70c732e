"""Move SQLite and Access databases to PostgreSQL and SQL Server, prove it, and take it back."""
