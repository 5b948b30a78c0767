"""Readings above the kanji of the screens' own words, for those who have switched ふりがな on.

A table of readings is applied to the templates' own Japanese sentences, never to names or to what somebody typed: whose
name reads how is not ours to guess. A sentence carries its readings as Unicode's own interlinear annotation, which is
plain text: so it survives escaping and every part of the design. At the end, `as_ruby` turns the annotations into ruby
where a page shows text, and takes them out where it cannot (attributes, titles, options, pictures).
"""

from __future__ import annotations

import re
from functools import lru_cache

ANCHOR, SEPARATOR, END = "\ufff9", "\ufffa", "\ufffb"
KANJI = "\u3005-\u3007\u3400-\u9fff\uf900-\ufaff"

TABLE = """
一《ひと》つ 一人《ひとり》 一度《いちど》 一度使《いちどつか》え 一度入《いちどはい》っ 一度払《いちどはら》う
一度申《いちどもう》し 一枚《いちまい》 一覧《いちらん》 一部《いちぶ》 一部返金《いちぶへんきん》 上乗《うわの》せ
上限《じょうげん》 下《さ》げ 下《した》から 下《した》に 下《した》の 下書《したが》き 不可《ふか》 世帯《せたい》
並《なら》ぶ 並《なら》ん 中《なか》 中身《なかみ》 主《おも》な 予定《よてい》 事務局《じむきょく》 事業《じぎょう》
二重《にじゅう》 人《ひと》 今《いま》 今日《きょう》 付《つ》く 代行会社《だいこうがいしゃ》 代金《だいきん》
任意《にんい》 会場《かいじょう》 会社《かいしゃ》 会計《かいけい》 会計課《かいけいか》 伝《つた》え 伝《つた》わ
位置《いち》 住《す》んで 住民《じゅうみん》 住民向《じゅうみんむ》け 体験版《たいけんばん》 何《なに》が 何《なに》も
何《なに》を 何口《なんくち》 何口申《なんくちもう》し 何日前《なんにちまえ》 何枚《なんまい》
何枚返《なんまいかえ》す 作《つく》り 作《つく》る 使《つか》い 使《つか》う 使《つか》え 使《つか》っ 使《つか》わ
停止中《ていしちゅう》 健康《けんこう》 働《はたら》く 元《もと》の 先《さき》 先《さき》に 先着順《せんちゃくじゅん》
入《い》れ 入《はい》っ 入《はい》り 入《はい》る 全件《ぜんけん》 全額《ぜんがく》 再開《さいかい》 写《うつ》し
出《だ》し 出《だ》す 出《で》が 出《で》て 出《で》な 出《で》ま 出《で》る 出典《しゅってん》 分《ぶん》 分《わ》け
切《き》り 切《き》れ 列《れつ》に 列《れつ》の 別《べつ》の 利用《りよう》 券《けん》 前《まえ》 前《まえ》の
加盟店《かめいてん》 助《たす》け 動《うご》い 動《うご》き 勤《つと》め 印刷《いんさつ》 原則《げんそく》 取《と》っ
取《と》ら 取《と》り 取《と》る 取《と》れ 取消《とりけし》 受《う》け 受付《うけつけ》
受付時間外《うけつけじかんがい》 受付番号《うけつけばんごう》 口《くち》 口座《こうざ》 口数《くちすう》
合計《ごうけい》 同《おな》じ 名前《なまえ》 名簿《めいぼ》 含《ふく》み 含《ふく》む 品物《しなもの》
商品券《しょうひんけん》 回《かい》 困《こま》っ 在勤《ざいきん》 在勤証明書《ざいきんしょうめいしょ》
在学《ざいがく》 在学証明書《ざいがくしょうめいしょ》 地区《ちく》 場所《ばしょ》 売《う》り 売上《うりあげ》
変《か》え 変《か》わ 外《そと》に 外《はず》す 多《おお》い 多《おお》く 夜《よる》 大《だい》 大丈夫《だいじょうぶ》
大文字《おおもじ》 失効《しっこう》 始《はじ》ま 始《はじ》め 子《こ》ども 学《まな》ぶ 学校《がっこう》
学生証《がくせいしょう》 守《まも》ら 安心《あんしん》 完了《かんりょう》 実在《じつざい》 実施中《じっしちゅう》
客《きゃく》さま 家族《かぞく》 対象《たいしょう》 小文字《こもじ》 少《すく》な 少《すこ》し 届《とど》い
届《とど》き 届《とど》く 届《とど》け 届《とど》ける 履歴《りれき》 差戻《さしもど》し 帰《かえ》る 店《みせ》
店主《てんしゅ》 店先《みせさき》 店員《てんいん》 店舗《てんぽ》 引《ひ》き 当《あ》たった 当選《とうせん》
役割《やくわり》 役場《やくば》 待《ま》ち 待《ま》っ 待《ま》つ 後《あと》 後《あと》で 必要《ひつよう》
必須《ひっす》 思《おも》い 戻《もど》し 戻《もど》り 戻《もど》る 所《ところ》 手《て》 手紙《てがみ》 打《う》っ
打《う》つ 払《はら》い 払《はら》う 払《はら》え 払《はら》っ 払《はら》わ 払込番号《はらいこみばんごう》
払込票《はらいこみひょう》 承認待《しょうにんま》ち 承認済《しょうにんず》み 押《お》し 押《お》す 抽選《ちゅうせん》
担当課《たんとうか》 招《まね》く 招待《しょうたい》 持《も》ち 持《も》っ 振《ふ》り 振込《ふりこみ》
振込先《ふりこみさき》 振込額《ふりこみがく》 控《ひか》え 支払《しはら》い 支払《しはらい》 支払先《しはらいさき》
支給《しきゅう》 数《かぞ》え 数分《すうふん》 数字《すうじ》 数日《すうじつ》 数日後《すうじつご》 文字《もじ》
新《あたら》し 方《かた》は 方《ほう》 日《ひ》 日《ひ》どり 日数《にっすう》 日時《にちじ》 明《あか》るく
明《あか》るさ 明日《あした》 明細《めいさい》 明細番号《めいさいばんごう》 昨日《きのう》 時刻《じこく》
時点《じてん》 時計《とけい》 時間《じかん》 書《か》い 書《か》き 書《か》く 替《か》え 最後《さいご》
有償分《ゆうしょうぶん》 有効《ゆうこう》 朝《あさ》 期間《きかん》 期限《きげん》 本人《ほんにん》
本人認証《ほんにんにんしょう》 本文《ほんぶん》 本物《ほんもの》 条件《じょうけん》 架空《かくう》 業務《ぎょうむ》
標準《ひょうじゅん》 横《よこ》に 機《き》か 次《つぎ》 止《と》ま 止《と》め 歩《あゆ》み 歩《ある》く 残《のこ》せ
残《のこ》っ 残《のこ》り 残高《ざんだか》 氏名《しめい》 求《もと》め 決定《けってい》 注意《ちゅうい》 消《け》さ
消《け》し 消《け》す 済《す》み 済《す》ん 減《へ》り 減《へ》る 渡《わた》し 渡《わた》す 満《み》た
準備《じゅんび》 無《な》い 物《もの》 現在《げんざい》 現金《げんきん》 理由《りゆう》 生年月日《せいねんがっぴ》
用意《ようい》 申《もう》し 申込《もうしこ》み 申込《もうしこみ》 町《まち》 町《まち》の 町内《ちょうない》
画面《がめん》 番号《ばんごう》 登録《とうろく》 目《め》の 直《なお》し 直《なお》す 相手《あいて》 知《し》っ
知《し》ら 短《みじか》く 確《たし》か 確報《かくほう》 確認《かくにん》 社員証《しゃいんしょう》 秒《びょう》
空白《くうはく》 窓口《まどぐち》 端末《たんまつ》 精算《せいさん》 約束《やくそく》 紙《かみ》に 紙《かみ》の
終《お》え 終《お》わ 終了《しゅうりょう》 結果《けっか》 給付《きゅうふ》 給付金《きゅうふきん》 続《つづ》き
続《つづ》け 締《し》め 繰上当選《くりあげとうせん》 置《お》い 置《お》き 署名《しょめい》 聞《き》い 聞《き》き
職員《しょくいん》 自分《じぶん》 自動《じどう》 自己申告《じこしんこく》 自由《じゆう》 落選《らくせん》
行《おこな》わ 行動《こうどう》 表《ひょう》 表示《ひょうじ》 要綱《ようこう》 見《み》え 見《み》せ 見《み》つ
見《み》て 見《み》ます 見《み》る 見《み》分 言葉《ことば》 記号《きごう》 記録《きろく》 設定《せってい》
許可《きょか》 証明書《しょうめいしょ》 試《ため》し 試《ため》す 話《はな》し 話《はなし》 読《よ》み 読《よ》む
読《よ》めない 読《よ》ん 調《しら》べ 財布《さいふ》 販売《はんばい》 買《か》い 買《か》う 買《か》え 買《か》っ
貼《は》っ 購入《こうにゅう》 贈《おく》っ 贈《おく》り 贈《おく》る 贈《おく》れ 越《こ》し 足《た》り 込《こ》ま
込《こ》み 込《こ》む 込《こ》め 込《こ》ん 近《ちか》い 近《ちか》く 返《かえ》し 返《かえ》す 返《かえ》せ
返品《へんぴん》 返金《へんきん》 返金済《へんきんず》み 送《おく》っ 送《おく》り 送《おく》る 送信《そうしん》
通知《つうち》 速報《そくほう》 速報取消《そくほうとりけし》 連絡《れんらく》 進《すす》み 進《すす》む 遅《おく》れ
過《す》ぎ 道《みち》 違《ちが》い 違《ちが》う 選《えら》ば 選《えら》び 選《えら》ぶ 選《えら》べ 選《えら》ん
部分《ぶぶん》 金《かね》 金庫《きんこ》 金額《きんがく》 釣《つ》り 銀行《ぎんこう》 閉《と》じ 開《ひら》い
開《ひら》き 開《ひら》く 離《はな》れ 電話《でんわ》 電話番号《でんわばんごう》 音《おと》 順《じゅん》 鳴《な》り
歩数《ほすう》 内容《ないよう》 変更《へんこう》 決《き》め 日付《ひづけ》 送《おく》れ 通信《つうしん》
一度押《いちどお》し 右上《みぎうえ》 絵《え》を 保存《ほぞん》 上《うえ》の 残《のこ》る 心拍《しんぱく》 足《た》し
足《た》さ 足《た》す 全部《ぜんぶ》 範囲《はんい》 確認待《かくにんま》ち 機器《きき》 来《き》て 見分《みわ》け
替《か》わ 差《さ》し 届《とど》か 返《かえ》さ 当《あ》た 写真《しゃしん》 出《で》は 付《つ》き 認《みと》め
願《ねが》い 達成《たっせい》 予算《よさん》 順番《じゅんばん》 達《たっ》し 当《あ》ては 場《ば》で 行《おこな》っ
並《なら》び 来《き》たら 要《い》り 顔《かお》 車《くるま》 写《うつ》さ 書《か》か 個人情報《こじんじょうほう》
封《ふう》 保管《ほかん》 開《あ》ける 撮《と》っ 情報《じょうほう》 答《こた》え 一枚頼《いちまいたの》 見《み》くら
"""
"""Words as Japanese plain texts write their readings; the kana behind it is part of the word (払う, but not 支払)."""

_ENTRY = re.compile(rf"([{KANJI}ヶ]+)《([ぁ-ゖー]+)》([ぁ-ん{KANJI}]*)")


def _patterns(table: str) -> dict[str, tuple[str, str, str]]:
    """By the whole word: its kanji, their reading, and the kana behind. The first entry of a word counts."""
    found: dict[str, tuple[str, str, str]] = {}
    for match in _ENTRY.finditer(table):
        found.setdefault(match[1] + match[3], (match[1], match[2], match[3]))
    return found


_WORDS = _patterns(TABLE)
_ALTERNATIVES = "|".join(
    re.escape(word) + ("" if kana else rf"(?![{KANJI}])")
    for word, (_, _, kana) in sorted(_WORDS.items(), key=lambda item: -len(item[0]))
)
_FOUND = re.compile(
    # what stays as it is: a fact with the counter behind it, a figure with its counter, a reading set by hand
    rf"(?P<kept>\{{[^{{}}]*\}}(?:か所|[{KANJI}]*)|[0-9０-９,.]+[{KANJI}]*|[｜|]?[^｜|《》\s、。]*《[^》]*》|{ANCHOR}[^{END}]*{END})"
    rf"|(?<![{KANJI}])(?P<word>{_ALTERNATIVES})"
)
_ANNOTATED = re.compile(f"{ANCHOR}([^{ANCHOR}{SEPARATOR}{END}]*){SEPARATOR}([^{ANCHOR}{SEPARATOR}{END}]*){END}")
_BARE = re.compile(
    r"<(?P<kind>script|style|title|textarea|option|svg)\b.*?</(?P=kind)\s*>|<!--.*?-->|<[^>]*>|" + _ANNOTATED.pattern,
    re.DOTALL | re.IGNORECASE,
)


@lru_cache(4_096)  # the templates' sentences, again and again
def annotate(sentence: str) -> str:
    """The sentence with the readings of the words it is made of, as annotations; facts and figures are left alone."""
    return _FOUND.sub(lambda found: found["kept"] or _annotation(_WORDS[found["word"]]), sentence)


def _annotation(word: tuple[str, str, str]) -> str:
    kanji, reading, kana = word
    return f"{ANCHOR}{kanji}{SEPARATOR}{reading}{END}{kana}"


def plain(text: str) -> str:
    """The text without annotations, as for an attribute."""
    return _ANNOTATED.sub(r"\1", text)


def as_ruby(page: str) -> str:
    """A page (or a part of one) with its annotations as ruby where text is shown, and without them anywhere else."""
    return _BARE.sub(_shown, page)


def _shown(found: re.Match[str]) -> str:
    if found[2] is None:
        return plain(found[0])
    return f"<ruby>{found[2]}<rp>(</rp><rt>{found[3]}</rt><rp>)</rp></ruby>"
