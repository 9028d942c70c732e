"""What PostgreSQL is, without a connection: its facts, and where its types, DDL and expressions are made."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.engine import URL

from migrator.model.comparison import EXACT, TextComparison
from migrator.model.given import Revision
from migrator.model.plan import IndexPlan, Step, TablePlan, ViewPlan
from migrator.model.schema import Action
from migrator.model.types import LogicalType
from migrator.targets import ConnectOptions, IndexLimits, Relation, Scope, Server
from migrator.targets.common.steps import steps
from migrator.targets.postgresql import ddl, expressions, names, server, types


class PostgreSQL:
    """The dialect; satisfies `migrator.targets.Dialect`."""

    name = "postgresql"
    schemes: tuple[str, ...] = ("postgresql", "postgres")
    """libpq takes both, and hosting platforms hand out the second."""
    default_schema = "public"
    grammar = "postgres"
    max_identifier = 63
    """Bytes: NAMEDATALEN - 1. https://www.postgresql.org/docs/current/limits.html"""
    max_columns = 1600
    """https://www.postgresql.org/docs/current/limits.html"""
    max_index_octets = 2672
    """A third of a page of 8 KiB, less the entry's own header: https://www.postgresql.org/docs/current/btree.html."""
    index_limits: IndexLimits | None = None
    max_row_octets: int | None = None
    """Of 1,600 columns the widest fixed ones fit a page, wider values move out of it (TOAST)."""
    several_nulls = True
    """https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-UNIQUE-CONSTRAINTS"""
    actions: frozenset[Action] = frozenset({"NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"})
    cascade_paths = True
    deferrable = True
    alembic: Mapping[str, str] = MappingProxyType({})
    terminator: str = ";"
    exact_collation: str | None = None
    hazards = frozenset({"text-nul", "text-invalid"})
    """`text` holds any UTF-8 but U+0000; dates reach from 4713 BC past 9999, and floats include infinity."""
    reserved_columns = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
    """System columns: no user column may have such a name, even quoted.
    https://www.postgresql.org/docs/current/ddl-system-columns.html"""

    def identifier_length(self, name: str) -> int:
        """Bytes in UTF-8."""
        return len(name.encode())

    def name_key(self, name: str) -> str:
        """Quoted names differ as soon as a character does."""
        return name

    def comparison(self, collation: str | None) -> TextComparison:
        """Every deterministic collation takes only equal strings for equal.
        https://www.postgresql.org/docs/current/collation.html#COLLATION-NONDETERMINISTIC"""
        return EXACT

    def column_type(self, type: LogicalType) -> LogicalType:
        """The logical type PostgreSQL stores for `type`."""
        return types.stored(type)

    def logical_type(self, spelling: str) -> LogicalType:
        """The logical type of a column declared so. Raises Untranslatable."""
        return types.logical(spelling)

    def text_length(self, characters: int, utf16: int) -> int:
        """`varchar(n)` counts characters."""
        return characters

    def type_check(self, column: str, type: LogicalType) -> str | None:
        """Every type keeps itself."""
        return None

    def documents(self, check: str) -> str | None:
        """Documents have types of their own."""
        return None

    def index_columns(self, index: IndexPlan) -> tuple[str, ...]:
        """Expressions are indexed as they are."""
        return ()

    def type_name(self, type: LogicalType) -> str:
        """The type in SQL, such as `numeric(18,4)` or `timestamptz`."""
        return types.fact(type).spelling(type)

    def quote(self, name: str) -> str:
        """An identifier, quoted."""
        return names.quote(name)

    def default(self, neutral: str, type: LogicalType) -> str:
        """A column default. Raises Untranslatable."""
        return expressions.default(neutral, type)

    def condition(self, neutral: str, scope: Scope) -> str:
        """A truth-valued expression. Raises Untranslatable."""
        return expressions.condition(neutral, scope)

    def predicate(self, neutral: str, scope: Scope, *, unique: bool) -> str:
        """The condition of a partial index. Raises Untranslatable."""
        return expressions.condition(neutral, scope)

    def expression(self, neutral: str, scope: Scope, type: LogicalType | None) -> str:
        """A value expression. Raises Untranslatable."""
        return expressions.expression(neutral, scope, type)

    def query(self, neutral: str, relations: Mapping[str, Relation]) -> str:
        """A SELECT. Raises Untranslatable."""
        return expressions.query(neutral, relations)

    def query_columns(self, neutral: str, relations: Mapping[str, Relation]) -> Mapping[str, LogicalType | None]:
        """The columns of a SELECT and their types. Raises Untranslatable."""
        return expressions.query_columns(neutral, relations)

    def fold_case(self, column: str) -> str:
        """Lower case of the 26 ASCII letters only, which is what SQLite's NOCASE compares
        (https://www.sqlite.org/datatype3.html#collating_sequences); `lower` of the C collation does that."""
        return f'lower({names.quote(column)} COLLATE "C")'

    def steps(
        self,
        schema: str,
        tables: tuple[TablePlan, ...],
        views: tuple[ViewPlan, ...],
        *,
        quarantine: bool,
        revisions: tuple[Revision, ...] = (),
    ) -> tuple[Step, ...]:
        """Every step of a run in execution order with its undo; see `ddl`."""
        return steps(
            ddl.PostgreSQLStatements(tables),
            schema,
            tables,
            views,
            quarantine=quarantine,
            revisions=revisions,
            default_schema=self.default_schema,
        )

    def connect(self, url: URL, options: ConnectOptions) -> Server:
        """Connect. Raises ConnectionFailure, ConfigurationError."""
        return server.connect(self, url, options)


DIALECT = PostgreSQL()
