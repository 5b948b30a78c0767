"""Whole texts as officers read them: one of each kind, each from another document. A change of a word is seen here."""

from __future__ import annotations

import pytest

from meguri.programmes.shipped import templates
from meguri.programmes.texts import TextKind, draft, plain
from meguri.words.refusal import Language

WHOLE: dict[tuple[str, TextKind, Language], str] = {
    ("nagoya-2025", TextKind.ORDINANCE, "ja"): """\
めぐり町プレミアム付商品券 実施要綱(案)

第1条(趣旨)
この要綱は、町内の店での消費を増やし、商店の売上と町民の暮らしを支えることを目的としてめぐり町が実施する「めぐり町\
プレミアム付商品券」(以下「本事業」という。)について、必要な事項を定める。

第2条(根拠及び現金の管理)
1 本事業は、資金決済に関する法律 第4条第3号(地方公共団体が発行する前払式支払手段)、地方自治法 第210条(総計予算主義)\
及びめぐり町プレミアム付商品券事業実施要綱(架空)に基づき実施する。
2 本事業に係る現金は、めぐり町会計管理者(歳入歳出)が管理する。

第3条(対象者)
本事業の対象となる者は、令和7年7月26日において、町に住民登録がある者とする。

第4条(販売、付与又は給付)
1 商品券は、1口につき、販売価格を10,000円、額面を13,000円とする。
2 商品券1口の額面のうち3,000円は、販売価格の30%に相当する額として、無償で付与する。
3 商品券を購入することができる数は、1人につき5口までとする。
4 抽選販売では、2,000口を抽選により販売する。
5 抽選販売に係る申込みは、令和7年7月26日から令和7年8月17日まで受け付ける。
6 抽選販売に係る抽選は、令和7年9月5日に行う。
7 抽選販売に係る購入の期間は、令和7年10月1日から令和7年10月31日までとする。
8 代金は、窓口での現金、コンビニエンスストアの払込票又はクレジットカードにより支払うものとする。
9 払込票の有効期間は、発行の日から14日以内とする。

第5条(使用の期間及び期限)
1 使用することができる期間は、令和7年10月1日から令和8年1月31日までとする。
2 有効期限は、令和8年1月31日とする。

第6条(使用することができる店舗)
1 「プレミアム分」(無償分)は、すべての取扱店で使用することができる。
2 「購入分」(有償分)は、すべての取扱店で使用することができる。

第7条(使用することができないもの)
税金・公共料金など債務の支払い、商品券・切手・印紙・プリペイドカードなど換金性の高いもの、たばこ、事業用の仕入れ・\
原材料・機器、土地・家屋・家賃など不動産、賭け事・風俗営業、現金との交換、預け入れ、車検及びプロパンガスには、使用\
することができない。

第8条(上限及び譲渡)
1 1回の支払に使用することができる額は、65,000円までとする。
2 他人に譲渡し、又は転売してはならない。

第9条(返品及び取消し)
1 商品の返品があったときは、その代金に相当する額を、支払に用いた残高に戻すものとする。
2 支払の取消しは、支払の当日に限る。

第10条(払戻し)
購入後の払戻しはしない。

第11条(取扱店への支払)
取扱店は、使用された額を、令和8年3月15日までに請求しなければならない。

第12条(財源)
1 「商品券プレミアム分」には、令和7年度予算の6,000,000円を充て、その財源は一般財源とする。
2 「商品券プレミアム分」の予算科目は、一般会計 商工費・商工費・商工振興費・負担金、補助及び交付金とする。
3 販売代金は歳入に、使用された額の全額は歳出に計上する。

第13条(効果の検証)
1 令和8年1月31日までに、使用率を99%とすることを目標とする。
2 効果は、当選者と落選者の、週ごとの町内での支払い額について、抽選に外れた申込者との比較により令和8年7月31日まで検\
証し、その結果を公表する。

第14条(その他)
この要綱に定めるもののほか、必要な事項は、別に定める。
""",
    ("ebina-2023", TextKind.CALL, "ja"): """\
めぐり町商品券(共通券と個店限定券) ご案内

■ どんな事業ですか
・めぐり町は、「めぐり町商品券(共通券と個店限定券)」を行います。
・めあて: 町内の店での消費を増やし、商店の売上と町民の暮らしを支える。

■ 対象になる人
・対象は、令和5年8月3日の時点で、町に住民登録がある人です。
・補足: 住民登録のある人。

■ 受け取れるもの
・1口4,000円で、5,000円分のお買い物ができます。
・1口につき、1,000円(25%)のプレミアムが付きます。
・「個店限定券」1冊1,500円で、3,000円分のお買い物ができます。
・「個店限定券」1冊につき、1,500円(100%)のプレミアムが付きます。

■ 上限
・1人2口まで買えます。
・「個店限定券」は1人2冊まで買えます。

■ 日程
・共通券の販売: 1,000口を抽選で販売します。
・共通券の販売の申込みは令和5年8月3日から令和5年9月1日までです。
・共通券の販売の結果は令和5年10月2日に決まります。
・共通券の販売で買えるのは令和5年11月1日から令和5年11月7日までです。
・個店限定券の販売: 1,000口を抽選で販売します。
・個店限定券の販売の申込みは令和5年8月3日から令和5年9月1日までです。
・個店限定券の販売の結果は令和5年10月2日に決まります。
・個店限定券の販売で買えるのは令和5年11月1日から令和5年11月7日までです。
・お支払い: 窓口での現金。

■ 使える期間
・令和5年11月1日から令和6年2月29日まで使えます。
・有効期限は令和6年2月29日です。過ぎると使えません。

■ 使える店
・「個店限定券(プレミアム分)」は、売場面積が500平方メートル未満である店で使えます。
・「個店限定券(購入分)」は、売場面積が500平方メートル未満である店で使えます。
・「共通券(プレミアム分)」は、すべての取扱店で使えます。
・「共通券(購入分)」は、すべての取扱店で使えます。

■ 使えないもの
・次のものには使えません: 税金・公共料金など債務の支払い、商品券・切手・印紙・プリペイドカードなど換金性の高いもの\
、たばこ、事業用の仕入れ・原材料・機器、土地・家屋・家賃など不動産、賭け事・風俗営業、現金との交換、預け入れ、車検\
、プロパンガス。

■ お支払いのときに
・1回のお支払いは16,000円までです。

■ ご注意
・ほかの人に渡したり、売ったりすることはできません。
・返品のときは、お支払いに使った残高に戻ります。
・現金での払戻し: 購入後の払戻しはしない。
・ことわり: 発行する「めぐり町」は架空の町です。規則は海老名市が2023年に公表した第7弾商品券の規則によります。海老名\
市の事業ではありません。

■ 発行
・発行する者: めぐり町。
・お預かりするお金の管理: めぐり町会計管理者(歳入歳出)。
""",
    ("nagasaki-2023", TextKind.QUESTIONS, "ja"): """\
めぐり町電子商品券(残りは先着) よくある質問

Q1 だれが参加できますか
対象は、令和5年9月1日の時点で、町に住民登録がある人です。
補足: 住民登録のある人。

Q2 何がもらえますか
1口5,000円で、6,500円分のお買い物ができます。
1口につき、1,500円(30%)のプレミアムが付きます。

Q3 どれだけ買えますか(もらえますか)
1人5口まで買えます。

Q4 いつ、何をすればよいですか
1次販売: 1,500口を抽選で販売します。
1次販売の申込みは令和5年9月1日から令和5年9月15日までです。
1次販売の結果は令和5年9月25日に決まります。
1次販売で買えるのは令和5年10月1日から令和5年10月22日までです。
2次販売: 500口と前の回の残りを抽選で販売します。
2次販売の申込みは令和5年11月1日から令和5年11月15日までです。
2次販売の結果は令和5年11月27日に決まります。
2次販売で買えるのは令和5年12月1日から令和5年12月22日までです。
3次販売(残り): 前の回の残りを先着順で販売します。
3次販売(残り)で買えるのは令和6年1月9日から令和6年2月18日までです。
お支払い: 窓口での現金。

Q5 いつまで使えますか
令和5年10月1日から令和6年2月18日まで使えます。
有効期限は令和6年2月18日です。過ぎると使えません。

Q6 どこで使えますか
「プレミアム分」は、すべての取扱店で使えます。
「購入分」は、すべての取扱店で使えます。

Q7 買えないものはありますか
次のものには使えません: 税金・公共料金など債務の支払い、商品券・切手・印紙・プリペイドカードなど換金性の高いもの、\
たばこ、事業用の仕入れ・原材料・機器、土地・家屋・家賃など不動産、賭け事・風俗営業、現金との交換、預け入れ、車検、\
プロパンガス。

Q8 一度にいくらまで使えますか
1回のお支払いは32,500円までです。

Q9 人にあげられますか
ほかの人に渡したり、売ったりすることはできません。

Q10 返品や払戻しはできますか
返品のときは、お支払いに使った残高に戻ります。
現金での払戻し: 購入後の払戻しはしない。

Q11 残高が二つに分かれているのはなぜですか
お金を払った分と、上乗せでもらった分は、法律の決まりで分けて示します。

Q12 効果はどう確かめますか
当選者と落選者の、週ごとの町内での支払い額について、抽選に外れた申込者と比べて令和6年8月31日まで調べ、結果を公表し\
ます。
""",
    ("setagaya-2024", TextKind.SHOP_TERMS, "en"): """\
Meguri reward (rates by class of shop): terms for shops (draft)

Article 1 (Purpose)
These terms say what shops that take part in “Meguri reward (rates by class of shop)” of Meguri Federation of Sho\
pping Streets keep to.

Article 2 (When it may be spent)
1. Value may be spent from 1 February 2024 to 31 October 2024.
2. Value lapses 6 months after it was received, at the end of that month, even within that time.

Article 3 (Where it may be spent)
“Reward points” (granted part) may be spent in every shop that takes part.

Article 4 (What it may not pay for)
Value may not be used for: Taxes, utilities and debts; Vouchers, stamps, prepaid cards and the like; Tobacco; Purch\
ases for business; Real estate and rent; Gambling and adult business; Exchange for cash, deposits; Car inspection; \
Propane gas.

Article 5 (Ceilings)
1. One payment may be at most ¥100,000.
2. Value may neither be passed on nor sold.

Article 6 (Goods that come back)
1. When goods are returned, their price goes back to the purse that paid.
2. A payment may be undone on the same day only.

Article 7 (Claims and payment)
1. Shops must claim what was spent with them by 15 December 2024.
2. Later claims may be turned down.

Article 8 (Duties of shops)
1. Shops do not refuse value without good reason.
2. Shops do not exchange value for cash, use it for their own purchases, or report what was no sale.
3. Shops help to check the records of what was spent.
""",
    ("katsuyama-2026", TextKind.CALL, "ja"): """\
めぐり町デジタル商品券(手紙のコードで) ご案内

■ どんな事業ですか
・めぐり町は、「めぐり町デジタル商品券(手紙のコードで)」を行います。
・めあて: 物価高のなかの暮らしを支え、町内の店で使われるようにする。

■ 対象になる人
・対象は、令和7年12月31日の時点で、町に住民登録があり、かつ、年齢が19歳以上であり、かつ、年齢が64歳以下である人です\
。
・補足: 2025年12月31日に住民登録のある19歳以上64歳以下の人。

■ 受け取れるもの
・お送りするコードを入力すると、10,000円分が使えます。

■ 日程
・コードは令和8年2月24日から令和8年5月31日までに入力してください。

■ 使える期間
・令和8年2月24日から令和8年5月31日まで使えます。
・有効期限は令和8年5月31日です。過ぎると使えません。

■ 使える店
・「デジタル商品券」は、すべての取扱店で使えます。

■ 使えないもの
・次のものには使えません: 税金・公共料金など債務の支払い、商品券・切手・印紙・プリペイドカードなど換金性の高いもの\
、たばこ、事業用の仕入れ・原材料・機器、土地・家屋・家賃など不動産、賭け事・風俗営業、現金との交換、預け入れ、車検\
、プロパンガス。

■ お支払いのときに
・1回のお支払いは10,000円までです。

■ ご注意
・ほかの人に渡したり、売ったりすることはできません。
・返品のときは、お支払いに使った残高に戻ります。
・現金での払戻し: 払戻しはしない。
・ことわり: 発行する「めぐり町」は架空の町です。規則は勝山市が2026年に公表したデジタル商品券の規則によります。勝山\
市の事業ではありません。

■ 発行
・発行する者: めぐり町。
・お預かりするお金の管理: めぐり町会計管理者(給付の予算。代金はない)。
""",
    ("green-and-health-points", TextKind.ORDINANCE, "en"): """\
Meguri green and health points: guideline (draft)

Article 1 (Purpose)
This guideline governs “Meguri green and health points” (the programme) of Meguri Town. Its purpose: Walk, collec\
t, choose: the whole town backs small everyday actions for health and climate.

Article 2 (Basis and cash)
1. The programme rests on: Granted without consideration: no prepaid payment instrument; Ordinance on Meguri green \
and health points (invented).
2. The programme's cash is held by: Treasurer of Meguri Town (city revenue and expenditure).

Article 3 (Who may take part)
A person may take part if this holds on 1 April 2025: the person is registered as a resident, and age is at least 1\
8 years.

Article 4 (How value is obtained)
1. “Walk 5,000 steps in a day”: ¥10 each time.
2. “Walk 5,000 steps in a day”: at most 1 time a day a person.
3. “Buy a drink in your own bottle”: ¥10 each time.
4. “Buy a drink in your own bottle”: at most 1 time a day a person.
5. “Take the bus”: ¥10 each time.
6. “Take the bus”: at most 2 times a day a person.
7. “Join a clean-up”: ¥100 each time.
8. “Join a clean-up”: at most 4 times a month a person.
9. “Have the yearly health check”: ¥500 each time.
10. “Have the yearly health check”: at most 1 time in all a person.
11. “Walk 8,000 steps in a day, with the record”: ¥10 each time.
12. “Walk 8,000 steps in a day, with the record”: the person's own record shows at least 8,000 steps on the day.
13. “Walk 8,000 steps in a day, with the record”: at most 1 time a day a person.
14. “Pick up litter in the street or park, with a photo”: ¥20 each time.
15. “Pick up litter in the street or park, with a photo”: a member of staff looks at a photo that the person sends. It \
is deleted 30 days after the answer.
16. “Pick up litter in the street or park, with a photo”: at most 1 time a day a person.
17. “Pick up litter in the street or park, with a photo”: at most 8 times a month a person.
18. “Round the town by bus”: whoever does “Take the bus” at 3 different of 5 places is granted ¥100.
19. “Round the town by bus”: at most 1 time a person.
20. “8,000 steps, week by week”: whoever does “Walk 8,000 steps in a day, with the record” for 3 weeks in a row \
(leaving out at most 1 week) is granted ¥50.
21. “8,000 steps, week by week”: at most 4 times a person.
22. Only actions that were granted count; when one is withdrawn, so is the bonus that rested on it.
23. Granted from 1 April 2025 to 28 February 2026.
24. A person is granted at most ¥1,000 a month.
25. A person is granted at most ¥10,000 in all.

Article 5 (When it may be spent)
1. Value may be spent from 1 April 2025 to 31 March 2026.
2. Value is good until 31 March 2026.

Article 6 (Where it may be spent)
“Green and health points” (granted part) may be spent in shops of which this holds: class of shop is not “large \
shop”.

Article 7 (What it may not pay for)
Value may not be used for: Taxes, utilities and debts; Vouchers, stamps, prepaid cards and the like; Tobacco; Excha\
nge for cash.

Article 8 (Ceilings and passing on)
1. A person may hold at most ¥10,000.
2. Value may neither be passed on nor sold.
3. What was granted may be donated to a cause that the town lists; what was bought may not.

Article 9 (Goods that come back)
1. When goods are returned, their price goes back to the purse that paid.
2. A payment may be undone on the same day only.

Article 10 (Cash back)
Points are never exchanged for cash.

Article 11 (Paying the shops)
Shops must claim what was spent with them by 30 April 2026.

Article 12 (Funds)
1. “Points, town's part” is paid from ¥2,100,000 of the budget of fiscal 2025 (General revenue).
2. “Points, town's part” is booked under 一般会計 総務費・総務管理費・企画費・報償費.
3. “Points, sponsor's part” is paid from ¥900,000 of the budget of fiscal 2025 (Sponsor's contribution (booked as\
 revenue)).
4. “Points, sponsor's part” is booked under 一般会計 総務費・総務管理費・企画費・報償費.
5. By “Agreement on green and health points” Points, town's part carries 70%.
6. By “Agreement on green and health points” Points, sponsor's part carries 30%.
7. Points, sponsor's part carries at most ¥900,000.

Article 13 (How the effect is judged)
1. Goal by 28 February 2026: Days with an action per person, 60 times.
2. The effect is judged by: Steps and days with an action per person, by ward; compared with: Wards not yet invited\
; it is followed until 30 September 2026, and the result is published.

Article 14 (The rest)
All else is laid down separately.
""",
    ("child-rearing-benefit", TextKind.PRESS, "ja"): """\
報道資料 「めぐり町子育て応援給付金」を行います

■ 概要
・めぐり町は、「めぐり町子育て応援給付金」を行います。
・めあて: 子どもを育てる家庭を支え、選べる受け取り方で町内の店にもつなげる。

■ 内容
・「0歳」: 1人につき50,000円。
・「1歳から17歳」: 1人につき10,000円。
・地域のお金で受け取ると、2,500円が上乗せされます。

■ 対象
・対象は、令和7年9月1日の時点で、町に住民登録があり、かつ、年齢が18歳未満である人です。
・補足: 住民登録のある18歳未満の子ども。受け取るのは保護者。

■ 日程
・受け取り方は令和7年10月1日から令和7年10月31日までに選んでください。選ばない人は口座への振込みになります。
・支給する日は令和7年11月10日です。
・令和7年11月10日から令和8年3月31日まで使えます。
・有効期限は令和8年3月31日です。過ぎると使えません。

■ 財源
・子育て応援給付金: 8,000,000円(一般財源)。
・地域通貨上乗せ分: 1,500,000円(一般財源)。

■ 効果の確かめ方
・18歳になる前後の子どもがいる世帯の、町内での支払い額について、基準の日に18歳になったばかりの子どもがいる世帯と比\
べて令和8年9月30日まで調べ、結果を公表します。

■ 発行
・発行する者: めぐり町。
・お預かりするお金の管理: めぐり町会計管理者(歳入歳出)。
・ことわり: 「めぐり町」は架空の町です。受け取り方の選択は福井市の公表した制度によります。国の法律に基づく給付では\
なく、町独自の給付です。
""",
    ("meguro-2020", TextKind.PRESS, "en"): """\
Press: “Meguri local shops' voucher (residents first, then everybody)” begins

In short
- Meguri Federation of Shopping Streets runs “Meguri local shops' voucher (residents first, then everybody)”.
- Purpose: More spending at the town's shops, to support shops and households.

What it gives
- One unit costs ¥5,000 and buys goods for ¥7,500.
- One unit carries ¥2,500 (50%) on top.
- At most 10 units a person.

Who may take part
- You may take part if this holds on 1 August 2020: the person is registered as a resident, and age is at least 16 \
years.
- Note: Residents aged 16 or over; in the second sale outsiders, too.

When
- First sale (residents): 1,600 units, sold by lottery.
- First sale (residents): apply from 1 August 2020 to 15 August 2020.
- First sale (residents): decided on 24 August 2020.
- First sale (residents): buy from 5 September 2020 to 30 September 2020.
- Second sale (everybody): 400 units and what earlier rounds left, sold first come, first served.
- Second sale (everybody): buy from 3 October 2020 to 31 October 2020.
- Second sale (everybody): people from outside may buy, too.
- Pay by: cash at the counter.
- It can be spent from 5 September 2020 to 28 February 2021.
- It is good until 28 February 2021, and lapses after that.

Funds
- Voucher premium: ¥5,000,000 (The town's subsidy).

How we know
- What we look at: Weekly spending in town of winners and losers; compared with: Applicants who lost the draw. Foll\
owed until 31 August 2021, then published.

Issued by
- Issued by Meguri Federation of Shopping Streets.
- Cash held by: The federation (the price stays in its account).
- Notice: The issuing town of Meguri is invented. The rules are those that the ward of Meguro and its federation of\
 shopping streets published for 2020; this is no programme of the ward of Meguro.
""",
}


@pytest.mark.parametrize(("name", "kind", "language"), WHOLE)
def test_the_whole_text(name: str, kind: TextKind, language: Language) -> None:
    assert plain(draft(templates()[name], kind), language) == WHOLE[name, kind, language]

