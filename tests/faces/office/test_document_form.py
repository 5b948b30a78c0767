"""A document's fields: read from it, written into it, an error beside the field that it is about."""

from __future__ import annotations

import re

import pytest

from meguri.faces.office.document_form import WAS, filled_in, form_groups
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GrantByAction, GrantByList, Sale
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.terms import ProgrammeTerms, read_terms, write_terms
from tests.faces.office.lived import Office
from tests.faces.office.reading import page, send, words
from tests.faces.office.test_flows import new_document
from tests.programmes.trials import arm, trial, voucher

TEXT = new_document().decode()


def shown(text: str) -> dict[str, str]:
    return {field.name: field.value for group in form_groups(text, language="ja") for field in group["fields"]}


def filled(text: str, **changed: str) -> tuple[str, dict[str, str]]:
    """Send the form with some fields changed; names as keywords with `__` for a dot."""
    was = shown(text)
    typed = {WAS + name: value for name, value in was.items()} | was
    for name, value in changed.items():
        path = re.sub(r"_(\d)\.", r"[\1].", name.replace("__", "."))
        assert path in was, path
        typed[path] = value
    found, refusals = filled_in(text, typed)
    return found, {name: refusal.sentence("ja") for name, refusal in refusals.items()}


def terms_of(name: str) -> tuple[ProgrammeTerms, dict[str, str]]:
    terms = shipped()[name]
    return terms, shown(write_terms(terms).decode())


def test_a_voucher_s_fields_are_its_document_s() -> None:
    terms, fields = terms_of("nagoya-2025")
    assert isinstance(terms.obtaining, Sale)
    one = terms.obtaining.rounds[0]
    assert one.application
    assert fields["name.ja"] == terms.name.ja
    assert fields["obtaining.rounds[0].application.last_day"] == one.application.last_day.isoformat()
    assert fields["obtaining.rounds[0].units"] == "2,000"
    assert fields["obtaining.unit_price_yen"] == "10,000"
    assert fields["obtaining.face[1].yen"] == "3,000"
    assert fields["obtaining.max_units"] == "5"
    assert fields["spending.window.last_day"] == "2026-01-31"
    assert fields["funds[0].amount_yen"] == "6,000,000"
    assert "funds[1].amount_yen" not in fields, "the buyers' own money is no budget"


def test_points_and_benefits_come_out_of_the_same_table() -> None:
    terms, fields = terms_of("green-and-health-points")
    assert isinstance(terms.obtaining, GrantByAction)
    assert fields["obtaining.limits[1].yen"] == "10,000"
    assert fields["obtaining.actions[4].yen"] == f"{terms.obtaining.actions[4].yen:,}"
    assert fields["funds[1].amount_yen"] == "900,000"
    terms, fields = terms_of("child-rearing-benefit")
    assert isinstance(terms.obtaining, GrantByList)
    assert fields["obtaining.paid_on"] == terms.obtaining.paid_on.isoformat()
    assert fields["obtaining.amounts[0].yen"] == f"{terms.obtaining.amounts[0].yen:,}"


def test_a_campaign_s_fields_are_its_document_s() -> None:
    text = write_terms(templates()["shopping-campaigns"]).decode()
    fields = shown(text)
    assert fields["obtaining.campaigns[0].name.ja"] == "朝の商店街5%"
    assert fields["obtaining.campaigns[0].bands[0].rate_bp"] == "500"
    assert fields["obtaining.campaigns[0].most_yen"] == "200"
    assert fields["obtaining.campaigns[0].limits[2].yen"] == "400,000"
    assert fields["obtaining.campaigns[1].bands[0].below_yen"] == "5,000"
    assert fields["obtaining.campaigns[1].bands[1].yen"] == "150"
    assert fields["obtaining.campaigns[1].window.last_day"] == "2025-12-31"
    for language in ("ja", "en"):
        labels = [field.label for group in form_groups(text, language=language) for field in group["fields"]]
        assert len(set(labels)) == len(labels)


def test_each_field_says_which_part_it_belongs_to_and_no_two_are_called_alike() -> None:
    for name in shipped():
        for language in ("ja", "en"):
            groups = form_groups(write_terms(shipped()[name]).decode(), language=language)
            labels = [field.label for group in groups for field in group["fields"]]
            assert len(set(labels)) == len(labels), (name, language)
    labels = [field.label for group in form_groups(TEXT, language="ja") for field in group["fields"]]
    assert "申込の最後の日 — 抽選販売" in labels
    assert "1口で財布に入る額 — プレミアム分" in labels
    assert "予算 — 商品券プレミアム分" in labels


def test_untouched_fields_leave_the_document_byte_for_byte() -> None:
    odd = "# 町の覚え書き\n" + TEXT.replace("units = 2000", "units   =  2_000 # 口")
    assert filled(odd) == (odd, {})
    assert filled_in(odd, {}) == (odd, {})
    found, refusals = filled(odd, obtaining__max_units="3")
    assert refusals == {}
    assert found == odd.replace("max_units = 5", "max_units = 3")


def test_the_text_may_be_changed_while_the_fields_are_not() -> None:
    """Fields show what the document said when the form was opened; they do not undo what was written into it."""
    typed = shown(TEXT) | {WAS + name: value for name, value in shown(TEXT).items()}
    edited = TEXT.replace("max_units = 5", "max_units = 4")
    assert filled_in(edited, typed) == (edited, {})
    assert filled_in(edited, typed | {"obtaining.max_units": "2"})[0] == TEXT.replace("max_units = 5", "max_units = 2")


def test_what_officers_type_is_read_as_everywhere() -> None:
    found, refusals = filled(
        TEXT, name__ja="秋の商品券", spending__window__last_day="令和8年2月28日",
        obtaining__unit_price_yen="５，０００円", obtaining__rounds_0__units="１，５００",
        funds_0__amount_yen="4,500,000",
    )
    assert refusals == {}
    terms = read_terms(found.encode())
    assert isinstance(terms.obtaining, Sale)
    assert (terms.name.ja, terms.spending.window.last_day.isoformat()) == ("秋の商品券", "2026-02-28")
    assert (terms.obtaining.unit_price_yen, terms.obtaining.rounds[0].units) == (5_000, 1_500)
    assert terms.funds[0].amount_yen == 4_500_000


def test_every_wrong_field_is_told_and_nothing_is_written() -> None:
    found, wrong = filled(
        TEXT, name__en=" ", obtaining__max_units="0", spending__window__first_day="いつか",
        spending__window__last_day="", funds_0__amount_yen="百万",
    )
    assert found == TEXT
    assert wrong.keys() == {
        "name.en", "obtaining.max_units", "spending.window.first_day", "spending.window.last_day",
        "funds[0].amount_yen",
    }
    assert wrong["name.en"].startswith("空のままには")


def test_a_window_that_ends_before_it_begins_is_told_at_its_last_day() -> None:
    for changed in ({"spending__window__first_day": "2026-02-01"}, {"spending__window__last_day": "2025-09-30"}):
        _, wrong = filled(TEXT, **changed)
        assert wrong.keys() == {"spending.window.last_day"}
        assert "最後の日が最初の日" in wrong["spending.window.last_day"]


@pytest.mark.parametrize("text", ["", "code = ", "a = [[1, 2]]", "name = 1\nfunds = 3\nobtaining = [1]"])
def test_a_text_that_is_no_document_has_no_fields(text: str) -> None:
    assert all(not field.error for group in form_groups(text, language="ja") for field in group["fields"])
    assert filled_in(text, {"name.ja": "x", "was:name.ja": "y"}) == (text, {})


def form_of(text: str) -> dict[str, str]:
    """What a browser would send of the page."""
    import html

    inputs = re.findall(r"<input\b[^>]*>", text)
    pairs = [(re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs]
    document = re.search(r'<textarea[^>]*name="document"[^>]*>(.*?)</textarea>', text, flags=re.DOTALL)
    assert document
    found = {html.unescape(name[1]): html.unescape(value[1]) for name, value in pairs if name and value}
    return found | {"document": html.unescape(document[1]).replace("\n", "\r\n")}


def test_an_officer_drafts_by_fields_alone(office: Office) -> None:
    maker = office.browser("maker:commerce")
    form = form_of(page(maker, "programme_new", model="nagoya-2025"))
    wrong = send(maker, "programme_new", **form | {"name.ja": "", "obtaining.max_units": "五"})
    assert wrong.status_code == 422
    text = wrong.content.decode()
    for name in ("name.ja", "obtaining.max_units"):
        assert f'id="{name}-error"' in text
    assert 'value="五"' in text
    assert "<details><summary>文書のまま直す" in text, "the text stays shut when the fault is in a field"
    taken = send(maker, "programme_new", **form | {"code": "premium-voucher"})
    assert taken.status_code == 409, words(taken)[:300]
    assert 'id="code-error"' in taken.content.decode()
    mended = {"name.ja": "秋の商品券", "code": "autumn", "obtaining.max_units": "3", "funds[0].amount_yen": "6,000,000"}
    made = send(maker, "programme_new", **form | mended)
    assert made.status_code == 200, words(made)[:400]
    assert "下書きを保存しました" in words(made)
    found = programmes.programme_by_code("autumn", municipality=office.number)
    assert found
    terms = programmes.terms(found.id, municipality=office.number)
    assert isinstance(terms.obtaining, Sale)
    assert (terms.name.ja, terms.obtaining.max_units) == ("秋の商品券", 3)
    assert terms.spending == shipped()["nagoya-2025"].spending


def test_a_template_of_a_past_year_is_moved_and_named_so_that_it_can_be_launched(office: Office) -> None:
    """Untouched it can be kept, under a free code; moved by one press it can be submitted as well."""
    maker = office.browser("maker:commerce")
    text = page(maker, "programme_new", model="nagoya-2025")
    form = form_of(text)
    assert (form["code"], form["name.ja"]) == ("premium-voucher-2025", "めぐり町プレミアム付商品券(令和7年度)")
    assert "この事業は、始める前に終わっています" in words(text)
    assert "すべての日付を1年先へ移す" in words(text)
    kept = words(send(maker, "programme_new", **form))
    assert "下書きを保存しました" in kept
    assert "日付を先へ移すと、公開できるようになります" in kept
    assert "6,000,000円" in kept.partition("予算")[2].partition("文書に書いた額です")[0], "budgeted, not set apart"
    later = send(maker, "programme_new", **form | {"act": "move", "obtaining.max_units": "4"}).content.decode()
    moved = form_of(later)
    assert (moved["code"], moved["obtaining.rounds[0].drawn_on"]) == ("premium-voucher-2026", "2026-09-05")
    assert "始める前に終わっています" not in words(later)
    send(maker, "programme_new", **moved)
    found = programmes.programme_by_code("premium-voucher-2026", municipality=office.number)
    assert found
    terms = programmes.terms(found.id, municipality=office.number)
    assert isinstance(terms.obtaining, Sale)
    assert terms.origin
    assert (terms.obtaining.max_units, terms.funds[0].fiscal_year, terms.origin.year) == (4, 2026, 2025)
    assert "承認を求めました" in words(send(maker, "programme", found.id, act="submit"))
    again = words(send(maker, "programme_new", act="move", document="code = "))
    assert "文書が読めません" in again
    listed = words(page(maker, "programmes"))
    assert "6,000,000円 文書の額・未配当" in listed


def test_a_value_that_the_document_refuses_is_told_beside_its_field(office: Office) -> None:
    maker = office.browser("maker:commerce")
    form = form_of(page(maker, "programme_new", model="nagoya-2025"))
    answer = send(maker, "programme_new", **form | {"code": "Autumn Voucher"})
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.content.decode()
    broken = send(maker, "programme_new", **form | {"document": "code = "})
    assert "<details open><summary>文書のまま直す" in broken.content.decode()


def test_the_arms_of_a_trial_have_fields_of_their_own_and_are_written_back() -> None:
    text = write_terms(voucher(trial(
        arm("early", share_bp=3_000, reminder_days=14),
        arm("more", share_bp=2_000, premium=[{"purse": "premium", "yen": 3_500}]),
    ))).decode()  # fmt: skip
    fields = shown(text)
    assert fields["trial.drawn_on"] == "2025-07-26"
    assert fields["trial.arms[1].reminder_days"] == "14"
    assert fields["trial.arms[2].premium[0].yen"] == "3,500"
    assert "trial.arms[0].reminder_days" not in fields, "the control says nothing of its own"
    found, refusals = filled(
        text, trial__arms_1__reminder_days="0", trial__arms_1__share_bp="2,500", trial__arms_2__share_bp="2500",
    )  # fmt: skip
    assert refusals == {}
    again = read_terms(found.encode()).trial
    assert again is not None
    assert [(each.share_bp, each.reminder_days) for each in again.arms] == [(5_000, None), (2_500, 0), (2_500, None)]
    _, refusals = filled(text, trial__arms_2__share_bp="0")
    assert list(refusals) == ["trial.arms[2].share_bp"]


def test_each_arm_is_told_by_its_name() -> None:
    text = write_terms(voucher(trial(arm("early", reminder_days=14)))).decode()
    labels = [field.label for group in form_groups(text, language="ja") for field in group["fields"]]
    assert "割合(万分率) — 要綱のまま" in labels
    assert "期限の何日前に知らせるか(0は知らせない) — 群 early" in labels
    assert not [label for label in labels if "trial" in label]
