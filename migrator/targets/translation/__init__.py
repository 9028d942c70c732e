"""What translating neutral SQL is for every target: terms, constants, affinities, names, the walk through a query.

A target brings its SQL: a `Speech` for values, a `Clock` for times, a `Grammar` for queries and a table of rules
for nodes. Nothing here is the SQL of one target, and no target is asked for its name.
"""
