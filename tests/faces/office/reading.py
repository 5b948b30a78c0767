"""Reading the office's pages as an officer does: buttons pressed, tables as rows, files as a spreadsheet opens them."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import cast
from uuid import UUID

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from meguri.programmes import queries as programmes
from meguri.programmes.queries import FundView
from tests.faces.office.lived import Office

MAKERS = {"voucher": "maker:commerce", "point": "maker:planning", "benefit": "maker:welfare"}
CHECKERS = {"voucher": "checker:commerce", "point": "checker:planning", "benefit": "checker:welfare"}
ACCOUNTANT, TREASURER = "accountant:accounting", "accountant:accounting#2"
ANALYST, OPERATOR = "analyst:planning", "operator:planning"
EVERYBODY = (*MAKERS.values(), *CHECKERS.values(), ACCOUNTANT, ANALYST, OPERATOR)


def address(name: str, *args: object) -> str:
    return reverse(f"office:{name}", args=args)


def look(client: Client, name: str, /, *args: object, **query: str) -> HttpResponse:
    return cast("HttpResponse", client.get(address(name, *args), query))


def page(client: Client, name: str, /, *args: object, **query: str) -> str:
    """The page's text, which must be there."""
    answer = look(client, name, *args, **query)
    assert answer.status_code == 200, (name, answer.status_code, words(answer)[:600])
    return answer.content.decode()


def send(client: Client, name: str, /, *args: object, **form: object) -> HttpResponse:
    """Press a button and land where it leads."""
    return cast("HttpResponse", client.post(address(name, *args), form, follow=True))


def words(answer: HttpResponse | str) -> str:
    """What can be read: without tags and furigana, spaces joined."""
    text = answer if isinstance(answer, str) else answer.content.decode()
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r"<rp>.*?</rp>|<rt>.*?</rt>", "", text, flags=re.DOTALL)
    text = re.sub(r"</?(?:ruby|strong|b|span|a|wbr)\b[^>]*>", "", text)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text))).strip()


def cells(text: str, caption: str) -> list[list[str]]:
    """The body rows of the table with this caption."""
    found = re.search(rf"<caption>{re.escape(caption)}</caption>.*?<tbody>(.*?)</tbody>", text, flags=re.DOTALL)
    if found is None:
        return []
    rows = re.findall(r"<tr\b.*?</tr>", found[1], flags=re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in rows]


def links(text: str, part: str) -> list[str]:
    """The addresses on the page that contain a part."""
    return [html.unescape(each) for each in re.findall(r'href="([^"]*)"', text) if part in each]


def following(text: str, name: str = "after") -> str:
    """The cursor of the next page; empty on the last one."""
    found = re.search(rf"[?&;]{name}=([0-9a-f-]+)", " ".join(links(text, f"{name}=")))
    return found[1] if found else ""


def sheet(client: Client, name: str, /, *args: object, **query: str) -> list[list[str]]:
    """A CSV file read back; it must be what spreadsheets in Japan expect."""
    answer = look(client, name, *args, format="csv", **query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8", (name, answer.status_code)
    assert answer["Content-Disposition"].startswith('attachment; filename="meguri-')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in answer.content
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def number_of(text: str) -> str:
    """The number that the page's first form carries, so that it counts once."""
    found = re.search(r'name="once" value="([0-9a-f-]{36})"', text)
    assert found is not None, "no form carries a number"
    return found[1]


def fund(office: Office, family: str, *, funder: str = "") -> FundView:
    """A fund of the programme of this kind: of this funder, else the first that is not the buyers'."""
    found = programmes.funds(office.number, programme=office.programme(family))
    return next(each for each in found if (each.funder == funder if funder else each.funder != "buyers"))


def party(office: Office, key: str) -> UUID:
    found = office.officer(key).party
    assert found is not None
    return found
