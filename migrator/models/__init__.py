"""The auth and routing data as SQLAlchemy models: what Alembic's revisions build and a run fills.

They declare tables and nothing else; no engine and no session is made here.
"""

from __future__ import annotations

from migrator.models.auth import User
from migrator.models.base import Base
from migrator.models.groups import ProcessGroup, RoutingGroup
from migrator.models.master import Item, ItemMaster, RoutingMaster
from migrator.models.operations import (
    AuditEvent,
    ConceptDrift,
    Prediction,
    RegisteredModel,
    ViewChecklist,
    ViewConfig,
)
from migrator.models.rules import RuleGroup, RuleRef, RuleStep

__all__ = [
    "AuditEvent",
    "Base",
    "ConceptDrift",
    "Item",
    "ItemMaster",
    "Prediction",
    "ProcessGroup",
    "RegisteredModel",
    "RoutingGroup",
    "RoutingMaster",
    "RuleGroup",
    "RuleRef",
    "RuleStep",
    "User",
    "ViewChecklist",
    "ViewConfig",
]
