"""Expressions, node by node: SQLite's operators and quirks into standard nodes.

Only what is listed here passes; everything else has no standard meaning. Functions are in `functions`, dates
and times in `times`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from sqlglot import exp

from migrator.sources.sqlite.expressions import functions, times
from migrator.sources.sqlite.expressions.names import Names, NoStandardMeaning

Rewrite = Callable[[exp.Expr], exp.Expr]
Rule = Callable[[exp.Expr, Rewrite], exp.Expr]

_MAX_INTEGER: Final = 2**63 - 1


def rewritten(node: exp.Expr, names: Names) -> exp.Expr:
    """The neutral form of an expression.

    Raises:
        NoStandardMeaning: Some part of it has none.
    """
    if isinstance(node, exp.Column):
        return names.column(node)
    if isinstance(node, (exp.Select, exp.SetOperation)):
        return names.query(node)
    if isinstance(node, exp.In) and isinstance(node.args.get("field"), exp.Column):
        node = _in_table(node)
    if node.error_messages():
        raise NoStandardMeaning(f"incomplete {node.key}")
    for rules in (_RULES, functions.RULES, times.RULES):
        if type(node) in rules:
            return rules[type(node)](node, lambda part: rewritten(part, names))
    raise NoStandardMeaning(node.sql())


def compared(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """The neutral form of what orders or indexes by its own COLLATE clause."""
    value, collation = _collation(node)
    return _under(rewrite(value), collation)


def _collation(node: exp.Expr) -> tuple[exp.Expr, str | None]:
    """A value and the collation it names."""
    inner = node.this if isinstance(node, exp.Paren) else node
    return (inner.this, inner.expression.name.upper()) if isinstance(inner, exp.Collate) else (node, None)


def _under(value: exp.Expr, collation: str | None) -> exp.Expr:
    """What has to be compared to compare as a collation does: NOCASE in lower case, RTRIM without blanks at
    the end, BINARY as it is (https://sqlite.org/datatype3.html#collating_sequences)."""
    if collation == "NOCASE":
        return exp.Lower(this=value)
    if collation == "RTRIM":
        return exp.Trim(this=value, position="TRAILING")
    if collation in (None, "BINARY"):
        return value
    raise NoStandardMeaning(f"COLLATE {collation}")


def _collate(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """A COLLATE clause where nothing is compared: BINARY goes, any other would be lost."""
    value, collation = _collation(node)
    if collation != "BINARY":
        raise NoStandardMeaning(node.sql())
    return rewrite(value)


def _comparison(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """A comparison under the collation an operand names, the left one's before the right one's
    (https://sqlite.org/datatype3.html#assigning_collating_sequences_from_sql)."""
    parts = {key: value for key, value in node.args.items() if isinstance(value, (exp.Expr, list))}
    named = (_collation(part)[1] for part in _flat(parts.values()))
    collation = next((name for name in named if name is not None), None)

    def side(part: exp.Expr) -> exp.Expr:
        value, own = _collation(part)
        return _under(rewrite(value if own else part), collation)

    return type(node)(
        **{
            key: [side(p) for p in value] if isinstance(value, list) else side(value)
            for key, value in parts.items()
        }
    )


def _flat(values: Iterable[exp.Expr | list[exp.Expr]]) -> Iterable[exp.Expr]:
    for value in values:
        yield from value if isinstance(value, list) else [value]


def _in(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    if node.args.get("field") is not None:
        raise NoStandardMeaning(node.sql())
    if node.args.get("query") is None and not node.expressions:
        return exp.false()  # https://sqlite.org/lang_expr.html#the_in_and_not_in_operators
    return _comparison(node, rewrite)


def _in_table(node: exp.In) -> exp.In:
    """`x IN t`, which is `x IN (SELECT * FROM t)`."""
    table = exp.Table(this=node.args["field"].this.copy())
    select = exp.Select(expressions=[exp.Star()], from_=exp.From(this=table))
    return exp.In(this=node.this.copy(), query=exp.Subquery(this=select))


def _pattern(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """LIKE ignores the case of A-Z (https://sqlite.org/lang_expr.html#like); collations do not matter."""
    matched = exp.ILike if isinstance(node, exp.Like) else type(node)
    this, expression = (rewrite(_collation(part)[0]) for part in (node.this, node.expression))
    result = matched(this=this, expression=expression)
    return exp.Not(this=result) if node.args.get("negate") else result


def _escape(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    escape = node.expression.copy()
    matched = rewrite(node.this)
    if isinstance(matched, exp.Not):
        return exp.Not(this=exp.Escape(this=matched.this, expression=escape))
    return exp.Escape(this=matched, expression=escape)


def _nullable_divisor(divisor: exp.Expr) -> exp.Expr:
    """Division by zero is NULL in SQLite (https://sqlite.org/lang_expr.html#operators), elsewhere an error."""
    if isinstance(divisor, exp.Literal) and not divisor.is_string and float(divisor.name) != 0:
        return divisor
    inner = divisor.this if isinstance(divisor, exp.Paren) else divisor
    return exp.Nullif(this=inner, expression=exp.Literal.number(0))


def _division(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    return type(node)(this=rewrite(node.this), expression=_nullable_divisor(rewrite(node.expression)))


def _literal(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    # An integer beyond 64 bits is a float in SQLite, or negative if it was written in hexadecimal.
    if not node.is_string and node.name.isdigit() and int(node.name) > _MAX_INTEGER:
        raise NoStandardMeaning(node.name)
    return node.copy()


def _negative(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    if isinstance(node.this, exp.Literal) and node.this.name == str(_MAX_INTEGER + 1):
        return node.copy()
    return _same(node, rewrite)


def _blob(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    return exp.Unhex(this=exp.Literal.string(node.name))


def _if(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """`iif(a, b, c)`; a CASE rewrites its own branches."""
    return exp.Case(ifs=[_branch(node, rewrite)], default=functions.optional(node.args.get("false"), rewrite))


def _case(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    return exp.Case(
        this=functions.optional(node.this, rewrite),
        ifs=[_branch(branch, rewrite) for branch in node.args["ifs"]],
        default=functions.optional(node.args.get("default"), rewrite),
    )


def _branch(node: exp.Expr, rewrite: Rewrite) -> exp.If:
    return exp.If(this=rewrite(node.this), true=rewrite(node.args["true"]))


def _affinity(declared: str) -> str:
    """The type a CAST converts to, https://sqlite.org/datatype3.html#determination_of_column_affinity."""
    if "INT" in declared:
        return "BIGINT"
    if re.search("CHAR|CLOB|TEXT", declared):
        return "TEXT"
    if "BINARY" in declared:  # what sqlglot makes of BLOB
        return "VARBINARY"
    return "DOUBLE" if re.search("REAL|FLOA|DOUB", declared) else "DECIMAL"


def _cast(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    declared = node.args["to"].sql().upper()
    return exp.Cast(this=rewrite(node.this), to=exp.DataType.build(_affinity(declared)))


def _subquery(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    if any(value for key, value in node.args.items() if key != "this") or not isinstance(node.this, exp.Query):
        raise NoStandardMeaning(node.sql())
    return type(node)(this=rewrite(node.this))


def _distinct(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    if len(node.expressions) != 1:
        raise NoStandardMeaning(node.sql())
    return _same(node, rewrite)


def _ordered(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    desc, nulls_first = node.args.get("desc"), node.args.get("nulls_first")
    return exp.Ordered(this=compared(node.this, rewrite), desc=desc, nulls_first=nulls_first)


def _window(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """A window function; `EXCLUDE` and `GROUPS` do not survive as neutral text."""
    spec = node.args.get("spec")
    if spec is not None and (spec.args.get("exclude") or str(spec.args.get("kind")).upper() == "GROUPS"):
        raise NoStandardMeaning(node.sql())
    return _filter(node, rewrite)


def _filter(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """FILTER and OVER belong to a function itself: not to the COALESCE that `total` becomes."""
    result = _same(node, rewrite)
    if isinstance(result.this, exp.Coalesce):
        raise NoStandardMeaning(node.sql())
    return result


def _chain(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """A chain of one operator that binds to the left, without a recursion for each link: SQLite allows a
    thousand (https://sqlite.org/limits.html)."""
    operands: list[exp.Expr] = []
    first: exp.Expr = node
    while type(first) is type(node):
        operands.append(first.expression)
        first = first.this
    result = rewrite(first)
    for operand in reversed(operands):
        result = type(node)(this=result, expression=rewrite(operand))
    return result


def _name(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    """An identifier that is no column: the name of a window."""
    return exp.Identifier(this=node.name, quoted=True)


def _copy(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    return node.copy()


_same = functions.same

_RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Literal: _literal,
    exp.HexString: _blob,
    exp.Null: _copy,
    exp.Boolean: _copy,
    exp.Identifier: _name,
    exp.Neg: _negative,
    exp.Div: _division,
    exp.Mod: _division,
    exp.In: _in,
    exp.Like: _pattern,
    exp.Glob: _pattern,
    exp.Escape: _escape,
    exp.Collate: _collate,
    exp.If: _if,
    exp.Case: _case,
    exp.Cast: _cast,
    exp.Distinct: _distinct,
    exp.Exists: _subquery,
    exp.Subquery: _subquery,
    exp.Ordered: _ordered,
    exp.Window: _window,
    exp.Filter: _filter,
    **dict.fromkeys((exp.Paren, exp.Tuple, exp.Not, exp.Is), _same),
    **dict.fromkeys((exp.And, exp.Or, exp.Add, exp.Sub, exp.Mul, exp.DPipe), _chain),
    **dict.fromkeys((exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseNot), _same),
    **dict.fromkeys((exp.BitwiseLeftShift, exp.BitwiseRightShift), _same),
    **dict.fromkeys((exp.Order, exp.Where, exp.WindowSpec), _same),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _comparison),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between), _comparison),
}
