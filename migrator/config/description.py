"""The single description of `migrator.toml`: its tables and keys, what each takes and means.

The file is checked against it and the JSON Schema is made from it; nothing here acts on a setting.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from migrator.config.kinds import (
    WRONG,
    EnvironmentName,
    ExistingFile,
    Identifier,
    Module,
    Names,
    OnCheck,
    OnDuplicates,
    OnInvalid,
    OnOrphans,
    SourceName,
    SourceUrl,
    Target,
    TargetName,
    TargetUrl,
    Template,
    Text,
    Transform,
    Type,
    Value,
    near,
    refuse_password,
    wrong,
)
from migrator.config.targets import RESERVED, is_target
from migrator.model.findings import Resolution
from migrator.model.options import Naming


def _section(title: str, **schema: Any) -> ConfigDict:
    """How every table of the file is checked: no unknown key, no conversion, no value in a message."""
    return ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        title=title,
        json_schema_extra=schema,
    )


class Column(BaseModel):
    """Choices for one column. `value` or `compute` come first, then `trim`, `empty_to_null` and `map`."""

    model_config = _section("Column", **{"not": {"required": ["value", "compute"]}})

    target: Text | None = None
    """The column's name in the target."""
    type: Type | None = None
    """The logical type, such as `bool`, `decimal(18,4)` or `text(150)`. Values that do not fit it are findings."""
    map: Annotated[dict[str, Value], Field(json_schema_extra={"minProperties": 1})] | None = None
    """What replaces a value, by the value as text: `{ Y = true, N = false }`. Other values stay."""
    value: Value | None = None
    """A constant for every row. The source need not have the column."""
    compute: Text | None = None
    """An expression in the source's SQL over the table's own columns. The source need not have the column."""
    trim: bool | None = None
    """Take white space off both ends of text."""
    empty_to_null: bool | None = None
    """Make the empty string NULL."""
    skip: bool = False
    """Leave the column out."""
    secret: bool | None = None
    """Whether the column's values are never shown. By default its name decides, such as `password_hash`."""
    collation: Text | None = None
    """The target's name of the collation by which the column's text compares."""
    on_invalid: OnInvalid | None = None
    """What to do with values that do not fit."""
    on_orphans: OnOrphans | None = None
    """What to do with rows whose foreign key over this column finds no parent."""

    @field_validator("map")
    @classmethod
    def _some(cls, given: dict[str, Value]) -> dict[str, Value]:
        if not given:
            raise wrong("must not be empty", "Write for example { Y = true, N = false }, or leave the key out.")
        return given

    @field_validator("compute")
    @classmethod
    def _alone(cls, given: str, info: ValidationInfo) -> str:
        if info.data.get("value") is not None:
            raise wrong("cannot stand beside 'value'", "Keep one of them.")
        return given


class Table(BaseModel):
    """Choices for one table of a source. `trim` and `empty_to_null` are for every column that does not say
    otherwise."""

    model_config = _section("Table")

    target: Text | None = None
    """The table's name in the target."""
    where: Text | None = None
    """A condition in the source's SQL; rows for which it is not true are left out and counted."""
    trim: bool = False
    """Take white space off both ends of text."""
    empty_to_null: bool = False
    """Make the empty string NULL."""
    skip: bool = False
    """Leave the table out."""
    transform: Transform | None = None
    """A Python function from DataFrame to DataFrame, as FILE:FUNCTION."""
    on_invalid: OnInvalid | None = None
    """What to do with values that do not fit."""
    on_orphans: OnOrphans | None = None
    """What to do with rows whose foreign key finds no parent."""
    on_check: OnCheck | None = None
    """What to do with rows that break a CHECK."""
    on_duplicates: OnDuplicates | None = None
    """What to do with rows that share what must be unique."""
    columns: dict[str, Column] = Field(default_factory=dict)
    """Columns, by their names in the source."""


class Models(BaseModel):
    """The SQLAlchemy models that own the target's schema."""

    model_config = _section("Models", oneOf=[{"required": ["module"]}, {"required": ["file"]}])

    module: Module | None = None
    """The module that declares every table, such as `shop.models`."""
    file: ExistingFile | None = Field(None, validate_default=True)
    """The Python file that declares every table, instead of a module."""
    base: Identifier = "Base"
    """The declarative base or MetaData in it."""
    alembic: ExistingFile | None = None
    """The `alembic.ini` of the revisions that make the tables."""

    @field_validator("file")
    @classmethod
    def _one(cls, given: ExistingFile | None, info: ValidationInfo) -> ExistingFile | None:
        if "module" not in info.data:  # it is there, and wrong
            return given
        if given is None and info.data["module"] is None:
            raise wrong("is missing, and 'module' is too", "One of them must say where the models are.")
        if given is not None and info.data["module"] is not None:
            raise wrong("cannot stand beside 'module'", "Keep one of them.")
        return given


class NamedTarget(BaseModel):
    """One target."""

    model_config = _section("Target")

    url: TargetUrl
    """A SQLAlchemy URL. `${NAME}` is taken from the environment or `.env`, as a password must be."""


class LongSource(BaseModel):
    """One source."""

    model_config = _section("Source")

    url: SourceUrl
    """A path or URL."""


_LIST, _TABLE = "a list", "a table"
_SHORT, _LONG = "a path", "a table of its own"
TAGS = frozenset({_LIST, _TABLE, _SHORT, _LONG})
"""What pydantic puts into the place of an error for the form that a value has."""


def _form(given: Any) -> str | None:
    return _LIST if isinstance(given, list) else _TABLE if isinstance(given, dict) else None


def _source_form(given: Any) -> str | None:
    return _SHORT if isinstance(given, str) else _LONG if isinstance(given, dict) else None


def _by(form: Any, says: str) -> Discriminator:
    return Discriminator(form, custom_error_type=WRONG, custom_error_message=says)


Source = Annotated[
    Annotated[SourceUrl, Tag(_SHORT)] | Annotated[LongSource, Tag(_LONG)],
    _by(_source_form, "must be a path or URL, or a table with one"),
]
Sources = Annotated[
    Annotated[list[SourceUrl], Tag(_LIST)] | Annotated[dict[SourceName, Source], Tag(_TABLE)],
    _by(_form, "must be a list of paths or URLs, or a table of them by name"),
]


class File(BaseModel):
    """Where data comes from, where it goes, and what is done to it on the way."""

    model_config = _section("migrator.toml")

    sources: Sources = Field(default_factory=list)
    """The databases to move: a list of paths or URLs, or a table of them by name. Relative to this file."""
    targets: dict[TargetName, NamedTarget] = Field(default_factory=dict)
    """Targets by name, for `target` and `--target`."""
    target: Target | None = None
    """The name of a target in `targets`, a SQLAlchemy URL without password, `postgresql` or `mssql` (taken from
    the environment), or `embedded`."""
    schema_: Text | None = Field(None, alias="schema")
    """The schema in the target; by default the target's own."""
    collation: Text | None = None
    """The collation of all text in the target; by default the database's own, and an exact one for keys that it
    would merge."""
    names: Names = Naming.KEEP
    """What becomes of names."""
    on_invalid: OnInvalid = Resolution.STOP
    """What to do with values that do not fit."""
    on_orphans: OnOrphans = Resolution.STOP
    """What to do with rows whose foreign key finds no parent."""
    on_check: OnCheck = Resolution.STOP
    """What to do with rows that break a CHECK."""
    on_duplicates: OnDuplicates = Resolution.STOP
    """What to do with rows that share what must be unique."""
    policy: ExistingFile | None = None
    """What `migrator doctor` asks of ODBC drivers: a TOML or JSON file. Relative to this file."""
    models: Models | None = None
    """SQLAlchemy models that own the target's schema."""
    environment: dict[EnvironmentName, Template] = Field(default_factory=dict)
    """What applications need in their environment after the move. `{url}` (without password), `{host}`, `{port}`,
    `{database}`, `{user}`, `{dialect}` and `{schema}` are filled in."""
    tables: dict[str, Table] = Field(default_factory=dict)
    """Tables, by their names in the source, or as `"source.table"` where two sources have the name."""

    @field_validator("target")
    @classmethod
    def _known(cls, given: str, info: ValidationInfo) -> str:
        targets = info.data.get("targets")
        if "${" in refuse_password(given):
            raise wrong("refers to the environment, as only a named target can", "Give it a [targets.NAME].")
        if targets is None or is_target(given, targets):
            return given
        known = (*targets, *RESERVED)
        hint = near(given, known) or f"Known are: {', '.join(known)}. Or give a URL."
        raise wrong(f"is {given!r}, which is neither a target nor a URL", hint)


SECTIONS: tuple[tuple[tuple[str, ...], type[BaseModel]], ...] = (
    ((), File),
    (("sources", "*"), LongSource),
    (("targets", "*"), NamedTarget),
    (("models",), Models),
    (("tables", "*"), Table),
    (("tables", "*", "columns", "*"), Column),
)
"""Where each table of the file stands; `*` is any name."""


def keys_of(section: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a table of the file, as they are written."""
    return tuple(field.alias or name for name, field in section.model_fields.items())
