"""What SQL Server is, without a connection: its facts, and where its types, DDL and expressions are made.

What depends on the database (its collation) is part of the dialect that a connected server has.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.engine import URL

from migrator.model.comparison import TextComparison
from migrator.model.given import Revision
from migrator.model.plan import IndexPlan, Step, TablePlan, ViewPlan
from migrator.model.schema import Action
from migrator.model.types import Kind, LogicalType
from migrator.targets import ConnectOptions, IndexLimits, Relation, Scope, Server
from migrator.targets.common.steps import steps
from migrator.targets.mssql import collations, ddl, documents, expressions, names, types

_LIMITS = IndexLimits(900, 1700, types.key_octets)


class SQLServer:
    """The dialect; satisfies `migrator.targets.Dialect`. `collation` is the database's own."""

    name = "mssql"
    schemes: tuple[str, ...] = ("mssql",)
    default_schema = "dbo"
    grammar = "tsql"
    max_identifier = ddl.MAX_NAME
    """All limits: https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server."""
    max_columns = 1024
    max_index_octets = 1700
    index_limits: IndexLimits | None = _LIMITS
    """The table is in the order of its primary key, a clustered index, unless that is too long."""
    max_row_octets: int | None = 8060
    several_nulls = False
    """https://learn.microsoft.com/sql/relational-databases/tables/unique-constraints-and-check-constraints"""
    actions: frozenset[Action] = frozenset({"NO ACTION", "CASCADE", "SET NULL", "SET DEFAULT"})
    """RESTRICT is what NO ACTION does here: nothing is checked later than the statement."""
    cascade_paths = False
    """https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-1785-database-engine-error"""
    deferrable = False
    alembic: Mapping[str, str] = MappingProxyType({"mssql_batch_separator": ""})
    """GO is for command-line clients, not for the server.
    https://learn.microsoft.com/sql/t-sql/language-elements/sql-server-utilities-statements-go"""
    terminator: str = ";\nGO"
    """CREATE VIEW must be the first statement of a batch."""
    exact_collation: str | None = collations.EXACT
    hazards = frozenset({"text-invalid", "float-infinite", "float-subnormal", "year-range"})
    """`nvarchar` holds U+0000; `float` no infinity, and nothing below 2.23E-308 but 0
    (https://learn.microsoft.com/sql/t-sql/data-types/float-and-real-transact-sql); years are 1 to 9999.
    """
    reserved_columns: frozenset[str] = frozenset()

    def __init__(self, collation: str = collations.USUAL) -> None:
        self.collation = collation

    def identifier_length(self, name: str) -> int:
        """UTF-16 code units: `sysname` is `nvarchar(128)`."""
        return len(name.encode("utf-16-le", "surrogatepass")) // 2

    def name_key(self, name: str) -> str:
        """Names of objects compare under the database's collation."""
        return self.comparison(None).key(name)

    def comparison(self, collation: str | None) -> TextComparison:
        """What the collation's name says. Raises Untranslatable."""
        return collations.comparison(collation or self.collation)

    def column_type(self, type: LogicalType) -> LogicalType:
        """The logical type SQL Server stores for `type`."""
        return types.stored(type)

    def logical_type(self, spelling: str) -> LogicalType:
        """The logical type of a column declared so. Raises Untranslatable."""
        return types.logical(spelling)

    def text_length(self, characters: int, utf16: int) -> int:
        """`nvarchar(n)` counts UTF-16 code units."""
        return max(characters, utf16)

    def type_check(self, column: str, type: LogicalType) -> str | None:
        """Documents are text that ISJSON vouches for."""
        return documents.check(column) if type.kind in (Kind.JSON, Kind.JSON_TEXT) else None

    def documents(self, check: str) -> str | None:
        """A check that asks nothing but ISJSON of one column."""
        return documents.column(check)

    def index_columns(self, index: IndexPlan) -> tuple[str, ...]:
        """Indexes are over columns: an expression needs a computed one."""
        return tuple(ddl.added_columns(index))

    def type_name(self, type: LogicalType) -> str:
        """The type in SQL, such as `decimal(18,4)` or `datetime2(7)`."""
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
        """The condition of a filtered index. Raises Untranslatable."""
        return expressions.predicate(neutral, scope, unique=unique)

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
        """The column without the case of A to Z."""
        return expressions.fold_case(column)

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
            ddl.SQLServerStatements(tables),
            schema,
            tables,
            views,
            quarantine=quarantine,
            revisions=revisions,
            default_schema=self.default_schema,
        )

    def connect(self, url: URL, options: ConnectOptions) -> Server:
        """Connect. Raises ConnectionFailure, ConfigurationError."""
        from migrator.targets.mssql import server  # the drivers are loaded only when they are used

        return server.connect(url, options)


DIALECT = SQLServer()
