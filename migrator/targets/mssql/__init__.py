"""SQL Server 2016 and later, Azure SQL Database and Managed Instance, over `mssql-python` or `pyodbc`."""

from migrator.targets.mssql.dialect import DIALECT

__all__ = ["DIALECT"]
