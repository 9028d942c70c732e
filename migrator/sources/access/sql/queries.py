"""Saved queries as views: those that only read, and whose every part means the same elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from sqlglot import exp
from sqlglot.errors import SqlglotError

from migrator.model.schema import Expression, Unmoved, View
from migrator.sources.access.queries import Query
from migrator.sources.access.relationships import Relationship
from migrator.sources.access.sql.comparing import Equals
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.relations import Readable, Relation, equals, readable
from migrator.sources.access.sql.rewriting import text
from migrator.sources.access.sql.selecting import Selected, selected
from migrator.sources.access.sql.selects import parsed_query

_KINDS: Final = {
    "append": "It appends rows to a table.",
    "crosstab": "Its columns depend on the data.",
    "data definition": "It changes the schema.",
    "delete": "It deletes rows.",
    "make table": "It makes a table.",
    "pass-through": "Its SQL is that of another database.",
    "update": "It changes rows.",
}


def views(
    queries: Iterable[Query], tables: Iterable[Relation], relationships: Iterable[Relationship] = ()
) -> tuple[tuple[View, ...], tuple[Unmoved, ...]]:
    """Saved queries as views, and those that are none with the reason, both in the order of the queries.

    Args:
        queries: All saved queries of a database.
        tables: The tables that are moved. What a query reads besides is refused.
        relationships: All relationships; texts that an enforced one keeps alike may be compared with each other.
    """
    found = list(queries)
    book = _Book(found, tables, equals(relationships))
    results = [book.result(query) for query in found]
    kept = [result for result in results if isinstance(result, View)]
    return tuple(kept), tuple(result for result in results if isinstance(result, Unmoved))


class _Book:
    """Everything that queries may read, with each query translated when it is first asked for."""

    def __init__(self, queries: Sequence[Query], tables: Iterable[Relation], alike: Equals) -> None:
        self._tables = {table.name.casefold(): readable(table) for table in tables}
        self._queries = {query.name.casefold(): query for query in queries}
        self._results: dict[str, tuple[View, Readable] | str] = {}
        self._open: set[str] = set()
        self._alike = alike

    def result(self, query: Query) -> View | Unmoved:
        """A query as a view, or why it is none."""
        found = self._translated(query)
        if isinstance(found, tuple):
            return found[0]
        return Unmoved(kind="query", name=query.name, reason=found, sql=query.sql or "")

    def find(self, name: str) -> Readable:
        """The table or view of a name. Raises Refused."""
        key = name.casefold()
        if key in self._tables:
            return self._tables[key]
        if key not in self._queries:
            raise Refused(f"It reads {name}, which is no table or query that is moved.")
        if key in self._open:
            raise Refused(f"It reads {name}, which reads it in turn.")
        found = self._translated(self._queries[key])
        if isinstance(found, str):
            raise Refused(f"It reads {name}, a query that is not moved.")
        return found[1]

    def _translated(self, query: Query) -> tuple[View, Readable] | str:
        key = query.name.casefold()
        if key not in self._results:
            self._open.add(key)
            self._results[key] = self._attempt(query)
            self._open.discard(key)
        return self._results[key]

    def _attempt(self, query: Query) -> tuple[View, Readable] | str:
        try:
            return self._view(query)
        except Refused as refusal:
            return str(refusal)
        except (RecursionError, SqlglotError):
            return "It is nested too deeply to be read."

    def _view(self, query: Query) -> tuple[View, Readable]:
        if query.hidden:
            raise Refused("It belongs to a form or report.")
        if query.kind in _KINDS:
            raise Refused(_KINDS[query.kind])
        if query.sql is None or query.kind not in {"select", "union"}:
            raise Refused("Its parts are not understood.")
        reads: list[str] = []

        def find(name: str) -> Readable:
            found = self.find(name)
            reads.append(found.name)
            return found

        result = selected(parsed_query(query.sql), find, self._alike)
        neutral = Expression(query.sql, text(_named(result)))
        view = View(query.name, neutral, result.names, tuple(dict.fromkeys(reads)), query.sql)
        kinds = dict(zip(result.names, result.kinds, strict=True))
        return view, Readable(query.name, kinds, stored=False)


def _named(result: Selected) -> exp.Query:
    """The query of a view, whose columns need different names."""
    counts = Counter(name.casefold() for name in result.names)
    if any(count > 1 for count in counts.values()):
        raise Refused("It shows two columns of one name.")
    return result.node
