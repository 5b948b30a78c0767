"""Every part: its note is complete, its own example is drawn in both languages, and what it shows is escaped."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from meguri.faces.design import reference, samples
from meguri.faces.design.charts import MoneyPart
from meguri.faces.design.reference import PARTS, part_note, part_notes
from meguri.faces.design.views import sample_context
from meguri.words.refusal import Language
from tests.faces.design.conftest import Draw

NAMES = sorted(path.stem for path in PARTS.glob("*.html"))
LANGUAGES: tuple[Language, ...] = ("ja", "en")
VOID = {"input", "br", "hr", "img", "meta", "link", "wbr"}


class Balance(HTMLParser):
    """Complains about elements that are closed wrongly, and gathers what must be unique."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.complaints: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.complaints.append(f"<{tag}> says an attribute twice: {names}")
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.complaints.append(f"</{tag}> closes nothing")


def complaints(markup: str) -> list[str]:
    balance = Balance()
    balance.feed(markup)
    return [*balance.complaints, *(f"<{tag}> stays open" for tag in balance.open)]


def example_context(language: Language) -> dict[str, object]:
    """What the examples in the notes speak of."""
    context = sample_context(language)
    return {
        **context,
        "nav_items": context["resident_nav"], "nav_groups": context["office_nav"], "rows": context["payments"],
        "columns": context["columns"], "next_url": "?after=1", "items": context["facts"],
        "parts": context["payment_parts"],
        "errors": {"amount_yen": "!"}, "form": {"amount_yen": "1280"}, "points_url": "/p", "svg": context["code_svg"],
        "ends_at": samples.AT, "url": "/x", "chart": context["ring"], "goal": context["goals"][0],
        "purse": {"expires_at": samples.VOUCHER_ENDS}, "row": context["payments"][0], "q": "八百屋",
    }  # fmt: skip


def prepared(name: str, language: Language) -> dict[str, object]:
    """Some examples use the same word for other things."""
    context = example_context(language)
    special: dict[str, dict[str, object]] = {
        "bottom_nav": {"items": context["resident_nav"]},
        "money_bar": {"parts": context["budget"], "total": samples.BUDGET, "budget": samples.BUDGET},
        "error_summary": {"errors": context["form_errors"]},
        "figures": {"figures": context["figures"]},
        "tabs": {"tabs": context["tabs"]},
    }
    return {**context, **special.get(name, {})}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_part_draws_its_own_example_in_both_languages(draw: Draw, name: str, language: Language) -> None:
    example = part_note(name).example.replace("<a …>…</a>", "<a href='#'>x</a>").replace("…", "x")
    drawn = draw(example, **prepared(name, language))
    assert len(drawn.strip()) > 20
    assert complaints(drawn) == []
    assert "{%" not in drawn
    assert "{{" not in drawn


@pytest.mark.parametrize("name", NAMES)
def test_every_part_survives_without_any_value(draw: Draw, name: str) -> None:
    needs = {"chart", "money_bar", "trail", "table_row", "amount", "purse", "receipt", "paid", "family", "field"}
    if name not in needs:
        draw(f'{{% part "{name}" %}}')


@pytest.mark.parametrize("name", NAMES)
def test_english_parts_speak_no_japanese_of_their_own(draw: Draw, name: str) -> None:
    if name == "language_switch":  # names the other language in its own tongue
        return
    source = re.sub(r'="[^"]*[\u3040-\u9fff][^"]*"', '="x"', part_note(name).example).replace("…", "x")
    context = {**prepared(name, "en"), "q": "x", "language": "en"}
    drawn = draw(source, **context)
    assert re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]+", drawn) == []


def test_notes_are_complete_and_say_the_part_in_their_example() -> None:
    notes = part_notes()
    assert list(notes) == NAMES
    for note in notes.values():
        assert len(note.says) > 10
        assert re.search(rf'{{% (part|wrap) "{note.name}"', note.example)


def test_a_part_without_a_note_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bare.html").write_text("<p></p>")
    monkeypatch.setattr(reference, "PARTS", tmp_path)
    with pytest.raises(ValueError, match="bare"):
        part_note("bare")


def test_what_people_wrote_is_escaped_everywhere(draw: Draw) -> None:
    evil = "<script>alert(1)</script>"
    items = [{"label": evil, "value": evil, "name": evil, "text": evil, "url": "/x", "icon": "home", "note": evil}]
    sources = [
        '{% part "button" label=evil name=evil value=evil %}',
        '{% part "notice" title=evil why=evil todo=evil code=evil url=evil action=evil %}',
        '{% part "field" name=evil label=evil hint=evil error=evil value=evil placeholder=evil %}',
        '{% part "field" name="n" label=evil kind="textarea" value=evil %}',
        '{% part "field" name="n" label=evil kind="select" options=options value=evil %}',
        '{% part "field" name="n" label=evil kind="radio" options=options value=evil %}',
        '{% part "facts" items=items %}', '{% part "figures" items=items %}', '{% part "tabs" items=items %}',
        '{% part "path" items=items %}', '{% part "bottom_nav" items=items %}', '{% part "steps" steps=items %}',
        '{% part "purse" family="point" name=evil amount=5 where=evil url=evil %}',
        '{% part "card" title=evil note=evil url=evil %}', '{% part "badge" label=evil status="draft" %}',
        '{% part "question" title=evil of=evil note=evil %}', '{% part "demo_strip" who=evil url=evil %}',
        '{% part "data_table" caption=evil columns=columns rows=rows %}',
        '{% part "life" stations=stations %}', '{% part "gate" title=evil items=conditions action=evil %}',
        '{% part "receipt" shop=evil amount=1 number=evil parts=purses facts=items %}',
        '{% part "paid" shop=evil amount=1 number=evil next_url=evil next=evil %}',
        '{% part "code" label=evil svg=evil number=evil %}', '{% part "progress" label=evil words=evil note=evil %}',
    ]  # fmt: skip
    context = {
        "evil": evil, "items": items, "options": [{"value": evil, "label": evil, "note": evil}],
        "columns": [{"label": evil}], "rows": [{"cells": [evil]}, [evil], [{"text": evil, "url": evil, "note": evil}]],
        "stations": [{"name": evil, "day": evil, "note": evil, "state": "now"}],
        "conditions": [{"text": evil, "note": evil}], "purses": [{"family": "point", "name": evil, "amount": 1}],
    }  # fmt: skip
    for source in sources:
        assert "<script" not in draw(source, **context), source


# --- what single parts promise ---------------------------------------------------------------------------------


def test_a_field_with_an_error_says_where_and_what(draw: Draw) -> None:
    drawn = draw(
        '{% part "field" name="amount_yen" label="金額" kind="yen" hint="ヒント" error="少なすぎます" value="5" %}'
    )
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="amount_yen-error amount_yen-hint"' in drawn
    assert 'id="amount_yen-error"' in drawn
    assert 'inputmode="numeric"' in drawn
    assert 'type="text"' in drawn  # full-width digits may be typed
    assert "円" in drawn


def test_a_field_keeps_zero_and_loses_a_password(draw: Draw) -> None:
    assert 'value="0"' in draw('{% part "field" name="n" label="N" kind="number" value=0 %}')
    assert "geheim" not in draw('{% part "field" name="p" label="P" kind="password" value="geheim" %}')


def test_a_day_field_takes_a_date(draw: Draw) -> None:
    drawn = draw('{% part "field" name="d" label="D" kind="day" value=on %}', on=date(2027, 8, 31))
    assert 'type="date"' in drawn
    assert 'value="2027-08-31"' in drawn


def test_a_choice_is_checked(draw: Draw) -> None:
    options = [{"value": 1, "label": "a"}, {"value": 2, "label": "b"}]
    drawn = draw('{% part "field" name="c" label="C" kind="radio" options=options value="2" %}', options=options)
    assert drawn.count("checked") == 1
    assert re.search(r'value="2" checked', drawn)
    several = draw(
        '{% part "field" name="c" label="C" kind="checkbox" options=options value=v %}', options=options, v=[1, 2]
    )
    assert several.count("checked") == 2


def test_the_amount_pad_works_without_javascript(draw: Draw) -> None:
    drawn = draw('{% part "amount_pad" %}')
    assert re.search(r'<input[^>]+name="amount_yen"[^>]+type="text"', drawn)
    assert "data-pad-keys hidden" in drawn


def test_amounts_say_plus_and_minus_in_writing(draw: Draw) -> None:
    assert "−" in draw('{% part "amount" amount=n %}', n=-5)
    assert "+" in draw('{% part "amount" amount=5 signed=True %}')
    assert "amount--hero" in draw('{% part "amount" amount=5 size="hero" %}')


def test_a_notice_tells_the_sentence_and_shows_the_code_small(draw: Draw) -> None:
    drawn = draw('{% part "notice" kind="refusal" title="だめでした" refusal=refusal %}', refusal=samples.refusal())
    assert 'role="alert"' in drawn
    assert "ポイント1,200円で払えます" in drawn
    assert "<code>purse_not_accepted</code>" in drawn


def test_a_notice_without_a_title_takes_the_refusals_sentence(draw: Draw) -> None:
    drawn = draw('{% part "notice" kind="refusal" refusal=refusal %}', refusal=samples.refusal())
    assert drawn.count("専用券") == 1


def test_a_shut_gate_cannot_be_opened(draw: Draw) -> None:
    items = [{"text": "a", "fulfilled": True}, {"text": "b", "fulfilled": False}]
    shut = draw('{% part "gate" items=items action="Go" %}', items=items)
    opened = draw('{% part "gate" items=items action="Go" open=True %}', items=items)
    assert "disabled" in shut
    assert "足りません" in shut
    assert "disabled" not in opened


def test_a_table_heads_its_rows_and_offers_what_comes_next(draw: Draw) -> None:
    drawn = draw(
        '{% part "data_table" caption="C" columns=columns rows=rows total=total next_url="?a" count=1234 %}',
        columns=[{"label": "店"}, {"label": "額", "number": True, "sort_url": "?s", "sorted": "descending"}],
        rows=[{"cells": ["A", {"amount": 0}], "tone": "warning"}, ["B", None]], total=["計", 5],
    )  # fmt: skip
    assert drawn.count('<th scope="row"') == 3
    assert 'aria-sort="descending"' in drawn
    assert "全1,234件" in drawn
    assert "0円" in drawn
    assert "—" in drawn
    assert 'data-tone="warning"' in drawn
    assert 'rel="next"' in drawn
    assert complaints(drawn) == []


def test_a_table_without_rows_says_so(draw: Draw) -> None:
    drawn = draw(
        '{% part "data_table" caption="C" columns=columns rows=rows empty="支払いはありません" %}', columns=[], rows=[]
    )
    assert "支払いはありません" in drawn
    assert "<table" not in drawn


def test_a_money_bar_links_each_part_to_its_postings(draw: Draw) -> None:
    parts = [MoneyPart("使われた", 3, "voucher", "/used"), MoneyPart("残り", 2, "left", "/left")]
    drawn = draw('{% part "money_bar" parts=parts total=5 label="予算" %}', parts=parts)
    assert 'href="/used"' in drawn
    assert 'href="/left"' in drawn
    assert "5円" in drawn


def test_the_paid_sheet_is_spoken_at_once(draw: Draw) -> None:
    drawn = draw('{% part "paid" amount=1280 shop="八百屋" at_paid=at %}', at=datetime(2027, 8, 19, tzinfo=UTC))
    assert 'aria-live="assertive"' in drawn
    assert 'data-paid="yes"' in drawn
    assert "paid--full" in drawn
    assert 'data-paid="quiet"' in draw('{% part "paid" amount=1 quiet=True full=False %}')
    assert "paid--full" not in draw('{% part "paid" amount=1 full=False %}')


def test_a_chart_brings_its_twin(draw: Draw) -> None:
    chart = sample_context("ja")["charts"]["flow"]
    drawn = draw('{% part "chart" chart=chart csv_url="/x.csv" as_of=at %}', chart=chart, at=samples.AT)
    assert "数字を表で見る" in drawn
    assert drawn.count("<tr>") == len(chart.rows) + 1
    assert 'href="/x.csv"' in drawn
    assert "出典: 架空の町の帳簿" in drawn
    assert "2027年8月19日(木) 14:03時点" in drawn
    assert chart.desc in drawn


def test_a_bare_chart_is_the_picture_alone(draw: Draw) -> None:
    chart = sample_context("ja")["ring"]
    drawn = draw('{% part "chart" chart=chart level=0 bare=True table=False %}', chart=chart)
    assert "<table" not in drawn
    assert "<h3" not in drawn


def test_every_state_has_words_and_a_picture(draw: Draw) -> None:
    for kind in ("empty", "loading", "error", "offline", "closed", "invented"):
        drawn = draw('{% part "state" kind=kind %}', kind=kind)
        assert "icon--scene" in drawn
        assert len(re.sub(r"<[^>]+>|\s", "", drawn)) > 5


def test_badges_have_a_word_and_a_sign(draw: Draw) -> None:
    for status in sample_context("ja")["statuses"]:
        drawn = draw('{% part "badge" status=s %}', s=status)
        assert "<svg" in drawn
        assert re.search(r"[\u3040-\u9fff]", drawn)
    assert "独自" in draw('{% part "badge" status="waiting" label="独自" %}')


def test_the_document_on_the_design_knows_every_part_and_its_example() -> None:
    document = (Path(__file__).parents[3] / "docs" / "design.md").read_text(encoding="utf-8")
    assert [note.name for note in part_notes().values() if f"`{note.example}`" not in document] == []
    assert [note.name for note in part_notes().values() if note.values not in document] == []
