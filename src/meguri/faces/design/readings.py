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
一覧《いちらん》 一度《いちど》 一人《ひとり》 一部《いちぶ》 上限《じょうげん》 上乗《うわの》せ 下《した》に
下《した》の 下《さ》げ 下書《したが》き 不可《ふか》 世帯《せたい》 主《おも》な 事務局《じむきょく》
事業《じぎょう》 二重《にじゅう》 人《ひと》 任意《にんい》 会場《かいじょう》 会計《かいけい》 会計課《かいけいか》
伝《つた》え 位置《いち》 何《なに》も 何《なに》を 何口《なんくち》 作《つく》り 作《つく》る 使《つか》い
使《つか》う 使《つか》え 使《つか》っ 使《つか》わ 停止中《ていしちゅう》 働《はたら》く 元《もと》の 先《さき》に
入《い》れ 入《はい》り 入《はい》っ 入《はい》る 全件《ぜんけん》 全額《ぜんがく》 写《うつ》し 出《だ》し 出《だ》す
出《で》ま 出典《しゅってん》 分《ぶん》 切《き》り 切《き》れ 別《べつ》の 前《まえ》 動《うご》い 動《うご》き
印刷《いんさつ》 原則《げんそく》 取《と》り 取《と》る 取《と》れ 取消《とりけし》 受《う》け 受付《うけつけ》
受付番号《うけつけばんごう》 受付時間外《うけつけじかんがい》 口《くち》 口座《こうざ》 口数《くちすう》
合計《ごうけい》 名前《なまえ》 含《ふく》み 含《ふく》む 商品券《しょうひんけん》 回《かい》 地区《ちく》
場所《ばしょ》 売上《うりあげ》 変《か》え 変《か》わ 外《はず》す 多《おお》い 大《だい》 始《はじ》ま 始《はじ》め
守《まも》ら 完了《かんりょう》 実在《じつざい》 実施中《じっしちゅう》 客《きゃく》さま 少《すこ》し 少《すく》な
届《とど》い 届《とど》く 届《とど》け 差戻《さしもど》し 店《みせ》 店先《みせさき》 店主《てんしゅ》
店員《てんいん》 店舗《てんぽ》 当選《とうせん》 役割《やくわり》 待《ま》ち 待《ま》つ 待《ま》っ 必須《ひっす》
所《ところ》 打《う》つ 打《う》っ 払《はら》い 払《はら》う 払《はら》え 払《はら》っ 払《はら》わ
承認待《しょうにんま》ち 承認済《しょうにんず》み 押《お》し 押《お》す 抽選《ちゅうせん》 招《まね》く
招待《しょうたい》 持《も》っ 持《も》ち 振《ふ》り 振込《ふりこみ》 振込額《ふりこみがく》 振込先《ふりこみさき》
控《ひか》え 支払《しはら》い 支払《しはらい》 支払先《しはらいさき》 数字《すうじ》 文字《もじ》 新《あたら》し
方《かた》は 方《ほう》 日《ひ》 日《ひ》どり 明《あか》るさ 明細《めいさい》 明細番号《めいさいばんごう》
時刻《じこく》 時点《じてん》 時計《とけい》 時間《じかん》 書《か》い 書《か》く 書《か》き 替《か》え 最後《さいご》
期間《きかん》 期限《きげん》 本物《ほんもの》 本人《ほんにん》 本文《ほんぶん》 架空《かくう》 業務《ぎょうむ》
標準《ひょうじゅん》 次《つぎ》 止《と》ま 止《と》め 歩《あゆ》み 歩《ある》く 残《のこ》り 残《のこ》っ
残高《ざんだか》 済《す》み 済《す》ん 満《み》た 現在《げんざい》 現金《げんきん》 理由《りゆう》 用意《ようい》
申《もう》し 申込《もうしこ》み 申込《もうしこみ》 町《まち》 画面《がめん》 番号《ばんごう》 登録《とうろく》
直《なお》し 知《し》ら 知《し》っ 短《みじか》く 確《たし》か 確認《かくにん》 秒《びょう》 窓口《まどぐち》
精算《せいさん》 終《お》わ 終了《しゅうりょう》 結果《けっか》 給付《きゅうふ》 給付金《きゅうふきん》 続《つづ》け
続《つづ》き 締《し》め 置《お》い 自動《じどう》 自己申告《じこしんこく》 自由《じゆう》 行動《こうどう》
表《ひょう》 表示《ひょうじ》 見《み》せ 見《み》つ 見《み》る 見《み》分 見《み》て 見《み》え 言葉《ことば》
記号《きごう》 記録《きろく》 設定《せってい》 許可《きょか》 試《ため》し 試《ため》す 読《よ》み 読《よ》む
読《よ》ん 財布《さいふ》 買《か》い 買《か》う 買《か》え 買《か》っ 貼《は》っ 足《た》り 込《こ》ま 込《こ》み
込《こ》む 込《こ》め 込《こ》ん 近《ちか》い 近《ちか》く 返《かえ》し 返《かえ》す 返《かえ》せ 返金《へんきん》
返金済《へんきんず》み 送《おく》っ 送《おく》り 送《おく》る 連絡《れんらく》 遅《おく》れ 過《す》ぎ 道《みち》
選《えら》ば 選《えら》ぶ 選《えら》べ 選《えら》ん 選《えら》び 金《かね》 金額《きんがく》 銀行《ぎんこう》
閉《と》じ 開《ひら》き 開《ひら》く 開《ひら》い 電話《でんわ》 電話番号《でんわばんごう》 順《じゅん》
今日《きょう》 昨日《きのう》 明日《あした》 今《いま》 後《あと》 後《あと》で 中《なか》 手《て》 子《こ》ども
住民《じゅうみん》 利用《りよう》 履歴《りれき》 予定《よてい》 必要《ひつよう》 対象《たいしょう》 家族《かぞく》
健康《けんこう》 通知《つうち》 安心《あんしん》 注意《ちゅうい》 失効《しっこう》 有効《ゆうこう》 購入《こうにゅう》
販売《はんばい》 落選《らくせん》 決定《けってい》 支給《しきゅう》 職員《しょくいん》 役場《やくば》 引《ひ》き
消《け》す 消《け》し 戻《もど》る 戻《もど》し 進《すす》む 進《すす》み 行《おこな》わ 思《おも》い 助《たす》け
困《こま》っ 聞《き》い 聞《き》き 話《はな》し 話《はなし》 違《ちが》い 違《ちが》う 同《おな》じ 無《な》い
体験版《たいけんばん》 一度申《いちどもう》し 一度払《いちどはら》う 何口申《なんくちもう》し 先《さき》 分《わ》け
担当課《たんとうか》 越《こ》し 一《ひと》つ 何日前《なんにちまえ》 速報《そくほう》 届《とど》き 届《とど》ける
日数《にっすう》 払込番号《はらいこみばんごう》 数分《すうふん》 確報《かくほう》 数日《すうじつ》
贈《おく》る 贈《おく》り 贈《おく》れ 贈《おく》っ 相手《あいて》 渡《わた》す 売《う》り 物《もの》
求《もと》め 目《め》の 離《はな》れ 自分《じぶん》 多《おお》く 中身《なかみ》 調《しら》べ 何《なに》が 取《と》ら
前《まえ》の 会社《かいしゃ》 準備《じゅんび》 伝《つた》わ 本人認証《ほんにんにんしょう》 渡《わた》し 返《かえ》し
代行会社《だいこうがいしゃ》 署名《しょめい》
数日後《すうじつご》 速報取消《そくほうとりけし》 繰上当選《くりあげとうせん》 朝《あさ》 夜《よる》
音《おと》 鳴《な》り
手紙《てがみ》 加盟店《かめいてん》 消《け》さ 消《け》し 付《つ》く 大丈夫《だいじょうぶ》 大文字《おおもじ》
小文字《こもじ》 空白《くうはく》 再開《さいかい》 減《へ》り 減《へ》る 戻《もど》り 戻《もど》る
有償分《ゆうしょうぶん》 置《お》き 列《れつ》に 列《れつ》の 並《なら》ぶ 並《なら》ん
先着順《せんちゃくじゅん》 要綱《ようこう》
紙《かみ》の 券《けん》 数《かぞ》え 一度入《いちどはい》っ 一枚《いちまい》 取《と》っ 端末《たんまつ》 終《お》え
送信《そうしん》 釣《つ》り 出《で》な 機《き》か
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
