"""A plan's SQL as a script that can be read and run."""

from __future__ import annotations

from migrator.model.plan import Plan


def render_script(plan: Plan, terminator: str) -> str:
    """Every statement in order, each with what ends it for the target's own client; data steps are comments."""
    lines: list[str] = []
    for step in plan.steps:
        lines.append(f"-- {step.id}. {step.phase.value}: {step.comment}".replace("\n", " "))
        lines.extend(f"{statement}{terminator}" for statement in step.do)
        lines.append("")
    return "\n".join(lines)
