"""Access SQL as neutral SQL: expressions of tables (defaults, validation rules, calculated columns) and queries.

What neutral SQL means is documented in `migrator.sources.sqlite.expressions`. Whatever cannot keep its meaning
exactly is refused with a reason; nothing here reads files.
"""

from __future__ import annotations

from migrator.sources.access.sql.expressions import Translated, calculated, translate_default, translate_rule
from migrator.sources.access.sql.queries import views
from migrator.sources.access.sql.relations import Relation

__all__ = ["Relation", "Translated", "calculated", "translate_default", "translate_rule", "views"]
