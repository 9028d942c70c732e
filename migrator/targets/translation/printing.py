"""`printf`, directive by directive: a target writes each as a text of its own, and joins them.

https://www.sqlite.org/printf.html: a NULL is printed as nothing or 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sqlglot import exp

from migrator.targets import Untranslatable
from migrator.targets.translation.speech import Speech
from migrator.targets.translation.terms import Term, Translate

_DIRECTIVE: Final = re.compile(r"%(?P<zero>0?)(?P<width>\d*)(?:\.(?P<precision>\d+))?(?P<type>[disf%])")

Write = Callable[[re.Match[str], Term], Term]
"""A directive with the groups `zero`, `width`, `precision` and `type` (s, d, i or f) and its argument, as a
text."""


def printed(node: exp.Expr, translate: Translate, speech: Speech, write: Write) -> list[Term]:
    """The parts of a `FORMAT(format, …)` of neutral SQL, each a text.

    Raises:
        Untranslatable: Some directive has no short equal.
    """
    product = speech.product
    if not (isinstance(node.this, exp.Literal) and node.this.is_string):
        raise Untranslatable(f"{product} has no printf, and the format is not a constant that could be rewritten.")
    arguments = iter(node.expressions)
    parts: list[Term] = []
    position, layout = 0, node.this.name
    for match in _DIRECTIVE.finditer(layout):
        parts += _text(layout[position : match.start()], speech)
        position = match.end()
        if match["type"] == "%":
            parts.append(speech.constant("%"))
            continue
        argument = next(arguments, None)
        if argument is None:
            raise Untranslatable("printf has fewer arguments than directives.")
        _check(match, product)
        parts.append(write(match, translate(argument)))
    return parts + _text(layout[position:], speech)


def _text(piece: str, speech: Speech) -> list[Term]:
    if "%" in piece:
        raise Untranslatable(
            f"{speech.product} has no printf, and only its directives %s, %d and %f could be rewritten."
        )
    return [speech.constant(piece)] if piece else []


def _check(match: re.Match[str], product: str) -> None:
    if match["type"] == "s" and (match["width"] or match["zero"] or match["precision"]):
        raise Untranslatable(f"{product} has no printf, and a width of %s could not be rewritten.")
    if match["type"] == "f" and (match["width"] or match["zero"]):
        raise Untranslatable(f"{product} has no printf, and a width of %f could not be rewritten.")
    if match["type"] in ("d", "i") and match["width"] and not match["zero"]:
        raise Untranslatable(f"{product} has no printf, and a width without zeros could not be rewritten.")
