"""The declared facts that conditions in a document may speak of: one list about residents, one about shops, and
one about payments, which adds both.

The names are those of `parties.queries.ResidentFacts` and `ShopFacts` (and of the SQL function resident_facts), so a
condition reads the same facts in Python and in bulk. `known` makes the mapping that `words.predicate` reads.
"""

from __future__ import annotations

from typing import Final

from meguri.parties.trades import TRADES
from meguri.programmes.findings import Vocabularies
from meguri.words.predicate import Choice, Facts, Field, FieldType, Vocabulary

RESIDENTS: Final = Vocabulary((
    Field("resident", FieldType.BOOLEAN, "町に住民登録がある", "the person is registered as a resident",
          not_ja="町に住民登録がない", not_en="the person is not registered as a resident"),
    Field("age", FieldType.INTEGER, "年齢", "age", unit_ja="歳", unit_en="years"),
    Field("birth_date", FieldType.DATE, "生年月日", "date of birth"),
    Field("ward", FieldType.TEXT, "地区", "ward"),
    Field("tax_class", FieldType.TEXT, "住民税の区分", "residence tax", values=(
        Choice("exempt", "非課税", "exempt"),
        Choice("per_capita", "均等割のみ", "per-capita part only"),
        Choice("income", "所得割あり", "income part"),
    )),
    Field("moved_in", FieldType.DATE, "転入した日", "day of moving in"),
    Field("resident_days", FieldType.INTEGER, "住んでいる日数", "days of residence", unit_ja="日", unit_en="days"),
    Field("household_size", FieldType.INTEGER, "世帯の人数", "people in the household", unit_ja="人", unit_en="people"),
    Field("household_exempt", FieldType.BOOLEAN, "世帯の全員が住民税非課税である",
          "everybody in the household is tax-exempt", not_ja="世帯に住民税を課税されている人がいる",
          not_en="somebody in the household pays residence tax"),
    Field("children", FieldType.INTEGER, "世帯の18歳未満の人数", "children under 18 in the household",
          unit_ja="人", unit_en="people"),
    Field("works_in_town", FieldType.BOOLEAN, "町内で働いていることを町が確認している",
          "the person works in the town, as confirmed by it", not_ja="町内で働いていることを町が確認していない",
          not_en="the town has not confirmed that the person works there"),
    Field("studies_in_town", FieldType.BOOLEAN, "町内の学校に通っていることを町が確認している",
          "the person studies in the town, as confirmed by it", not_ja="町内の学校に通っていることを町が確認していない",
          not_en="the town has not confirmed that the person studies there"),
))  # fmt: skip
"""About a person on the eligibility date. Whether an address is shielded is no ground for or against anything."""

SHOPS: Final = Vocabulary((
    Field("trade", FieldType.TEXT, "業種", "trade", values=tuple(Choice(t.code, t.ja, t.en) for t in TRADES.values())),
    Field("area", FieldType.TEXT, "所在地区", "area"),
    Field("size_class", FieldType.TEXT, "店の区分", "class of shop", values=(
        Choice("small", "中小店", "small shop"),
        Choice("large", "大型店", "large shop"),
        Choice("street", "商店街の店", "shop of a shopping street"),
    )),
    Field("floor_area", FieldType.INTEGER, "売場面積", "sales floor", unit_ja="平方メートル", unit_en="square metres"),
    Field("street", FieldType.BOOLEAN, "商店街の会員である", "the shop is a member of a shopping street",
          not_ja="商店街の会員でない", not_en="the shop is no member of a shopping street"),
    Field("head_office", FieldType.BOOLEAN, "地域に本店がある", "the head office is in the region",
          not_ja="地域に本店がない", not_en="the head office is outside the region"),
))  # fmt: skip
"""About a shop. Whether it is open at all is judged at the till, not by a purse."""

WEEKDAYS: Final = (
    Choice("mon", "月曜日", "Monday"), Choice("tue", "火曜日", "Tuesday"), Choice("wed", "水曜日", "Wednesday"),
    Choice("thu", "木曜日", "Thursday"), Choice("fri", "金曜日", "Friday"), Choice("sat", "土曜日", "Saturday"),
    Choice("sun", "日曜日", "Sunday"),
)
PAYMENTS: Final = Vocabulary((
    Field("amount", FieldType.INTEGER, "支払額", "the amount paid", unit_ja="円", unit_en="yen"),
    Field("weekday", FieldType.TEXT, "支払いの曜日", "the day of the week", values=WEEKDAYS),
    Field("hour", FieldType.INTEGER, "支払いの時刻", "the hour of the day", unit_ja="時台", unit_en="o'clock"),
    Field("month_day", FieldType.INTEGER, "支払いの日(毎月)", "the day of the month", unit_ja="日", unit_en="th"),
    Field("channel", FieldType.TEXT, "支払い方", "the way of paying", values=(
        Choice("holder_code", "利用者がコードを見せる", "the holder shows a code"),
        Choice("merchant_code", "利用者が店のコードを読む", "the holder reads the shop's code"),
    )),
    Field("shop", FieldType.TEXT, "店のコード", "the shop's code"),
))  # fmt: skip
"""About a payment, by the clock of Japan; and the shop by its printed code, so that shops can be named one by one."""

CAMPAIGNS: Final = Vocabulary((*PAYMENTS.fields, *SHOPS.fields, *RESIDENTS.fields))
"""What a campaign may ask: of the payment, of the shop, and of whoever pays."""

DECLARED: Final = Vocabularies(residents=RESIDENTS, shops=SHOPS, campaigns=CAMPAIGNS)


def known(facts: object, vocabulary: Vocabulary) -> Facts:
    """What a record of parties says about the declared fields: attribute by attribute. A missing one raises."""
    return {name: getattr(facts, name) for name in vocabulary.names}
