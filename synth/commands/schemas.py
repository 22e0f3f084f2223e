"""`synth schemas`: what the tables are, this year and that, and in the words of other tools."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import click

from synth.core.catalog import Catalog
from synth.core.errors import UserError
from synth.core.files import atomic_file, atomic_folder

_HELP = {"help_option_names": ["-h", "--help"]}

# written elsewhere: name -> (module with a click command called `command`, the line shown by `synth schemas --help`)
_ELSEWHERE = {
    "import": ("synth.commands.schemas_import", "Take schemas and code lists from a checkout of schema-snds."),
    "infer": ("synth.commands.schemas_infer", "Draft a datapackage.json for a folder of tables."),
}
_DIALECTS = ("duckdb", "sqlite", "postgres", "oracle")


class _Group(click.Group):
    """Commands of this module, and those of others, imported only to run them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, this module's first."""
        return [*self.commands, *_ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None when there is none of this name, or its module is not installed."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        try:
            found: click.Command = importlib.import_module(_ELSEWHERE[cmd_name][0]).command
        except ModuleNotFoundError as error:
            if error.name != _ELSEWHERE[cmd_name][0]:
                raise
            return None
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, without importing the commands of other modules."""
        own = [(name, item.get_short_help_str(80)) for name, item in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl([*own, *((name, line) for name, (_, line) in _ELSEWHERE.items())])


@click.group(cls=_Group, context_settings=_HELP)
def command() -> None:
    """List, show, compare and export table schemas: the SNDS by heart, or any datapackage.json.

    Example: synth schemas show ER_PRS_F --year 2022
    """


_year = click.option("--year", type=int, help="The SNDS as it was that year; 2022 when absent.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_lang = click.option("--lang", type=click.Choice(("fr", "en")), default="fr", show_default=True, help="Titles.")


@command.command("list", epilog="Example: synth schemas list --product PMSI_MCO --year 2022")
@click.option("--product", help="One product: DCIR, PMSI_MCO, CEPIDC ...")
@click.option("--year", type=int, help="Only tables that existed that year.")
@_lang
@_json
def list_command(product: str | None, year: int | None, lang: str, as_json: bool) -> None:
    """List the tables of the SNDS: product, years, columns."""
    from synth.core.jsontext import dumps
    from synth.schema_export.listing import listed_tables, listing_text

    found = listed_tables(product, year, lang)
    _print(dumps(found) if as_json else listing_text(found, _width()))


@command.command("show", epilog="Example: synth schemas show T_MCO22B --lang en")
@click.argument("table")
@click.option("--package", type=click.Path(path_type=Path), help="A datapackage.json that TABLE is in; else the SNDS.")
@click.option("--year", type=int, help="The table as it was that year; the columns of every year when absent.")
@_lang
@_json
def show_command(table: str, package: Path | None, year: int | None, lang: str, as_json: bool) -> None:
    """Show one table: its columns with type, size, keys, code list, years and title."""
    from synth.core.descriptor_writer import resource_of
    from synth.core.jsontext import dumps
    from synth.fixtures.source import find_request, snds_request, told_year
    from synth.schema_export.showing import table_text

    if package is not None:
        request = find_request(str(package), (table,), year)
    else:
        request = snds_request((table,), year or told_year(table))
    described = request.catalog.table(request.tables[0])
    _print(dumps(resource_of(described)) if as_json else table_text(described, lang, _width()))


@command.command("diff", epilog="Example: synth schemas diff 2019 2022 --tables T_MCOaaB")
@click.argument("year1", type=int)
@click.argument("year2", type=int)
@click.option("--tables", default="core", show_default=True, help="core, all, a product, or names with commas.")
@_json
def diff_command(year1: int, year2: int, tables: str, as_json: bool) -> None:
    """Compare two years of the SNDS: tables and columns added, removed, changed."""
    from synth.core.jsontext import dumps
    from synth.schema_export.differences import compare, difference_text

    found = compare(_catalog(tables, year1, known=year2), _catalog(tables, year2, known=year1))
    _print(dumps(found.as_json()) if as_json else difference_text(found))


@command.command(
    "export",
    epilog="""Examples:

\b
  synth schemas export --sql duckdb | duckdb snds.duckdb
  synth schemas export --mermaid --tables PMSI_MCO --out mco.mmd
  synth schemas export --frictionless schemas/ --year 2019
  synth schemas export --sql postgres --package datapackage.json""",
)
@click.option("--sql", type=click.Choice(_DIALECTS), help="CREATE TABLE statements.")
@click.option("--frictionless", type=click.Path(path_type=Path), metavar="DIR", help="A folder of Table Schemas.")
@click.option("--mermaid", is_flag=True, help="A diagram of the joins.")
@click.option("--tables", default="core", show_default=True, help="core, all, a product, or names with commas.")
@click.option("--package", type=click.Path(path_type=Path), help="Export this datapackage.json instead of the SNDS.")
@_year
@_lang
@click.option("--out", default="-", metavar="FILE|-", help="Where SQL or Mermaid is written.")
@click.option("--force", is_flag=True, help="Replace a folder that is not empty.")
def export_command(
    sql: str | None,
    frictionless: Path | None,
    mermaid: bool,
    tables: str,
    package: Path | None,
    year: int | None,
    lang: str,
    out: str,
    force: bool,
) -> None:
    """Write schemas for other tools: SQL, Frictionless or Mermaid, one of them."""
    if (sql is not None) + (frictionless is not None) + mermaid != 1:
        raise UserError("nothing or too much to export", remedy="choose one of --sql, --frictionless, --mermaid")
    catalog = _packaged(package, tables) if package is not None else _catalog(tables, 2022 if year is None else year)
    if frictionless is not None:
        _export_folder(catalog, frictionless, force)
        return
    if sql is not None:
        from synth.schema_export.sql import sql_ddl

        text = sql_ddl(catalog, sql, lang)
    else:
        from synth.schema_export.mermaid import mermaid_diagram

        text = mermaid_diagram(catalog)
    if out == "-":
        _print(text)
    else:
        _written(Path(out), lambda: _write_file(Path(out), text))


def _catalog(tables: str, year: int, known: int | None = None) -> Catalog:
    """SNDS tables of one year; a name that only the year `known` has is left out."""
    from synth.core.snds import snds_catalog
    from synth.fixtures.source import existing, nearest_table, tell_unknown_year

    nearest_table(tables)
    tell_unknown_year(year)
    return snds_catalog(existing(tables, year) if known is not None else tables, year)


def _packaged(package: Path, tables: str) -> Catalog:
    from synth.core.descriptor import read_catalog

    path = package / "datapackage.json" if package.is_dir() else package
    catalog = read_catalog(path)
    if tables in ("core", "all"):
        return catalog
    return catalog.select(tuple(name.strip() for name in tables.split(",")))


def _export_folder(catalog: Catalog, folder: Path, force: bool) -> None:
    from synth.schema_export.folder import frictionless_files

    def write() -> None:
        with atomic_folder(folder, overwrite=force) as aside:
            for name, text in frictionless_files(catalog).items():
                (aside / name).parent.mkdir(exist_ok=True)
                (aside / name).write_text(text, encoding="utf-8")

    _written(folder, write)


def _write_file(path: Path, text: str) -> None:
    with atomic_file(path) as aside:
        aside.write_text(text, encoding="utf-8")


def _written(path: Path, write: Callable[[], None]) -> None:
    try:
        write()
    except OSError:
        raise UserError("cannot be written", file=path, remedy="check the path, permissions and free space") from None


def _width() -> int:
    return max(shutil.get_terminal_size((120, 24)).columns, 60)


def _print(text: str) -> None:
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
