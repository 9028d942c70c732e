"""What several targets do alike: the order of a run's steps, SQLAlchemy's objects, URLs without secrets.

Nothing here knows which database it works for; no module here is a target.
"""
