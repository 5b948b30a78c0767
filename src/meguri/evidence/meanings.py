"""The indicators that the books can give, and what each of them does not say."""

from __future__ import annotations

from meguri.evidence.indicator import Meaning

_TABLE = (
    Meaning(
        "issued_yen", "yen", "flows", "発行額", "Issued",
        "財布に入った額です(取り消した分を除く)。銀行口座へ直接支払った給付は含みません。",
        "What entered wallets, less what was taken back. Benefits paid straight to bank accounts are not in it.",
    ),
    Meaning(
        "spent_yen", "yen", "flows", "使用額", "Spent",
        "店で使われた額です(返金を除く)。この事業がなければ使われなかった額ではありません。",
        "What was spent in shops, less refunds. It is not what would have stayed unspent without the programme.",
    ),
    Meaning(
        "use_rate", "share", "flows", "使用率", "Use rate",
        "商品券は期限までにほぼ全額(全国では98〜99%台)使われるため、成功の物差しにはなりません。",
        "Vouchers are used almost in full before they expire (98 to 99 % nationwide), so this measures no success.",
        of_ja="発行額", of_en="issued yen",
    ),
    Meaning(
        "to_bank_yen", "yen", "flows", "口座への給付額", "Paid to bank accounts",
        "銀行口座へ支払った給付です。その後どこで使われたかは台帳からは分かりません。",
        "Benefits sent to bank accounts. Where they were spent afterwards cannot be seen in the books.",
    ),
    Meaning(
        "lapsed_yen", "yen", "flows", "失効額", "Lapsed",
        "期限までに使われなかった額です。どの年代に多いかを見ると、届かなかった人が分かります。",
        "What was not used before its expiry. Seen by age, it tells whom the programme did not reach.",
    ),
    Meaning(
        "unspent_yen", "yen", "flows", "未使用額", "Unspent",
        "いま財布にある額です。", "What lies in wallets now.",
    ),
    Meaning(
        "receivers", "people", "reach", "受け取った人", "People who received",
        "口座で受け取った人も数えます。親が代わりに受け取った給付は、対象の子を数えます。人数は仮名で数えたものです。",
        "By wallet or by bank. A benefit that a parent took for a child counts the child. Pseudonyms are counted.",
    ),
    Meaning(
        "payers", "people", "reach", "使った人", "People who paid",
        "一度でも支払った人です。", "People who paid at least once.",
    ),
    Meaning(
        "take_up", "share", "reach", "利用率", "Take-up",
        "分母は要綱の条件に合う住民です(アプリの登録者ではありません)。口座で受け取った人、まだ使っていない人も含みます。",
        "The denominator is every resident who meets the terms, not those who have the app. Receiving "
        "by wallet or bank is enough.",
        of_ja="対象者数", of_en="eligible residents",
    ),
    Meaning(
        "median_days", "days", "spending_times", "半分が使われるまでの日数", "Days until half is spent",
        "カプラン・マイヤー法(円で重み付け)。ほかの人に送ったお金は送った日で打ち切り、受け取った側で数え直します。",
        "Kaplan–Meier, weighted by yen. Money passed on is cut off there and starts anew with its receiver.",
    ),
    Meaning(
        "first_14_days", "share", "spending_times", "受け取りから14日以内の使用", "Spent within 14 days",
        "すでに使われた額だけで計算します。", "Counted among what has been spent so far.",
        of_ja="使用額", of_en="spent yen",
    ),
    Meaning(
        "last_14_days", "share", "spending_times", "期限前14日間の使用", "Spent in the last 14 days",
        "期限前の駆け込みです。盛り上がりではありません。",
        "The rush before expiry. It is no sign of success.",
        of_ja="使用額", of_en="spent yen",
    ),
    Meaning(
        "own_ward_share", "share", "takings", "自分の地区での使用", "Spent in the own ward",
        "住民登録の地区と店の地区が同じ支払いです。地区の分からない支払いは除きます。店と人の現在の地区で数えます。",
        "Payments in a shop of the payer's registered ward, among payments whose wards are known; wards as of today.",
        of_ja="地区の分かる使用額", of_en="spent yen with known wards",
    ),
    Meaning(
        "small_shop_share", "share", "takings", "中小店・商店街での使用", "Spent at small and street shops",
        "店の区分は事業の定義によります。売上であり、利益ではありません。",
        "By the programme's own class of shops. Receipts, not profit.",
        of_ja="使用額", of_en="spent yen",
    ),
    Meaning(
        "top_tenth_share", "share", "takings", "上位1割の店が占める割合", "Share of the top tenth of shops",
        "支払いのあった店だけで数えます。", "Among shops that took anything.",
        of_ja="使用額", of_en="spent yen",
    ),
    Meaning(
        "onward_share", "share", "flows", "店から先へ回った割合", "Passed on by shops",
        "台帳の中で店が次に支払った割合です。いまは店が換金するだけなので0です。換金後に町内で使われたお金は見えません。",
        "What shops paid onward inside the books. It is 0 while shops only cash out; money spent in town afterwards "
        "cannot be seen.",
        of_ja="店の受取額", of_en="shops' receipts",
    ),
    Meaning(
        "turns", "times", "flows", "台帳の中で回った回数", "Turns inside the books",
        "1 ÷ (1 − 店から先へ回った割合)。台帳の中の回数で、経済波及効果ではありません。",
        "1 / (1 - the share passed on). Turns inside the books, not a multiplier of the economy.",
    ),
)  # fmt: skip

MEANINGS: dict[str, Meaning] = {meaning.code: meaning for meaning in _TABLE}
"""Every indicator by its code."""
