"""PostgreSQL 14 and later, over psycopg, `pgpq` and ADBC."""

from migrator.targets.postgresql.dialect import DIALECT

__all__ = ["DIALECT"]
