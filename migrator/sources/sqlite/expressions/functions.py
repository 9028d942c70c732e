"""SQLite's functions as standard nodes, https://sqlite.org/lang_corefunc.html and lang_aggfunc.html.

A function that means the same everywhere passes as it is; the others are spelt out here. Dates and times are
in `times`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from migrator.sources.sqlite.expressions import times
from migrator.sources.sqlite.expressions.names import NoStandardMeaning

Rewrite = Callable[[exp.Expr], exp.Expr]
Rule = Callable[[exp.Expr, Rewrite], exp.Expr]

_MAX_ZEROBLOB: Final = 64


def same(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """The same node over rewritten parts."""

    def part(value: object) -> object:
        if isinstance(value, exp.Expr):
            return rewrite(value)
        return [part(item) for item in value] if isinstance(value, list) else value

    return type(node)(**{key: part(value) for key, value in node.args.items()})


def optional(node: exp.Expr | None, rewrite: Rewrite) -> exp.Expr | None:
    """The neutral form of an argument that need not be there."""
    return rewrite(node) if node is not None else None


def number(value: int) -> exp.Expr:
    """A neutral integer constant."""
    return exp.Neg(this=exp.Literal.number(-value)) if value < 0 else exp.Literal.number(value)


def integer(node: exp.Expr | None) -> int | None:
    """The value of an integer constant, None for anything else."""
    negative = isinstance(node, exp.Neg)
    literal = node.this if negative and node is not None else node
    if isinstance(literal, exp.Literal) and not literal.is_string and literal.name.isdigit():
        return -int(literal.name) if negative else int(literal.name)
    return None


def _bracketed(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=node) if isinstance(node, exp.Binary) else node


def _again(node: exp.Expr) -> exp.Expr:
    """A copy of something whose value is the same each time."""
    if any(call.name.startswith("RANDOM") for call in node.find_all(exp.Anonymous)):
        raise NoStandardMeaning(f"{node.sql()} twice")
    return node.copy()


def _less_than_zero(node: exp.Expr) -> exp.Expr:
    value = _again(node)
    return exp.LT(this=value if isinstance(node, (exp.Add, exp.Sub)) else _bracketed(value), expression=number(0))


def _either(condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Case:
    return exp.Case(ifs=[exp.If(this=condition, true=then)], default=otherwise)


def _never_negative(node: exp.Expr) -> bool:
    """Whether an integer is plainly at least zero: a constant, a length, a position, or a sum of such."""
    value = integer(node)
    if value is not None:
        return value >= 0
    if isinstance(node, (exp.Add, exp.Mul)):
        return _never_negative(node.this) and _never_negative(node.expression)
    if isinstance(node, (exp.Paren, exp.Mod)):
        return _never_negative(node.this)
    return isinstance(node, (exp.Abs, exp.Length, exp.StrPosition))


def _substring(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """`substr(x, y, z)`: a negative y counts from the end, and a negative z takes what stands before y
    (https://sqlite.org/lang_corefunc.html#substr). The standard knows neither."""
    if node.args.get("start") is None:
        raise NoStandardMeaning(node.sql())
    text, length = rewrite(node.this), optional(node.args.get("length"), rewrite)
    start = rewrite(node.args["start"])
    first = integer(start)
    if first is not None and first < 0 and length is None:
        return exp.Right(this=text, expression=number(-first))
    start = _from_start(text, start)
    if length is None or _never_negative(length):
        return exp.Substring(this=text, start=start, length=length)
    if first in (0, 1):
        return exp.Substring(this=text, start=start, length=_either(_less_than_zero(length), number(0), length))
    before = exp.Substring(
        this=_again(text),
        start=exp.Add(this=_bracketed(_again(start)), expression=_bracketed(_again(length))),
        length=exp.Neg(this=_bracketed(_again(length))),
    )
    return _either(_less_than_zero(length), before, exp.Substring(this=text, start=start, length=length))


def _from_start(text: exp.Expr, start: exp.Expr) -> exp.Expr:
    """A position that counts from the start only."""
    if _never_negative(start):
        return start
    first = integer(start)
    length = exp.Length(this=_again(text))
    if first is not None:
        return exp.Sub(this=length, expression=number(-first - 1)) if first < -1 else length
    from_end = exp.Add(this=exp.Add(this=length, expression=_bracketed(start)), expression=number(1))
    return _either(_less_than_zero(start), from_end, _again(start))


def _extreme(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """`max(a, b)` is NULL if any argument is (https://sqlite.org/lang_corefunc.html#max_scalar); GREATEST of
    other databases passes over NULLs."""
    parts = [rewrite(part) for part in (node.this, *node.expressions)]
    nullable = [part for part in parts if not isinstance(part, exp.Literal)]
    result = type(node)(this=parts[0], expressions=parts[1:])
    if not nullable:
        return result
    missing: exp.Expr = exp.Is(this=_bracketed(_again(nullable[0])), expression=exp.null())
    for part in nullable[1:]:
        missing = exp.Or(this=missing, expression=exp.Is(this=_bracketed(_again(part)), expression=exp.null()))
    return _either(missing, exp.null(), result)


def _aggregate(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    return type(node)(this=rewrite(node.this))


def _count(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """`count()` is `count(*)`."""
    everything = node.this is None or isinstance(node.this, exp.Star)
    return exp.Count(this=exp.Star() if everything else rewrite(node.this))


def _characters(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    parts = [exp.Chr(expressions=[rewrite(part)]) for part in node.expressions]
    if not parts:
        return exp.Literal.string("")
    result: exp.Expr = parts[0]
    for part in parts[1:]:
        result = exp.DPipe(this=result, expression=part)
    return exp.Paren(this=result) if len(parts) > 1 else result


def _format(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    return exp.Format(this=rewrite(node.this), expressions=[rewrite(part) for part in node.expressions])


def _concatenated(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """`concat` reads NULL as ''; `concat_ws` passes over it (https://sqlite.org/lang_corefunc.html#concat)."""
    parts = [rewrite(part) for part in node.expressions]
    if isinstance(node, exp.ConcatWs):
        return exp.ConcatWs(expressions=parts)
    filled = [
        part if isinstance(part, exp.Literal) else exp.Coalesce(this=part, expressions=[exp.Literal.string("")])
        for part in parts
    ]
    return exp.Concat(expressions=filled)


def _joined(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """`group_concat(x, separator ORDER BY …)`, https://sqlite.org/lang_aggfunc.html#group_concat."""
    value, order = node.this, None
    if isinstance(value, exp.Order):
        order = exp.Order(expressions=[rewrite(part) for part in value.expressions])
        value = value.this
    separator = optional(node.args.get("separator"), rewrite) or exp.Literal.string(",")
    joined = exp.GroupConcat(this=rewrite(value), separator=separator)
    return exp.WithinGroup(this=joined, expression=order) if order is not None else joined


def _json(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    if not isinstance(node.expression, exp.JSONPath) or node.args.get("expressions"):
        raise NoStandardMeaning(node.sql())
    return type(node)(this=rewrite(node.this), expression=node.expression.copy())


def _empty_object(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    if node.expressions:
        raise NoStandardMeaning(node.sql())
    return exp.Literal.string("{}")


def _digits(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """`hex(NULL)` is '' (https://sqlite.org/lang_corefunc.html#hex)."""
    digits = same(node, rewrite)
    random = isinstance(node.this, exp.Anonymous) and node.this.name.lower() == "randomblob"
    if random or isinstance(node.this, (exp.Literal, exp.HexString)):
        return digits
    return exp.Coalesce(this=digits, expressions=[exp.Literal.string("")])


def _random(_node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    return exp.Anonymous(this="RANDOM_INT64", expressions=[])


def _kept(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    return exp.Anonymous(this=node.name.upper(), expressions=[rewrite(part) for part in node.expressions])


def _total(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """`total(x)` is a float, 0.0 over no rows, https://sqlite.org/lang_aggfunc.html#sumunc."""
    value = exp.Cast(this=rewrite(node.expressions[0]), to=exp.DataType.build("DOUBLE"))
    return exp.Coalesce(this=exp.Sum(this=value), expressions=[exp.Literal.number("0.0")])


def _first(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """Hints to the query planner: their first argument is their value."""
    return rewrite(node.expressions[0])


def _printf(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    first, *others = node.expressions
    return exp.Format(this=rewrite(first), expressions=[rewrite(part) for part in others])


def _zeroblob(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    length = integer(node.expressions[0])
    if length is None or not 0 <= length <= _MAX_ZEROBLOB:
        raise NoStandardMeaning(node.sql())
    return exp.Unhex(this=exp.Literal.string("00" * length))


def _empty_array(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    if node.expressions:
        raise NoStandardMeaning(node.sql())
    return exp.Literal.string("[]")


def _json_text(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    """`json('…')` of a constant; it only takes white space out."""
    value = node.expressions[0]
    if not (isinstance(value, exp.Literal) and value.is_string):
        raise NoStandardMeaning(node.sql())
    return value.copy()


def _unnamed(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """A function sqlglot has no node for."""
    name = node.name.lower()
    if name in times.FUNCTIONS:
        return times.function(name, node.expressions, rewrite)
    low, high, rule = _UNNAMED.get(name, (0, -1, _kept))
    if not low <= len(node.expressions) <= high:
        raise NoStandardMeaning(node.sql())
    return rule(node, rewrite)


_UNNAMED: Final[dict[str, tuple[int, int, Rule]]] = {
    "json": (1, 1, _json_text),
    "json_array": (0, 0, _empty_array),
    "json_array_length": (1, 1, _kept),
    "json_valid": (1, 1, _kept),
    "likelihood": (2, 2, _first),
    "likely": (1, 1, _first),
    "printf": (1, 99, _printf),
    "randomblob": (1, 1, _kept),
    "total": (1, 1, _total),
    "unlikely": (1, 1, _first),
    "zeroblob": (1, 1, _zeroblob),
}
"""Fewest and most arguments, and what becomes of the function."""

RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Anonymous: _unnamed,
    exp.Chr: _characters,
    exp.Concat: _concatenated,
    exp.ConcatWs: _concatenated,
    exp.Count: _count,
    exp.Format: _format,
    exp.Greatest: _extreme,
    exp.GroupConcat: _joined,
    exp.JSONExtract: _json,
    exp.JSONExtractScalar: _json,
    exp.JSONObject: _empty_object,
    exp.Least: _extreme,
    exp.Rand: _random,
    exp.Substring: _substring,
    **dict.fromkeys((exp.Avg, exp.Max, exp.Min, exp.Sum), _aggregate),
    **dict.fromkeys((exp.Abs, exp.Ceil, exp.Floor, exp.Pow, exp.Round, exp.Sign, exp.Sqrt), same),
    **dict.fromkeys((exp.Coalesce, exp.Nullif, exp.Typeof), same),
    **dict.fromkeys((exp.Hex, exp.LowerHex), _digits),
    **dict.fromkeys((exp.Length, exp.Lower, exp.Replace), same),
    **dict.fromkeys((exp.StrPosition, exp.Trim, exp.Unicode, exp.Upper), same),
    **dict.fromkeys((exp.CumeDist, exp.DenseRank, exp.Ntile, exp.PercentRank, exp.Rank, exp.RowNumber), same),
    **dict.fromkeys((exp.FirstValue, exp.Lag, exp.LastValue, exp.Lead, exp.NthValue), same),
}
