from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.template import Context, TemplateSyntaxError
from django.utils.translation import override
from hypothesis import example, given
from hypothesis import strategies as st

from meguri.faces.design import charts
from meguri.words.refusal import RefusalKind
from tests.faces.design.conftest import ENGINE, Draw

ENDS = datetime(2027, 8, 31, 15, tzinfo=UTC)
AT = datetime(2027, 8, 19, 5, 3, tzinfo=UTC)


def test_t_speaks_the_pages_language(draw: Draw) -> None:
    assert draw('{% t "払う" "Pay" %}') == "払う"
    assert draw('{% t "払う" "Pay" %}', language="en") == "Pay"


def test_t_takes_facts(draw: Draw) -> None:
    source = '{% t "残り{days}日" "{days} {days:day|days} left" days=n %}'
    assert draw(source, n=3) == "残り3日"
    assert draw(source, language="en", n=3) == "3 days left"
    assert draw(source, language="en", n=1) == "1 day left"


def test_t_takes_literals_as_facts(draw: Draw) -> None:
    assert draw('{% t "残り{days}日" "{days} days left" days=3 %}') == "残り3日"


def test_t_can_be_kept_under_a_name(draw: Draw) -> None:
    assert draw('{% t "払う" "Pay" as pay %}[{{ pay }}]') == "[払う]"
    assert draw('{% t "{n}円" "{n} yen" n=5 as money %}[{{ money }}]', language="en") == "[5 yen]"


def test_t_escapes_facts_and_sets_readings(draw: Draw) -> None:
    assert draw('{% t "{who}さん" "{who}" who=who %}', who="<b>") == "&lt;b&gt;さん"
    assert "<rt>はら</rt>" in draw('{% t "払《はら》う" "Pay" %}')


def test_t_takes_both_sentences_from_data(draw: Draw) -> None:
    town = SimpleNamespace(name_ja="めぐり町", name_en="Meguri-cho <x>")
    assert draw("{% t town.name_ja town.name_en %}", town=town) == "めぐり町"
    assert draw("{% t town.name_ja town.name_en %}", language="en", town=town) == "Meguri-cho &lt;x&gt;"
    assert draw("{% t nothing.at all.here %}") == ""


TYPED = [
    "{", "}", "{}", "{0}", "{0.__class__}", "{name", "{{name}}", "{name!r}", "{name:,}", "{name:>9999999999}", "{a[b]}",
    "%s %(x)s", "{% now %}", "{{ request.user }}", "8割{お得}!", "{shop.__init__.__globals__}",
]  # fmt: skip
"""What people type into names: braces that mean something to Python, to Django, or to nobody."""


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_somebody_typed_is_shown_as_typed(draw: Draw, typed: str, language: str) -> None:
    shop = SimpleNamespace(name_ja=typed, name_en=typed)
    assert unescape(draw("{% t shop.name_ja shop.name_en %}", language=language, shop=shop)) == typed
    kept = draw("{% t shop.name_ja shop.name_en as n %}[{{ n }}]", language=language, shop=shop)
    assert unescape(kept) == f"[{typed}]"


@pytest.mark.parametrize("typed", TYPED)
def test_what_somebody_typed_as_a_fact_is_shown_as_typed(draw: Draw, typed: str) -> None:
    assert unescape(draw('{% t "{who}さん、{n:,}円" "{who}" who=who n=1200 %}', who=typed)) == f"{typed}さん、1,200円"


@given(st.text(st.characters(exclude_characters="\x00\r《》"), max_size=40), st.sampled_from(["ja", "en"]))
@example("{x}{", "ja")
def test_no_name_breaks_a_page_or_changes_on_it(typed: str, language: str) -> None:
    source = '{% load meguri %}{% t name name %}|{% t "{who}です" "I am {who}" who=name %}'
    with override(language):
        drawn = ENGINE.from_string(source).render(Context({"language": language, "name": typed}))
    said = f"{typed}です" if language == "ja" else f"I am {typed}"
    assert unescape(drawn) == f"{typed}|{said}"
    assert "<" not in drawn


def test_a_sentence_from_data_takes_no_facts(draw: Draw) -> None:
    """Else whoever names a shop could choose what is shown of the facts, and of all that hangs on them."""
    with pytest.raises(TemplateSyntaxError, match="takes no facts"):
        draw("{% t shop.name shop.name who=who %}", shop=SimpleNamespace(name="{who.secret}"), who=SimpleNamespace())
    with pytest.raises(TemplateSyntaxError, match="takes no facts"):
        draw('{% t "{who}" shop.name who=who %}', shop=SimpleNamespace(name="{who}"), who="x")


def test_t_finds_a_missing_fact_when_the_template_is_read(draw: Draw) -> None:
    with pytest.raises(TemplateSyntaxError, match="days"):
        draw('{% t "残り{days}日" "left" %}')
    with pytest.raises(TemplateSyntaxError, match="days"):
        draw('{% t "残り" "{days} left" n=3 %}')
    with pytest.raises(TemplateSyntaxError, match="two sentences"):
        draw('{% t "残り" %}')


def test_a_fact_without_a_value_leaves_a_readable_page(draw: Draw) -> None:
    assert draw('{% t "残り{days:,}日" "{days} left" days=unknown.thing %}') == "残り日"


@pytest.mark.parametrize(
    ("source", "ja", "en"),
    [
        ("{{ 1280|yen }}", "1,280円", "¥1,280"),
        ("{{ minus|yen }}", "−650円", "−¥650"),
        ("{{ nothing|yen }}", "—", "—"),
        ("{{ 120000000|oku }}", "1.2億円", "¥120M"),
        ("{{ 1234|figure }}", "1,234", "1,234"),
        ("{{ minus|figure }}", "−650", "−650"),
        ("{{ share|figure }}", "42.7", "42.7"),
        ("{{ whole|figure }}", "21,000,000", "21,000,000"),
        ("{{ none|figure }}", "—", "—"),
        ("{{ text|figure }}", "本町", "本町"),
        ("{{ truth|figure }}", "True", "True"),
        ("{{ on|day }}", "8月31日(火)", "Tue 31 Aug"),
        ('{{ on|day:"era" }}', "令和9年8月31日(火)", "Tue 31 Aug 2027"),
        ("{{ ends|day }}", "9月1日(水)", "Wed 1 Sep"),
        ("{{ ends|last_day }}", "8月31日(火)", "Tue 31 Aug"),
        ("{{ at|moment }}", "8月19日(木) 14:03", "Thu 19 Aug, 14:03"),
        ("{{ at|clock }}", "14:03", "14:03"),
        ("{{ gone|day }}{{ gone|last_day }}{{ gone|moment }}{{ gone|clock }}", "", ""),
    ],
)
def test_figures_and_times(draw: Draw, source: str, ja: str, en: str) -> None:
    facts = {
        "minus": -650, "share": 42.7, "whole": 21_000_000.0, "none": None, "text": "本町", "on": date(2027, 8, 31),
        "ends": ENDS, "at": AT, "truth": True,
    }  # fmt: skip
    assert draw(source, **facts) == ja
    assert draw(source, language="en", **facts) == en


def test_yen_in_a_language_of_its_own(draw: Draw) -> None:
    assert draw('{{ 1280|yen:"en" }}') == "¥1,280"
    assert draw('{{ 3400000|oku:"ja" }}', language="en") == "340万円"


def test_until_says_day_and_days(draw: Draw) -> None:
    near = draw("{% until ends at=at %}", ends=ENDS, at=AT)
    assert "8月31日(火)まで" in near
    assert "あと12日" in near
    assert 'class="soon"' in near


def test_until_does_not_urge_when_there_is_time(draw: Draw) -> None:
    far = draw("{% until ends at=at %}", language="en", ends=datetime(2028, 3, 31, 15, tzinfo=UTC), at=AT)
    assert "until Fri 31 Mar" in far
    assert "225 days left" in far
    assert "soon" not in far


def test_until_says_the_time_of_what_ends_within_a_day(draw: Draw) -> None:
    """Units that are kept for half an hour are not kept until the evening, and not all of tomorrow either."""
    held = draw("{% until ends at=at %}", ends=AT + timedelta(minutes=30), at=AT)
    assert "8月19日(木) 14:33まで" in held
    assert "until Thu 19 Aug, 14:33" in draw("{% until ends %}", language="en", ends=AT + timedelta(minutes=30))
    assert "8月20日(金) 00:10まで" in draw("{% until ends %}", ends=datetime(2027, 8, 19, 15, 10, tzinfo=UTC))
    assert "8月31日(火)まで" in draw("{% until ends %}", ends=date(2027, 8, 31))


def test_until_takes_the_pages_moment(draw: Draw) -> None:
    assert "あと12日" in draw("{% until ends %}", ends=ENDS, at=AT)
    assert "あと12日" in draw("{% until ends %}", ends=ENDS, request=SimpleNamespace(at=AT))


def test_until_without_an_end_or_a_moment(draw: Draw) -> None:
    assert draw("{% until ends %}", ends=None, at=AT) == ""
    assert draw("{% until ends %}", ends=ENDS) == "<span>8月31日(火)まで</span>"


def test_days_left(draw: Draw) -> None:
    assert draw("{% days_left ends %}", ends=ENDS, at=AT) == "12"
    assert draw("{% days_left ends at=at %}", ends=ENDS, at=AT) == "12"
    assert draw("{% days_left ends as n %}{{ n }}", ends=None, at=AT) == "None"
    assert draw("{% days_left ends as n %}{{ n }}", ends=ENDS) == "None"


def test_language_tag(draw: Draw) -> None:
    assert draw("{% language %}", language="en") == "en"


def test_a_refusal_speaks(draw: Draw) -> None:
    kind = RefusalKind(code="closed", ja="{shop}は休みです。", en="{shop} is closed.")
    refusal = kind.refusal(shop="<八百屋>")
    assert draw("{% say refusal %}", refusal=refusal) == "&lt;八百屋&gt;は休みです。"
    assert draw("{% say refusal %}", language="en", refusal=refusal) == "&lt;八百屋&gt; is closed."


def test_the_other_language_keeps_page_and_query(draw: Draw) -> None:
    request = SimpleNamespace(GET=QueryDict("q=a%26b&lang=ja&tag=1&tag=2"))
    assert draw('{% lang_url "en" %}', request=request) == "?q=a%26b&amp;tag=1&amp;tag=2&amp;lang=en"
    assert draw('{% lang_url "en" %}') == "?lang=en"


def test_icons_by_name_and_by_family(draw: Draw) -> None:
    assert "icon--ticket" in draw('{% icon "voucher" %}')
    assert "icon--hand" in draw('{% icon "benefit" size="l" %}')
    assert "icon--left" in draw('{% icon "left" %}')  # the arrow, not what is left of a budget
    with pytest.raises(KeyError):
        draw('{% icon "unicorn" %}')


def test_a_part_sees_the_page_but_not_its_other_variables(draw: Draw) -> None:
    assert 'type="submit"' in draw('{% part "button" label="A" %}', type="reset", kind="danger")


def test_values_become_attributes(draw: Draw) -> None:
    drawn = draw('{% part "button" label="A" hx_post=url data_pad="x" aria_controls="y" %}', url="/pay?a=1&b=2")
    assert 'hx-post="/pay?a=1&amp;b=2"' in drawn
    assert 'data-pad="x"' in drawn
    assert 'aria-controls="y"' in drawn


def test_values_of_attributes_are_escaped(draw: Draw) -> None:
    assert '"><script>' not in draw('{% part "button" label="A" hx_post=url %}', url='"><script>')


def test_wrap_puts_markup_into_a_part(draw: Draw) -> None:
    drawn = draw('{% wrap "card" title="T" %}<p>{{ inside }}</p>{% endwrap %}', inside="<&>")
    assert "<p>&lt;&amp;&gt;</p>" in drawn
    assert "<h3>T</h3>" in drawn
    with pytest.raises(TemplateSyntaxError, match="name of a part"):
        draw("{% wrap %}{% endwrap %}")


def test_a_chart_with_and_without_a_narrow_picture(draw: Draw) -> None:
    ring = charts.ring([], title="T", desc="D")
    bars = charts.bars([charts.Bar("a", 1)], title="T", desc="D")
    assert "chart__narrow" not in draw("{% picture_of chart %}", chart=ring)
    assert draw("{% picture_of chart %}", chart=bars).count("<svg") == 2


def test_money_strip_refuses_what_does_not_add_up(draw: Draw) -> None:
    parts = [charts.MoneyPart("a", 5, "voucher")]
    assert "<svg" in draw("{% money_strip parts 5 %}", parts=parts)
    with pytest.raises(ValueError, match="do not add up"):
        draw("{% money_strip parts 6 %}", parts=parts)


def test_pad_keys_follow_their_kind(draw: Draw) -> None:
    source = "{% for k in order|pad_keys %}{{ k }} {% endfor %}"
    assert draw(source, order="phone") == "1 2 3 4 5 6 7 8 9 00 0 back "
    assert draw(source, order="till") == "7 8 9 4 5 6 1 2 3 00 0 back "


def test_choices_are_compared_as_forms_send_them(draw: Draw) -> None:
    source = "{% if option|is_among:chosen %}yes{% endif %}"
    assert draw(source, option=5, chosen="5") == "yes"
    assert draw(source, option="a", chosen=["a", "b"]) == "yes"
    assert draw(source, option="None", chosen=None) == ""
    assert draw(source, option="a", chosen="ab") == ""


def test_a_row_with_a_cell_too_few_is_an_error(draw: Draw) -> None:
    with pytest.raises(ValueError, match="zip"):
        draw("{% for a, b in columns|beside:cells %}{% endfor %}", columns=[1, 2], cells=[1])
