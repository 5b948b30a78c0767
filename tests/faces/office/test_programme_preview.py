"""The preview beside a document's form: what changes with a field, what is said beside it, with and without scripts."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meguri.evidence import queries as evidence
from meguri.evidence.indicator import Indicator
from meguri.evidence.meanings import MEANINGS
from meguri.faces.office import expected
from meguri.faces.office.document_form import places_in_document
from meguri.faces.office.document_preview import is_inside
from meguri.parties import operations as parties
from meguri.programmes import queries as programmes
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.terms import write_terms
from meguri.words.actor import ActorRole
from tests.faces.office.lived import Office
from tests.faces.office.reading import CHECKERS, MAKERS, cells, look, page, send, words
from tests.faces.office.test_document_form import form_of
from tests.programmes.builders import changed

MAKER = MAKERS["voucher"]


@pytest.fixture
def maker(office: Office) -> Client:
    return office.browser(MAKER)


def opened(maker: Client, model: str = "nagoya-2025") -> dict[str, str]:
    return form_of(page(maker, "programme_new", model=model)) | {"code": "fresh"}


def previewed(maker: Client, form: dict[str, str]) -> str:
    answer = send(maker, "programme_preview", **form)
    assert answer.status_code == 200
    return answer.content.decode()


def said_beside(text: str, field: str) -> str:
    """What stands beside a field after a change."""
    slug = re.sub(r"[^a-z0-9_]+", "-", field)
    found = re.search(rf'id="beside-{slug}" hx-swap-oob="true">(.*?)</div>', text, flags=re.DOTALL)
    assert found, field
    return words(found[1])


def test_who_may_take_part_is_chosen_and_counted_with_how(office: Office, maker: Client) -> None:
    """In the form, beside the figures, and in the document that is kept."""
    form = opened(maker)
    assert "住民台帳2人のうち、条件を満たす人を数えた" in words(page(maker, "programme_new", model="nagoya-2025"))
    person = office.town.actor(ActorRole.RESIDENT)
    confirmed = parties.declare_commuter(
        kind="work", place="架空", name="外山 通", birth_date=date(1990, 6, 15), by=person, at=office.town.at
    )
    parties.confirm_commuter(
        confirmed, proof="certificate", first_day=date(2025, 4, 1), last_day=date(2026, 3, 31),
        by=office.officer(MAKER), at=office.town.at,
    )  # fmt: skip
    told = words(previewed(maker, form | {"eligibility.who": "works studies"}))
    assert "町が知る3人(住民台帳と、在勤・在学の確認がある人)のうち" in told
    assert "いま確認済みの1人だけ" in told
    assert "対象の人 3人" in told


def test_an_opened_model_is_previewed_at_once(maker: Client) -> None:
    text = page(maker, "programme_new", model="nagoya-2025")
    assert 'hx-post="/office/programmes/preview"' in text
    (premium, buyers) = cells(text, "財源ごとの費用")
    assert premium[1].startswith("6,000,000円 = 抽選販売 2,000口 × 3,000円")
    assert buyers[1].startswith("20,000,000円 = 抽選販売 2,000口 × 10,000円")
    assert "参加する割合" in words(text)
    assert "公表された根拠はありません" in words(text)


def test_a_changed_field_changes_the_preview_and_keeps_nothing(office: Office, maker: Client) -> None:
    form = opened(maker)
    before = len(programmes.programmes(office.number))
    text = previewed(maker, form | {"obtaining.face[1].yen": "2,000", "obtaining.rounds[0].units": "１，５００"})
    assert cells(text, "財源ごとの費用")[0][1].startswith("3,000,000円 = 抽選販売 1,500口 × 2,000円")
    assert "最大 18,000,000円" in words(text)
    assert len(programmes.programmes(office.number)) == before


def test_cost_is_told_by_budget_line_and_the_price_as_revenue(maker: Client) -> None:
    text = previewed(maker, opened(maker))
    spent, revenue = cells(text, "予算科目ごとの費用")
    assert spent[0].startswith("一般会計 商工費")
    assert "歳出" in spent[0]
    assert "6,000,000円" in spent[1]
    assert "歳入" in revenue[0]
    assert "総計予算主義" in revenue[1]


def test_every_number_says_how_it_was_computed(maker: Client) -> None:
    for lang in ("ja", "en"):
        text = maker.post(f"/office/programmes/preview?lang={lang}", opened(maker)).content.decode()
        figure = r'<dd><span class="figure__value">.*?</dd>\s*(<dd class="figure__note">.+?</dd>)?'
        values = re.findall(figure, text, re.DOTALL)
        assert len(values) >= 5
        assert all(values), "each figure has its sum under it"
        amounts = re.findall(r"<td[^>]*class=\"number\"[^>]*>(.*?)</td>", text, re.DOTALL)
        assert sum("=" in words(each) for each in amounts) >= 5


def test_a_contradiction_stands_beside_its_field(maker: Client) -> None:
    text = previewed(maker, opened(maker) | {"funds[0].amount_yen": "100"})
    assert "約束した6,000,000円に足りません" in said_beside(text, "funds[0].amount_yen")
    assert said_beside(text, "obtaining.max_units") == ""
    assert cells(text, "財源ごとの費用")[0][1].startswith("6,000,000円"), "whoever mends a budget sees the cost"
    late = {"spending.window.last_day": "2026-04-30", "expiry.last_day": "2026-04-30"}
    text = previewed(maker, opened(maker) | late | {"refunds.shop_claims_until": "2026-05-31"})
    assert "繰越などの議決" in words(text)


def test_a_document_that_cannot_be_reckoned_says_what_is_in_the_way(maker: Client) -> None:
    form = opened(maker)
    unknown = form["document"].replace('funded_by = "premium"', 'funded_by = "x"')
    strange = previewed(maker, form | {"document": unknown})
    assert "「x」は、この文書のどこにもありません" in words(strange)
    assert "誤りを直すと、費用と対象の見通しが出ます" in words(strange)
    assert cells(strange, "財源ごとの費用") == []


def test_capped_funders_without_room_are_told_and_not_reckoned(office: Office) -> None:
    text = write_terms(changed("nagoya-2025", {
        "agreements": [{"code": "half", "name": {"ja": "協定", "en": "agreement"}, "shares": [
            {"fund": "premium", "share_bp": 10_000, "cap_yen": 1_000},
        ]}],
        "purses.0.funded_by": "half",
    })).decode()  # fmt: skip
    seen = previewed(office.browser(MAKER), {"document": text})
    assert "約束した6,000,000円に足りません" in words(seen)
    assert cells(seen, "財源ごとの費用") == []


def test_what_cannot_be_read_is_told_beside_its_field(maker: Client) -> None:
    text = previewed(maker, opened(maker) | {"obtaining.max_units": "五"})
    assert "五" in said_beside(text, "obtaining.max_units")
    assert "直す欄があります" in words(text)
    assert cells(text, "財源ごとの費用"), "the document as it was is still previewed"


def test_notes_of_law_and_of_the_auditors_stand_beside_the_form(maker: Client) -> None:
    bare = write_terms(shipped()["nagoya-2025"]).decode()
    bare = re.sub(r"payment_max_yen = .*\n", "", bare)
    form = opened(maker) | {"document": bare}
    text = words(previewed(maker, form))
    assert "1回の支払いの上限がありません" in text
    assert "会計検査院" in text


def test_assumptions_can_be_changed_and_are_no_part_of_the_document(office: Office, maker: Client) -> None:
    form = opened(maker)
    assert form["expected.uptake"] == "50"
    half, few = (previewed(maker, form | {"expected.uptake": share}) for share in ("100", "10%"))
    assert "× 参加する割合 100%" in words(half)
    assert "× 参加する割合 10%" in words(few)
    wrong = words(previewed(maker, form | {"expected.uptake": "120", "expected.units": "いくつか"}))
    assert "直す欄があります: 2" in wrong
    made = send(maker, "programme_new", **form | {"expected.uptake": "12.5"})
    assert made.status_code == 200, words(made)[:300]
    assert programmes.programme_by_code("fresh", municipality=office.number)


def test_without_scripts_a_button_shows_the_preview_and_keeps_what_was_typed(office: Office, maker: Client) -> None:
    form = opened(maker) | {"obtaining.rounds[0].units": "1,000", "act": "look"}
    answer = send(maker, "programme_new", **form)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "1,000口 × 3,000円" in words(text)
    assert 'value="1,000"' in text
    assert programmes.programme_by_code("fresh", municipality=office.number) is None


def test_a_file_and_an_unreadable_text_are_previewed_too(maker: Client) -> None:
    form = opened(maker)
    sent = SimpleUploadedFile("other.toml", write_terms(templates()["ebina-2023"]))
    answer = maker.post("/office/programmes/preview", form | {"file": sent})
    assert "個店限定券" in words(answer.content.decode())  # type: ignore[arg-type]
    broken = previewed(maker, form | {"document": "code = "})
    assert "文書が読めません" in words(broken)
    assert "文書を開くと" in words(previewed(maker, {"document": " "}))
    odd = SimpleUploadedFile("odd.toml", b"\xff\xfe\x00")
    assert maker.post("/office/programmes/preview", form | {"file": odd}).status_code == 200


@pytest.mark.parametrize(("key", "model"), [
    (MAKERS["point"], "green-and-health-points"), (MAKERS["benefit"], "child-rearing-benefit"),
    *((MAKER, name) for name in templates() if name not in shipped()),
])  # fmt: skip
def test_every_model_is_previewed_in_both_languages(office: Office, key: str, model: str) -> None:
    client = office.browser(key)
    for lang in ("ja", "en"):
        text = page(client, "programme_new", model=model, lang=lang)
        caption = "財源ごとの費用" if lang == "ja" else "Cost by fund"
        assert cells(text, caption), (model, words(text)[:400])
        assert "{" not in words(text.partition('id="looked"')[2])


def test_a_draft_is_edited_with_its_preview(maker: Client) -> None:
    send(maker, "programme_new", **opened(maker))
    text = page(maker, "programme_new", draft="fresh")
    assert "2,000口 × 3,000円" in words(text)


def test_only_makers_preview(office: Office, maker: Client) -> None:
    assert send(office.browser(CHECKERS["voucher"]), "programme_preview", document="").status_code == 403
    assert look(maker, "programme_preview").status_code == 405


def test_places_go_by_codes_as_findings_do() -> None:
    places = places_in_document(write_terms(shipped()["nagoya-2025"]).decode())
    assert places["obtaining.rounds[0].units"] == "obtaining.rounds.first.units"
    assert places["obtaining.face[1].yen"] == "obtaining.face[1].yen"
    assert places["funds[0].amount_yen"] == "funds.premium.amount_yen"
    assert is_inside("expiry.last_day", "expiry")
    assert is_inside("obtaining.face[1].yen", "obtaining.face")
    assert not is_inside("expiry_x", "expiry")
    assert not is_inside("", "expiry")


def test_the_page_speaks_plainly_to_html(maker: Client) -> None:
    """A name with marks of HTML comes out as it was typed."""
    text = previewed(maker, opened(maker) | {"obtaining.max_units": "<b>5</b>"})
    assert "<b>5</b>" not in text
    assert html.escape("<b>5</b>") in text


def test_what_the_town_s_last_programme_showed_is_taken_for_granted(
    office: Office, maker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The take-up of the voucher before stands with its source; of few people it is closed, so it stays a guess."""
    evidence.latest(office.number, at=office.town.at)
    assert opened(maker)["expected.uptake"] == "50", "two people are too few to be told"
    meaning = MEANINGS["take_up"]
    monkeypatch.setattr(expected.evidence, "indicator", lambda *_, **__: Indicator(meaning, 0.375, denominator=8_000))
    text = page(maker, "programme_new", model="nagasaki-2023")
    assert form_of(text)["expected.uptake"] == "37.5"
    same = words(previewed(maker, form_of(text) | {"code": "premium-voucher"}))
    assert "参加する割合: 37.5%" in same, "a code that a running programme has changes no forecast"
    made = words(send(maker, "programme_new", **form_of(text) | {"code": "fresh"}))
    assert "参加する割合: 37.5%" in made, "the draft's own page takes the same for granted"
    assert "この町の「めぐり町プレミアム付商品券」で、対象8,000人のうち受け取った人の割合" in words(text)
    typed = previewed(maker, form_of(text) | {"expected.uptake": "40"})
    assert "参加する割合: 40% この画面で入力した値" in words(typed)
    stale = form_of(text) | {"expected.uptake": "50", "was:expected.uptake": "50"}
    assert "参加する割合: 37.5%" in words(previewed(maker, stale)), "what only stands there was not typed"


def test_without_a_snapshot_nothing_is_learnt(office: Office) -> None:
    assert expected.learnt(shipped()["nagoya-2025"], municipality=office.number).sources == {}
    assert expected.learnt(None, municipality=office.number).uptake_bp == 5_000


# --- what lot decides ------------------------------------------------------------------------------------------------


def written_in(maker: Client, form: dict[str, str], **typed: str) -> str:
    """Press the button that writes the arms into the document; the page that comes back."""
    names = {f"trial.add.{name}": value for name, value in typed.items()}
    answer = send(maker, "programme_new", **(form | names | {"act": "write"}))
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_arm_is_written_in_by_a_button_and_then_has_fields_of_its_own(office: Office, maker: Client) -> None:
    before = len(programmes.programmes(office.number))
    text = written_in(maker, opened(maker, "narita-2015"), what="reminder", value="14", share_bp="3,000")
    form = form_of(text)
    assert form["trial.arms[1].reminder_days"] == "14"
    assert (form["trial.arms[0].share_bp"], form["trial.arms[1].share_bp"]) == ("7,000", "3,000")
    assert not form.get("trial.add.value"), "ready for the next one"
    assert len(programmes.programmes(office.number)) == before
    text = written_in(maker, form, what="reminder", value="3", share_bp="2,000")
    assert [form_of(text)[f"trial.arms[{n}].share_bp"] for n in range(3)] == ["5,000", "3,000", "2,000"]


def test_the_preview_tells_what_each_arm_would_be(maker: Client) -> None:
    form = opened(maker, "narita-2015") | {"trial.add.what": "reminder", "trial.add.value": "14"}
    text = previewed(maker, form)
    control, reminded = cells(text, "群ごとの見込み")
    assert control[2] == "比べる相手"
    assert "50%" in control[0] + control[1]
    assert reminded[3].startswith("0円")
    assert "層に分けずに" in words(text)
    assert "約束した分より少なくはなりません" in words(text)
    assert "群ごとの見込み" not in previewed(maker, opened(maker, "narita-2015"))


def test_what_is_wrong_with_an_arm_stands_beside_its_field(maker: Client) -> None:
    text = written_in(maker, opened(maker, "narita-2015"), what="reminder", value="99")
    assert "0日以上30日以下で入力してください(入力: 99日)" in words(text)
    assert form_of(text)["trial.add.value"] == "99"
    assert "trial.arms[0].share_bp" not in form_of(text), "nothing was written"


def test_shares_that_do_not_sum_and_arms_that_are_alike_are_said(maker: Client) -> None:
    form = form_of(written_in(maker, opened(maker, "narita-2015"), what="reminder", value="14"))
    text = previewed(maker, form | {"trial.arms[0].share_bp": "4,000"})
    assert "割合の合計が 9,000 です" in words(text)
    again = form_of(written_in(maker, form, what="reminder", value="14", share_bp="1,000"))
    assert "は条件が同じです" in words(previewed(maker, again))


def test_the_household_s_note_stands_beside_how_is_drawn(maker: Client) -> None:
    form = form_of(written_in(maker, opened(maker, "narita-2015"), what="reminder", value="14"))
    assert "家族にも話します" in said_beside(previewed(maker, form), "trial.per")
    assert "家族にも話します" not in words(previewed(maker, form | {"trial.per": "household"}))


def test_a_draft_keeps_its_arms_and_a_later_form_takes_one_out(office: Office, maker: Client) -> None:
    form = form_of(written_in(maker, opened(maker, "narita-2015"), what="reminder", value="14"))
    send(maker, "programme_new", **(form | {"code": "with-arms"}))
    view = programmes.programme_by_code("with-arms", municipality=office.number)
    assert view is not None
    terms = programmes.terms(view.id, municipality=office.number)
    assert terms.trial is not None
    assert [arm.share_bp for arm in terms.trial.arms] == [5_000, 5_000]
    form = form_of(page(maker, "programme_new", draft="with-arms"))
    send(maker, "programme_new", **(form | {"trial.arms[1].remove": "yes"}))
    assert programmes.terms(view.id, municipality=office.number).trial is None
