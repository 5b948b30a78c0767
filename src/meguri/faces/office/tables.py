"""Tables as pages show them and as CSV files carry them: the same rows, once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from meguri.faces.design import figures
from meguri.faces.design.charts import Chart
from meguri.faces.entrance.requests import TownRequest

Cell = str | int | float | None | dict[str, Any]
Column = tuple[str, str] | tuple[str, str, str]
"""Japanese and English head, and `number` (at the right) or `keep` (never broken)."""


@dataclass(frozen=True, slots=True)
class NamedChart:
    """A picture under the name by which its file is asked for."""

    name: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class Table:
    """What the part `data_table` shows. `name` tells tables of one page apart in `?format=csv&table=…`."""

    name: str
    caption: str
    columns: list[dict[str, Any]]
    rows: list[list[Cell]]
    total: list[Cell] | None
    empty: str
    export_url: str
    next_url: str
    count: int | None


def table(
    request: TownRequest, name: str, *, caption: tuple[str, str], columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]], total: Sequence[Cell] | None = None, empty: tuple[str, str] = ("", ""),
    after: UUID | None = None, cursor: str = "after", count: int | None = None, export: bool = True,
) -> Table:
    """A table in the reader's language. `after`: the last row's id if a further page may follow; `cursor`: its name."""
    place = 0 if request.language == "ja" else 1
    return Table(
        name=name, caption=caption[place], columns=[_column(column, place) for column in columns],
        rows=[list(row) for row in rows], total=list(total) if total else None, empty=empty[place],
        export_url=_address(request, format="csv", table=name) if export else "",
        next_url=_address(request, **{cursor: str(after)}) if after else "", count=count,
    )  # fmt: skip


def is_csv(request: TownRequest, name: str) -> bool:
    """Whether this request wants that table as a file, all rows of it."""
    return request.GET.get("format") == "csv" and request.GET.get("table", name) == name


def csv_of(request: TownRequest, *tables: Table | Chart | NamedChart | None) -> HttpResponse | None:
    """The file that was asked for, if one was; a picture's table goes by its name, else by its kind."""
    if request.GET.get("format") != "csv":
        return None
    wanted = request.GET.get("table", "")
    for each in tables:
        if each is not None and wanted in ("", _name(each)):
            return csv_file(_content(each), name=_name(each))
    return None


def csv_file(content: str, *, name: str) -> HttpResponse:
    """A download in UTF-8 with byte order mark and CRLF, as spreadsheets in Japan want it."""
    response = HttpResponse(content.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="meguri-{name}.csv"'
    return response


def written(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV text; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def when(value: datetime | None, request: TownRequest, *, style: figures.DayStyle = "") -> str:
    """A moment as a cell; records that are read years later say the year, and so does what is not of this year."""
    if value is None:
        return ""
    is_old = figures.as_day(value).year != figures.as_day(request.at).year
    return figures.show_moment(value, request.language, style=style or ("year" if is_old else ""))


def on_day(value: date | datetime | None, request: TownRequest) -> str:
    """A day as a cell."""
    return "" if value is None else figures.show_day(figures.as_day(value), request.language, style="year")


def _column(column: Column, place: int) -> dict[str, Any]:
    kind = column[2] if len(column) == 3 else ""
    return {"label": column[place], "number": kind == "number", "keep": kind == "keep"}


def _address(request: TownRequest, **changed: str) -> str:
    """The address of this page with other query values; a page's cursor does not go into its export."""
    query = request.GET.copy()
    for name in ("after", "format", "table", "lang"):
        query.pop(name, None)
    for name, value in changed.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _name(each: Table | Chart | NamedChart) -> str:
    return each.kind if isinstance(each, Chart) else each.name


def _content(each: Table | Chart | NamedChart) -> str:
    if isinstance(each, NamedChart):
        return each.chart.csv()
    if isinstance(each, Chart):
        return each.csv()
    heads = [column["label"] for column in each.columns]
    return written([heads, *([_plain(cell) for cell in row] for row in each.rows)])


def _plain(cell: Cell) -> object:
    if isinstance(cell, dict):
        note = f" ({cell['note']})" if cell.get("note") else ""
        cell = cell["amount"] if cell.get("amount") is not None else f"{cell.get('text', '')}{note}"
    return "" if cell is None else cell


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
