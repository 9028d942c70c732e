"""Source tables into given ones: which goes where, what that demands of the values, and the plan.

Pure. The parts of this folder follow each other: assignment, demands, tables.
"""

from migrator.planner.given.assignment import Assigned, Assignment, assign, with_secrets
from migrator.planner.given.demands import Request, fixed_types, request
from migrator.planner.given.tables import GivenPlanner

__all__ = ["Assigned", "Assignment", "GivenPlanner", "Request", "assign", "fixed_types", "request", "with_secrets"]
