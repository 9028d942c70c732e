"""How plans, results and progress are shown: on a terminal, piped, as JSON, and as one HTML page.

Nothing here decides anything about a migration, opens a connection, or writes a file.
"""
