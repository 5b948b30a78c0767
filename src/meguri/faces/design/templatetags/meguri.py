"""The words of Meguri's templates: `{% load meguri %}`. Two languages side by side, amounts, days, signs and parts.

{% t "残り{days}日" "{days} {days:day|days} left" days=3 %}      a sentence in the page's language
{{ amount|yen }} {{ amount|oku }} {{ end|day }} {{ at|moment }}  figures and times as people read them
{% icon "ticket" %} {% part "button" label="払う" %}             signs and parts
{% wrap "card" title="…" %} … {% endwrap %}                      a part around a page's own markup
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.forms.utils import flatatt
from django.template import Context, Library, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from meguri.faces.design import figures
from meguri.faces.design import icons as signs
from meguri.faces.design.charts import Chart, MoneyPart
from meguri.faces.design.charts import money_strip as strip_of
from meguri.faces.design.language import as_language, as_written, fact_names, fill, language_of
from meguri.faces.design.readings import annotate
from meguri.words.refusal import Language, Refusal
from meguri.words.yen import show_yen

register = Library()

SHARED = ("request", "csrf_token", "csp_nonce", "at")
"""What every part sees of the page around it, besides the language."""

ATTRIBUTES = ("hx_", "data_", "aria_")
"""Values with these beginnings become attributes of the part's chief element: hx_post="/pay" -> hx-post="/pay"."""


def spoken(language: str = "") -> Language:
    """The language for filters, which see no page: the one given, else the one Django has activated."""
    return as_language(language or get_language())


def reads_kana(context: Context) -> bool:
    """Whether the reader wants readings above the kanji of the screens' own words."""
    return bool(getattr(context.get("request"), "readings", False)) and language_of(context) == "ja"


# --- sentences ---------------------------------------------------------------------------------------------


def is_literal(value: FilterExpression) -> bool:
    """Whether a tag's value stands in the template itself. What comes from anywhere else is never read as a form."""
    return isinstance(value.var, str) and not value.filters


class SentenceNode(Node):
    """Chooses one of two sentences and fills it, if it is the template's own; a name or a text is shown as it is."""

    def __init__(
        self, ja: FilterExpression, en: FilterExpression, *, facts: Mapping[str, FilterExpression], name: str
    ) -> None:
        self.ja, self.en, self.facts, self.name = ja, en, facts, name

    def render(self, context: Context) -> SafeString:
        chosen = self.ja if language_of(context) == "ja" else self.en
        if is_literal(chosen):
            own = chosen.resolve(context)
            own = SafeString(annotate(own)) if reads_kana(context) else own
            shown = fill(own, {name: value.resolve(context) for name, value in self.facts.items()})
        else:
            shown = as_written(chosen.resolve(context) or "")
        if self.name:
            context[self.name] = shown
            return SafeString("")
        return shown


@register.tag("t")
def sentence(parser: Parser, token: Token) -> SentenceNode:
    """`{% t "払う" "Pay" %}`, with facts `{% t "残り{n}" "{n} left" n=stock %}`, into a name `… as title %}`.

    Facts: `{n:,}` separates thousands; `{n:day|days}` chooses the English plural. 残高《ざんだか》 sets a reading.
    A sentence from data (`{% t shop.name_ja shop.name_en %}`) takes no facts: its braces are what somebody typed.
    Raises TemplateSyntaxError when a sentence names a fact that is not given, or takes facts and is no literal.
    """
    name, bits = _named(token.split_contents()[1:])
    if len(bits) < 2:
        raise TemplateSyntaxError("t needs two sentences, Japanese and English")
    ja, en = (parser.compile_filter(bit) for bit in bits[:2])
    facts = token_kwargs(bits[2:], parser)
    for one in (ja, en):
        if not is_literal(one) and facts:
            raise TemplateSyntaxError(f"{{% t %}}: {one.token} comes from data and takes no facts")
        literal = str(one.var) if is_literal(one) else ""
        if missing := fact_names(literal) - facts.keys():
            raise TemplateSyntaxError(f"{{% t %}}: {literal!r} names {sorted(missing)}, which is not given")
    return SentenceNode(ja, en, facts=facts, name=name)


def _named(bits: list[str]) -> tuple[str, list[str]]:
    """Cut `as name` from the end of a tag's words."""
    return (bits[-1], bits[:-2]) if len(bits) > 2 and bits[-2] == "as" else ("", bits)


@register.simple_tag(takes_context=True)
def yomi(context: Context, text: str) -> SafeString:
    """`{% yomi item.label %}`: a word of ours that a view gave, with its reading if the reader wants them."""
    said = str(conditional_escape(text))
    return SafeString(annotate(said) if reads_kana(context) else said)


@register.simple_tag(takes_context=True)
def language(context: Context) -> str:
    """`{% language as language %}`: `ja` or `en`."""
    return language_of(context)


@register.simple_tag(takes_context=True)
def say(context: Context, refusal: Refusal) -> str:
    """A refusal's sentence in the page's language, with readings in the sentence itself and none in its facts."""
    if reads_kana(context):
        return replace(refusal, kind=replace(refusal.kind, ja=annotate(refusal.kind.ja))).sentence("ja")
    return refusal.sentence(language_of(context))


@register.simple_tag(takes_context=True)
def lang_url(context: Context, code: str) -> str:
    """The address of this page in another language: the same query with `lang` changed."""
    request = context.get("request")
    query = (
        [] if request is None else [(key, v) for key, values in request.GET.lists() for v in values if key != "lang"]
    )
    return "?" + urlencode([*query, ("lang", code)])


# --- amounts -----------------------------------------------------------------------------------------------


@register.filter
def yen(amount: object, language: str = "") -> str:
    """`1,280円`, `¥1,280`; a dash for nothing known."""
    return show_yen(amount, spoken(language)) if isinstance(amount, int) else "—"


@register.filter
def oku(amount: int, language: str = "") -> str:
    """`1.2億円`, `340万円`, `¥3.4M`: rounded, for charts and figure lines."""
    return figures.short_yen(int(amount), spoken(language))


@register.filter
def pieces(amount: int, signed: object = "") -> figures.AmountPieces:
    """An amount cut into sign and unit, figure, unit, for setting in two sizes."""
    return figures.amount_pieces(int(amount), spoken(), signed=bool(signed))


@register.filter
def figure(value: object) -> str:
    """Any cell of a table: thousands separated, nothing known as a dash, the rest as it is."""
    if value is None or value == "":
        return "—"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}".replace("-", "−")
    return str(value)


@register.filter
def beside(columns: Sequence[object], cells: Sequence[object]) -> list[tuple[object, object]]:
    """Columns and cells pairwise. Raises ValueError for a row with a cell too many or too few."""
    return list(zip(columns, cells, strict=True))


@register.filter
def is_among(value: object, chosen: object) -> bool:
    """Whether an option is chosen; `chosen` is one value or several. Compared as text, as forms send it."""
    several = chosen if isinstance(chosen, list | tuple | set | frozenset) else [chosen]
    return str(value) in {str(one) for one in several if one is not None}


@register.filter
def pad_keys(order: str) -> list[str]:
    """The keys of the amount pad: phones count from the top, tills and calculators from the bottom."""
    rows = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]]
    return [key for row in (reversed(rows) if order == "till" else rows) for key in row] + ["00", "0", "back"]


# --- time --------------------------------------------------------------------------------------------------


@register.filter
def day(value: date | datetime | None, style: figures.DayStyle = "") -> str:
    """`8月31日(月)`, `Mon 31 Aug`; styles `year`, `era`, `short`. A moment is taken as its day in Japan."""
    return "" if not value else figures.show_day(figures.as_day(value), spoken(), style=style)


@register.filter
def last_day(value: date | datetime | None, style: figures.DayStyle = "") -> str:
    """The last day of a span that ends at `value` (a moment is an open end: midnight of 9/1 is 8/31)."""
    return "" if not value else figures.show_day(figures.last_day(value), spoken(), style=style)


@register.filter
def moment(value: datetime | None, style: figures.DayStyle = "") -> str:
    """`8月31日(月) 14:03`, `Mon 31 Aug, 14:03`."""
    return "" if not value else figures.show_moment(value, spoken(), style=style)


@register.filter
def clock(value: datetime | None) -> str:
    """`14:03`."""
    return "" if not value else figures.show_time(value)


@register.simple_tag(takes_context=True)
def days_left(context: Context, end: date | datetime | None, *, at: date | datetime | None = None) -> int | None:
    """Whole days until the last day of a span; None without an end or a present moment (`at`, or the page's)."""
    now = at or _page_moment(context)
    return None if not end or not now else figures.days_left(end, now)


@register.simple_tag(takes_context=True)
def until(context: Context, end: date | datetime | None, *, at: date | datetime | None = None) -> SafeString:
    """`8月31日(月)まで あと12日`; with the time where a day does not end; few days stand out. Empty without an end."""
    if not end:
        return SafeString("")
    language = language_of(context)
    shown = figures.show_end(end, language)
    sentence = format_html("<span>{}</span>", f"{shown}まで" if language == "ja" else f"until {shown}")
    now = at or _page_moment(context)
    if not now:
        return sentence
    days = figures.days_left(end, now)
    left = figures.show_left(days, language)
    if days > figures.SOON_DAYS:
        return format_html("{} <span>{}</span>", sentence, left)
    sign = SafeString(signs.icon("clock", size="s"))
    return format_html('{} <span class="soon">{}{}</span>', sentence, sign, left)


def _page_moment(context: Context) -> datetime | None:
    """The town's present moment: `at` of the page, else of the request."""
    return context.get("at") or getattr(context.get("request"), "at", None)


# --- signs, pictures, parts ----------------------------------------------------------------------------------

FAMILY_SIGNS = {"voucher": "ticket", "point": "leaf", "benefit": "hand"}


@register.simple_tag
def icon(name: str, *, size: str = "m", label: str = "") -> SafeString:
    """A sign; names are shown on the style page. A family's name (`voucher`) gives its sign."""
    sign = FAMILY_SIGNS.get(name, name)
    return mark_safe(signs.icon(sign, size=size, label=label, extra=f"icon--{sign}"))  # noqa: S308 - drawn by us


@register.simple_tag
def picture_of(chart: Chart) -> SafeString:
    """A chart's picture, and its narrow one for phones."""
    if not chart.narrow:
        return mark_safe(chart.svg)  # noqa: S308 - charts escape what they draw
    wide, narrow = mark_safe(chart.svg), mark_safe(chart.narrow)  # noqa: S308 - as above
    return format_html('<div class="chart__wide">{}</div><div class="chart__narrow">{}</div>', wide, narrow)


@register.simple_tag
def money_strip(parts: Sequence[MoneyPart], total: int) -> SafeString:
    """The bar of a sum of money, without words. Raises ValueError when it does not add up."""
    return mark_safe(strip_of(parts, total=total))  # noqa: S308 - numbers and our own class names only


@register.simple_tag(takes_context=True)
def part(context: Context, part_name: str, **values: Any) -> SafeString:
    """`{% part "button" label="払う" kind="primary" %}`: a part of the design, `templates/design/parts/<name>.html`."""
    return _render(context, part_name, values=values)


def _render(context: Context, name: str, *, values: Mapping[str, Any]) -> SafeString:
    engine = context.template.engine if context.template else None
    if engine is None:
        raise TemplateSyntaxError("a part can only be shown inside a template")
    extra = {key.replace("_", "-"): value for key, value in values.items() if key.startswith(ATTRIBUTES)}
    plain = {key: value for key, value in values.items() if not key.startswith(ATTRIBUTES)}
    shared = {key: context[key] for key in SHARED if key in context}
    inner = {"language": language_of(context), **shared, "attrs": flatatt(extra), **plain}
    template = engine.get_template(f"design/parts/{name}.html")
    return template.render(context.new(inner))


class WrapNode(Node):
    """A part around markup of the page; the part shows it as `content`."""

    def __init__(self, name: FilterExpression, values: Mapping[str, FilterExpression], inside: NodeList) -> None:
        self.name, self.values, self.nodelist = name, values, inside

    def render(self, context: Context) -> SafeString:
        values = {key: value.resolve(context) for key, value in self.values.items()}
        return _render(
            context, str(self.name.resolve(context)), values={**values, "content": self.nodelist.render(context)}
        )


@register.tag
def wrap(parser: Parser, token: Token) -> WrapNode:
    """`{% wrap "card" title="…" %} … {% endwrap %}`."""
    bits = token.split_contents()[1:]
    if not bits:
        raise TemplateSyntaxError("wrap needs the name of a part")
    values = token_kwargs(bits[1:], parser)
    inside = parser.parse(("endwrap",))
    parser.delete_first_token()
    return WrapNode(parser.compile_filter(bits[0]), values, inside)
