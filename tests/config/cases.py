"""Texts of `migrator.toml`: one that says everything, and one for each kind of mistake."""

from __future__ import annotations

from dataclasses import dataclass

EVERYTHING = """\
#:schema ./migrator.schema.json
target = "production"
schema = "app"
collation = "Korean_100_CS_AS"
policy = "driver-policy.toml"
names = "snake"
on_invalid = "null"
on_orphans = "skip"
on_check = "unenforced"
on_duplicates = "quarantine"

[sources]
rsl = "rsl_store.db"
groups = { url = "sqlite:///routing_groups.db" }

[models]
file = "models.py"
base = "Model"
alembic = "alembic.ini"

[targets.production]
url = "postgresql://${PG_USER}:${PG_PASSWORD}@${PG_HOST}:${PG_PORT}/${PG_DATABASE}"
[targets.copy]
url = "${DATABASE_URL}"

[environment]
RSL_DATABASE_URL = "{url}"
APP_HOST = "{host}:{port}/{database} {user} {dialect} {schema} {{x}}"

[tables.users]
target = "people"
where = "deleted_at IS NULL"
trim = true
empty_to_null = true
skip = false
transform = "transforms.py:clean_users"
on_invalid = "replace"
on_orphans = "quarantine"
on_check = "quarantine"
on_duplicates = "skip"

[tables.users.columns.is_active]
target = "active"
type = "bool"
map = { Y = true, N = false, "?" = "maybe", zero = 0, half = 0.5 }
trim = false
empty_to_null = false
skip = false
secret = true
collation = "Latin1_General_100_BIN2"
on_invalid = "quarantine"
on_orphans = "null"

[tables.users.columns.tenant]
value = 7
[tables.users.columns.normalized]
compute = "lower(trim(username))"

[tables."rsl.log"]
skip = true
"""
"""Every key there is."""

VALID = {
    "nothing": "",
    "everything": EVERYTHING,
    "a list of sources": 'sources = ["a.db", "sqlite:///b.db"]\ntarget = "embedded"',
    "a target with a meaning of its own": 'target = "mssql"',
    "a URL without password": 'target = "postgresql://me@db:5432/app?sslmode=require"',
    "models in a module": '[models]\nmodule = "shop.models"',
    "types with parameters": "[tables.t.columns]\na = { type = 'decimal(38, 38)' }\nb = { type = ' text(5)' }",
    "a password by its name": '[targets.a]\nurl = "mssql://u:${A}${B}@h/d?Password=${C}"',
    "a name with a password behind it": '[environment]\nURL = "postgresql://{user}:${{PW}}@{host}/{database}"',
    "constants of every kind": "[tables.t.columns]\na.value = false\nb.value = 0\nc.value = ''\nd.value = 1.5",
}


@dataclass(frozen=True)
class Mistake:
    """A text with one mistake, its line, and what is said. `schema` tells whether the JSON Schema can see it."""

    text: str
    line: int
    what: str
    hint: str = ""
    schema: bool = True


_URL = "[targets.p]\nurl = "
_PASSWORD = "'url' holds a password, which belongs into no file that is committed."

MISTAKES = [
    # Unknown and misspelt keys
    Mistake('scource = ["a.db"]', 1, "'scource' is not a setting here.", "Did you mean 'sources'?"),
    Mistake("# x\n[tables.users]\nskipp = true", 3, "'skipp' is not a setting here.", "Did you mean 'skip'?"),
    Mistake("[tables.users.columns.bio]\ntyp = 'text'", 2, "'typ' is not a setting here.", "Did you mean 'type'?"),
    Mistake("[tables.t]\n[tables.t.columns]\nc = { mapp = 1 }", 3, "'mapp' is not a", "Did you mean 'map'?"),
    Mistake("[targets.p]\nurl = '${A}'\nusr = 'x'", 3, "'usr' is not a setting here.", "Did you mean 'url'?"),
    Mistake("[models]\nfoo = 1\nmodule = 'm'", 2, "'foo' is not", "Known are: module, file, base, alembic."),
    Mistake("[sources.a]\nurl = 'x.db'\npath = 'y'", 3, "'path' is not a setting here.", "Known are: url."),
    Mistake(
        "[tables.t]\nskip = true\nschema = 'x'",
        3,
        "'schema' is not a setting here.",
        "'schema' belongs at the top of the file, before the first [table].",
    ),
    # Words
    Mistake('on_invalid = "drop"', 1, "'on_invalid' must be one of stop, widen, null, replace, quarantine, skip."),
    Mistake('on_invalid = "Nul"', 1, "must be one of", "Did you mean 'null'?"),
    Mistake('on_invalid = "unenforced"', 1, "must be one of stop, widen, null, replace, quarantine, skip."),
    Mistake('on_orphans = "widen"', 1, "must be one of stop, null, quarantine, unenforced, skip."),
    Mistake("[tables.t]\non_check = 'null'", 2, "'on_check' must be one of stop, quarantine, unenforced, skip."),
    Mistake("[tables.t]\non_duplicates = 'null'", 2, "'on_duplicates' must be one of stop, quarantine, skip."),
    Mistake("[tables.t.columns.c]\non_orphans = 3", 2, "'on_orphans' must be one of stop, null"),
    Mistake('names = "snakes"', 1, "'names' must be one of keep, lower, snake.", "Did you mean 'snake'?"),
    # Kinds of values
    Mistake("target = 5", 1, "'target' must be text."),
    Mistake("schema = ' '", 1, "'schema' must not be empty."),
    Mistake("sources = [1]", 1, "Entry 1 of 'sources' must be text."),
    Mistake("sources = 'a.db'", 1, "'sources' must be a list of paths or URLs, or a table of them by name."),
    Mistake("[sources]\na = 1", 2, "'a' must be a path or URL, or a table with one."),
    Mistake("[tables.users]\nskip = 'yes'", 2, "'skip' must be true or false."),
    Mistake("[tables.users]\ntrim = 1", 2, "'trim' must be true or false."),
    Mistake("tables = 3", 1, "'tables' must be a table."),
    Mistake("[tables]\nusers = 3", 2, "'users' must be a table."),
    Mistake("[tables.t.columns.c]\nvalue = []", 2, "'value' must be text, a number, or true or false."),
    Mistake(
        "[tables.t.columns.c]\nvalue = 2024-01-01", 2, "'value' must be text", "Write dates and times as text"
    ),
    Mistake("[tables.t.columns.c]\nvalue = nan", 2, "'value' must be a finite number", schema=False),
    Mistake(f"[tables.t.columns.c]\nvalue = {2**63}", 2, "of at most 64 bits", schema=False),
    Mistake("[tables.t.columns.c]\nmap = { a = {} }", 2, "'a' must be text, a number, or true or false."),
    Mistake("[tables.t.columns.c]\nmap = {}", 2, "'map' must not be empty."),
    Mistake("[tables.t]\nwhere = ''", 2, "'where' must not be empty."),
    # Types
    Mistake("[tables.u.columns.c]\ntype = 'varchar'", 2, "'varchar' is not a logical type; known are bool, int16"),
    Mistake("[tables.u.columns.c]\ntype = 'txt(3)'", 2, "is not a logical type", "Did you mean 'text'?"),
    Mistake("[tables.u.columns.c]\ntype = 'decimal'", 2, "'decimal' has the wrong parameters"),
    Mistake("[tables.u.columns.c]\ntype = 'decimal(39,2)'", 2, "precision is 1 to 38"),
    Mistake("[tables.u.columns.c]\ntype = 'decimal(3,5)'", 2, "scale 0 to precision", schema=False),
    # Contradictions
    Mistake("[tables.t.columns.c]\ncompute = 'x'\nvalue = 1", 2, "'compute' cannot stand beside 'value'."),
    Mistake("[tables.t.columns.c]\nvalue = false\ncompute = 'x'", 3, "'compute' cannot stand beside 'value'."),
    Mistake("[models]\nmodule = 'm'\nfile = 'models.py'", 3, "'file' cannot stand beside 'module'."),
    Mistake("\n[models]\nbase = 'B'", 2, "'file' is missing, and 'module' is too."),
    Mistake("[models]\nmodule = 'a.1b'", 2, "'module' must be a Python module.", 'file = "models.py"'),
    Mistake("[models]\nmodule = 'm'\nbase = 'a.b'", 3, "'base' must be a Python name."),
    # Files
    Mistake("[models]\nfile = 'modles.py'", 2, "'file' names a file that does not exist", schema=False),
    Mistake("[models]\nmodule = 'm'\nalembic = 'x.ini'", 3, "'alembic' names a file that does not", schema=False),
    Mistake("[tables.t]\ntransform = 'transforms.py'", 2, "'transform' must be FILE:FUNCTION."),
    Mistake("[tables.t]\ntransform = 'transforms.py:'", 2, "'transform' must be FILE:FUNCTION."),
    Mistake("[tables.t]\ntransform = 'none.py:f'", 2, "names a file that does not exist", schema=False),
    # Names
    Mistake("[sources]\n'a.b' = 'x.db'", 2, "'a.b' cannot be the name of a source", '"source.table" ambiguous'),
    Mistake("[targets.embedded]\nurl = '${A}'", 1, "'embedded' is a target by itself"),
    Mistake("[targets.postgresql]\nurl = '${A}'", 1, "'postgresql' is a target by itself"),
    Mistake("[targets.mssql]\nurl = '${A}'", 1, "'mssql' is a target by itself"),
    Mistake("[targets.'a:b']\nurl = '${A}'", 1, "'a:b' cannot be the name of a target"),
    Mistake(
        "target = 'prod'\n[targets.prd]\nurl = '${A}'",
        1,
        "'target' is 'prod', which is neither a target nor a URL.",
        "Did you mean 'prd'?",
        schema=False,
    ),
    Mistake("target = 'here'", 1, "'here', which is neither", "Known are: embedded, postgresql", schema=False),
    Mistake("[environment]\n1A = 'x'", 2, "'1A' cannot be a name in the environment."),
    Mistake("[environment]\nA = '{hst}'", 2, "'A' has {hst}, which is nothing known.", "Did you mean 'host'?"),
    Mistake(
        "[environment]\nA = '{password}'", 2, "'A' has {password}, which is nothing known.", "Known are {url}"
    ),
    Mistake("[environment]\nA = '{}'", 2, "'A' has {}, which is nothing known."),
    Mistake("[environment]\nA = '{url'", 2, "'A' has a brace without its other half."),
    # URLs
    Mistake("[targets.p]", 1, "'url' is missing."),
    Mistake(_URL + "'here'", 2, "'url' is not a URL.", "Write postgresql://"),
    Mistake(_URL + "'postgresql://${PG-HOST}/x'", 2, "'url' has a '${' that does not go on", schema=False),
    Mistake(_URL + "'postgresql://h:port/x'", 2, "'url' is not a URL.", schema=False),
    Mistake(_URL + "'postgresql://u:s3cret@h/d'", 2, _PASSWORD, "Write ${NAME} in its place"),
    Mistake(_URL + "'postgresql://u:s3cret${A}@h/d'", 2, _PASSWORD),
    Mistake(_URL + "'postgresql://u:${A}s3cret@h/d'", 2, _PASSWORD),
    Mistake(_URL + "'postgresql://u@h/d?sslmode=require&password=s3cret'", 2, _PASSWORD),
    Mistake(_URL + "'mssql://h/d?PWD=s3cret'", 2, _PASSWORD),
    Mistake(_URL + "'mssql+pyodbc:///?odbc_connect=UID%3Dx%3BPWD%3Ds3cret'", 2, _PASSWORD, schema=False),
    Mistake("target = 'postgresql://u:s3cret@h/d'", 1, _PASSWORD.replace("url", "target")),
    Mistake("target = 'postgresql://u@h/d?password=s3cret'", 1, _PASSWORD.replace("url", "target")),
    Mistake("target = 'postgresql://${A}@h/d'", 1, "'target' refers to the environment", "[targets.NAME]"),
    Mistake("[environment]\nA = 'postgresql://{user}:s3cret@{host}'", 2, _PASSWORD.replace("url", "A")),
    Mistake("sources = ['x.db',\n 'access:///x.accdb?password=s3cret']", 1, "Entry 2 of 'sources' holds a pass"),
]
