"""The neutral vocabulary every other module speaks: types, schema, profile, findings, plan, result.

It is pure: no connection, no file, no dialect.
"""
