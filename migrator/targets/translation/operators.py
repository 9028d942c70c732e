"""Operators that are put together in the same way in every target's SQL: constants, AND and OR, comparisons of
values and rows, IN, and the conditions of CASE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from migrator.targets import Untranslatable
from migrator.targets.translation import typeof
from migrator.targets.translation.alignment import DIFFERENT, DISTINCT, EQUAL, SAME, all_of, any_of
from migrator.targets.translation.nodes import chain, literal
from migrator.targets.translation.speech import Speech
from migrator.targets.translation.terms import Level, Rule, Term, Translate, truth


@dataclass(frozen=True, slots=True)
class Operators:
    """What a target makes of conditions and comparisons."""

    speech: Speech
    condition: Callable[[Term], Term]
    """A term where a truth value is needed. Raises Untranslatable."""
    negated: Callable[[Term], Term]
    """NOT of a truth value."""
    compared: Callable[[str, Term, Term], Term]
    """A comparison of two terms. Raises Untranslatable."""
    any_equal: Callable[[Term, Sequence[Term]], Term]
    """Whether the first equals any of the others. Raises Untranslatable."""
    in_query: Rule
    """`x IN (SELECT …)`."""

    def rules(self) -> dict[type[exp.Expr], Rule]:
        """The rules for these operators."""
        return {
            **dict.fromkeys((exp.Literal, exp.Boolean, exp.Null), self._constant),
            exp.Paren: self._paren,
            exp.And: self._logic("AND", Level.AND),
            exp.Or: self._logic("OR", Level.OR),
            exp.EQ: self._comparison(EQUAL),
            exp.NEQ: self._comparison(DIFFERENT),
            exp.LT: self._comparison("<"),
            exp.LTE: self._comparison("<="),
            exp.GT: self._comparison(">"),
            exp.GTE: self._comparison(">="),
            exp.NullSafeEQ: self._comparison(SAME),
            exp.NullSafeNEQ: self._comparison(DISTINCT),
            exp.In: self._in,
        }

    def cases(self, node: exp.Expr, translate: Translate) -> tuple[list[Term], list[Term], bool]:
        """The conditions of a CASE, its results, and whether the last of these is its ELSE. `CASE x WHEN y`
        compares each y as `x = y` does."""
        subject = translate(node.this) if node.this is not None else None
        branches, default = node.args["ifs"], node.args.get("default")
        conditions = [self._case(subject, translate(branch.this)) for branch in branches]
        results = [translate(branch.args["true"]) for branch in branches]
        results += [translate(default)] if default is not None else []
        return conditions, results, default is not None

    def _case(self, subject: Term | None, term: Term) -> Term:
        return self.condition(term) if subject is None else self.compared(EQUAL, subject, term)

    def _constant(self, node: exp.Expr, _translate: Translate) -> Term:
        return self.speech.constant(literal(node))

    def _paren(self, node: exp.Expr, translate: Translate) -> Term:
        """Brackets are set by binding strength."""
        return translate(node.this)

    def _logic(self, word: str, level: Level) -> Rule:
        def rule(node: exp.Expr, translate: Translate) -> Term:
            sides = [self.condition(translate(side)) for side in chain(node)]
            certain = all(side.certain for side in sides)
            return truth(f" {word} ".join(side.at(level) for side in sides), level, certain=certain)

        return rule

    def _comparison(self, operator: str) -> Rule:
        def rule(node: exp.Expr, translate: Translate) -> Term:
            if isinstance(node.this, exp.Tuple):
                return self._rows(operator, node, translate)
            found = typeof.compared(operator, node, translate, self.speech)
            return found or self.compared(operator, translate(node.this), translate(node.expression))

        return rule

    def _rows(self, operator: str, node: exp.Expr, translate: Translate) -> Term:
        """`(a, b) = (c, d)`."""
        left, right = node.this.expressions, node.expression.expressions
        if operator not in (EQUAL, DIFFERENT) or len(left) != len(right):
            raise Untranslatable("Rows are compared for equality only.")
        pairs = zip(left, right, strict=True)
        both = all_of([self.compared(EQUAL, translate(a), translate(b)) for a, b in pairs])
        return both if operator == EQUAL else self.negated(both)

    def _in(self, node: exp.Expr, translate: Translate) -> Term:
        if isinstance(node.this, exp.Tuple):
            return self._row_in(node, translate)
        if node.args.get("query") is not None:
            return self.in_query(node, translate)
        found = typeof.compared("IN", node, translate, self.speech)
        return found or self.any_equal(translate(node.this), [translate(item) for item in node.expressions])

    def _row_in(self, node: exp.Expr, translate: Translate) -> Term:
        """`(a, b) IN ((c, d), …)`."""
        if not node.expressions:
            raise Untranslatable("SQLite compares rows with those of a query.")
        return any_of(
            [self._rows(EQUAL, exp.EQ(this=node.this, expression=item), translate) for item in node.expressions]
        )
