"""SQL Server 2016 and later, Azure SQL Database and Managed Instance, over `mssql-python` or `pyodbc`."""
