"""Who may do what: one table, read by people and by `rules.allows`.

A line says: this action, by these roles, in this scope, in these words. What is not in the table is not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from meguri.words.actor import ActorRole


class Scope(StrEnum):
    """On which objects a role may do an action."""

    ANY = "any"  # on every object of the actor's municipality
    OWN = "own"  # on objects whose owner is the actor's party or shop
    OWN_DEPARTMENT = "own_department"  # on objects of the actor's department


@dataclass(frozen=True, slots=True)
class Permission:
    action: str
    grants: Mapping[ActorRole, Scope]
    ja: str
    en: str


VISITOR, RESIDENT, CLERK, OWNER = ActorRole.VISITOR, ActorRole.RESIDENT, ActorRole.CLERK, ActorRole.OWNER
MAKER, CHECKER, ACCOUNTANT = ActorRole.MAKER, ActorRole.CHECKER, ActorRole.ACCOUNTANT
PARTNER, ANALYST, OPERATOR, SYSTEM = ActorRole.PARTNER, ActorRole.ANALYST, ActorRole.OPERATOR, ActorRole.SYSTEM
ANY, OWN, OWN_DEPARTMENT = Scope.ANY, Scope.OWN, Scope.OWN_DEPARTMENT

_TABLE: tuple[tuple[str, dict[ActorRole, Scope], str, str], ...] = (
    # programmes: a maker prepares, another person of the same department releases
    ("programme.draft", {MAKER: OWN_DEPARTMENT}, "事業の案をつくる", "draft a programme"),
    ("programme.submit", {MAKER: OWN_DEPARTMENT}, "事業の承認を求める", "submit a programme for launch"),
    ("programme.try", {MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT, SYSTEM: ANY}, "事業の案を予行する",
     "try a draft with invented people"),
    ("programme.launch", {CHECKER: OWN_DEPARTMENT}, "事業を始める", "launch a programme"),
    ("programme.amend", {MAKER: OWN_DEPARTMENT}, "始めた事業の変更案をつくる", "propose to amend a programme"),
    ("programme.approve_amendment", {CHECKER: OWN_DEPARTMENT}, "事業の変更を認める", "approve an amendment"),
    ("programme.withdraw_amendment", {CHECKER: OWN_DEPARTMENT}, "施行前の変更を取りやめる",
     "withdraw an amendment before its start"),
    ("programme.begin_amendment", {SYSTEM: ANY}, "施行日の来た変更を有効にする",
     "let an amendment rule from its start"),
    ("programme.draw_arms", {CHECKER: OWN_DEPARTMENT, SYSTEM: ANY}, "条件の抽選をする", "draw the arms of a trial"),
    ("programme.close", {CHECKER: OWN_DEPARTMENT, SYSTEM: ANY}, "事業を閉じる", "close a programme"),
    ("programme.see", {MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, ANALYST: ANY, OPERATOR: ANY, SYSTEM: ANY},
     "事業の中身を見る", "see a programme from within"),
    ("budget.appropriate", {CHECKER: OWN_DEPARTMENT, ACCOUNTANT: ANY}, "予算を配当する", "appropriate budget"),
    ("budget.announce", {PARTNER: OWN}, "入金の予定を知らせる", "announce a deposit"),
    ("budget.see", {MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, ANALYST: ANY, PARTNER: OWN},
     "予算の使われ方を見る", "see how a budget is used"),
    # vouchers
    ("voucher.apply", {RESIDENT: OWN, MAKER: OWN_DEPARTMENT}, "商品券を申し込む", "apply for vouchers"),
    ("voucher.draw", {CHECKER: OWN_DEPARTMENT, SYSTEM: ANY}, "抽選する", "draw the lottery"),
    ("voucher.purchase", {RESIDENT: OWN}, "商品券を買う", "buy vouchers"),
    ("voucher.sell_at_counter", {MAKER: OWN_DEPARTMENT, OPERATOR: ANY}, "窓口で商品券を売る",
     "sell vouchers at the counter"),
    ("voucher.correct_cash", {CHECKER: OWN_DEPARTMENT}, "締めたあとの窓口の現金の訂正を承認する",
     "approve that counted cash is corrected"),
    ("voucher.take_payment", {SYSTEM: ANY}, "代金の入金通知を受け取る", "take a provider's notice of a payment"),
    ("voucher.mend_payment", {CHECKER: OWN_DEPARTMENT}, "返金や入金の問題を記録する",
     "record refunds and what became of a payment's problem"),
    ("voucher.see_cash", {MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT, ACCOUNTANT: ANY, OPERATOR: ANY},
     "窓口の領収書と締めを見る", "see the counter's receipts and cash-ups"),
    ("voucher.audit_cash", {ACCOUNTANT: ANY, OPERATOR: ANY}, "すべての窓口の現金を見る",
     "see the cash of all counters"),
    ("voucher.issue_codes", {CHECKER: OWN_DEPARTMENT}, "商品券コードを出す", "issue voucher codes"),
    ("voucher.enter_code", {RESIDENT: OWN}, "商品券コードを入力する", "enter a voucher code"),
    ("voucher.see_applications", {RESIDENT: OWN, MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT, SYSTEM: ANY},
     "申込みを見る", "see applications"),
    # points
    ("action.open", {MAKER: OWN_DEPARTMENT}, "行動メニューを開く", "open an action"),
    ("action.record", {RESIDENT: OWN, SYSTEM: ANY}, "行動を記録する", "record an action"),
    ("action.attest", {MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT, PARTNER: OWN, CLERK: OWN, OWNER: OWN},
     "行動を証明する", "attest an action"),
    ("action.propose", {PARTNER: OWN}, "行動を提案する", "propose an action"),
    ("action.take_proposal", {MAKER: OWN_DEPARTMENT}, "企業の提案を文書に入れる", "take a company's proposal up"),
    ("action.reverse", {CHECKER: OWN_DEPARTMENT}, "付与を取り消す", "reverse a grant"),
    ("reward.run", {CHECKER: OWN_DEPARTMENT, SYSTEM: ANY}, "支払いに応じてポイントを付ける", "reward payments"),
    # benefits
    ("benefit.import", {MAKER: OWN_DEPARTMENT}, "給付の対象者名簿を取り込む", "import a list of beneficiaries"),
    ("benefit.decide", {CHECKER: OWN_DEPARTMENT}, "支給を決める", "decide entitlements"),
    ("benefit.release", {CHECKER: OWN_DEPARTMENT, SYSTEM: ANY}, "給付を支払う", "release benefits"),
    ("benefit.choose", {RESIDENT: OWN, MAKER: OWN_DEPARTMENT}, "受け取り方を選ぶ", "choose how to receive"),
    ("benefit.see", {RESIDENT: OWN, MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT, SYSTEM: ANY},
     "給付の決定を見る", "see entitlements"),
    # wallets and tills
    ("wallet.open", {RESIDENT: OWN, MAKER: ANY, OPERATOR: ANY, SYSTEM: ANY}, "財布を開く", "open a wallet"),
    ("wallet.see", {RESIDENT: OWN}, "財布を見る", "see a wallet"),
    ("wallet.transfer", {RESIDENT: OWN}, "ほかの人に送る", "transfer to another holder"),
    ("wallet.move", {RESIDENT: OWN, SYSTEM: ANY}, "前の財布から移す", "move what an earlier wallet held"),
    ("gift.give", {RESIDENT: OWN}, "コードでほかの人に贈る", "give to somebody by a code"),
    ("gift.take", {RESIDENT: OWN}, "贈り物を受け取る", "take a gift"),
    ("cause.make", {MAKER: OWN_DEPARTMENT}, "寄付先を起票する", "propose a cause to donate to"),
    ("cause.approve", {CHECKER: OWN_DEPARTMENT}, "寄付先を認める", "approve a cause to donate to"),
    ("cause.see", {MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, ANALYST: ANY, OPERATOR: ANY}, "寄付先と集まった額を見る",
     "see the causes and what they were given"),
    ("donation.give", {RESIDENT: OWN}, "寄付する", "donate"),
    ("donation.pass_on", {SYSTEM: ANY}, "寄付を受け取り先に回す", "pass donations on to their receivers"),
    ("wallet.suspend", {CHECKER: ANY, OPERATOR: ANY, SYSTEM: ANY}, "財布を止める", "suspend a wallet"),
    ("wallet.expire", {CHECKER: OWN_DEPARTMENT, SYSTEM: ANY}, "期限切れ・減価の残高を財源に戻す",
     "let value expire or shrink"),
    ("paper.order", {MAKER: OWN_DEPARTMENT}, "紙の券の印刷を起票する", "order paper notes"),
    ("paper.approve", {CHECKER: OWN_DEPARTMENT}, "紙の券の印刷を認める", "approve a print run of paper notes"),
    ("paper.see", {MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT, OPERATOR: ANY}, "紙の券の冊子を見る",
     "see booklets of paper notes"),
    ("paper.print", {MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT}, "紙の券の印刷ファイルを受け取る",
     "fetch the print file of paper notes"),
    ("paper.hand_over", {MAKER: OWN_DEPARTMENT, OPERATOR: ANY}, "紙の券の冊子を渡す", "hand over booklets"),
    ("paper.block", {MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT, OPERATOR: ANY}, "なくした紙の券を止める",
     "block lost paper notes"),
    ("paper.replace", {CHECKER: OWN_DEPARTMENT}, "なくした冊子の残りを出し直す", "replace what is left of a booklet"),
    ("till.mint_code", {RESIDENT: OWN}, "支払いコードを出す", "mint a payment code"),
    ("till.quote", {RESIDENT: OWN, CLERK: OWN, OWNER: OWN}, "支払いを試算する", "quote a payment"),
    ("till.pay", {RESIDENT: OWN, CLERK: OWN, OWNER: OWN}, "支払う・支払いを受ける", "pay or take a payment"),
    ("till.count_notes", {CLERK: OWN, OWNER: OWN, MAKER: ANY, OPERATOR: ANY}, "紙の券を数えて受け取る",
     "count paper notes"),
    ("till.refund", {CLERK: OWN, OWNER: OWN}, "返金する", "refund a payment"),
    ("till.day", {CLERK: OWN, OWNER: OWN}, "店の一日を見る", "see a shop's day"),
    # settlement
    ("settlement.run", {ACCOUNTANT: ANY, SYSTEM: ANY}, "精算を締める", "run a settlement"),
    ("settlement.approve", {ACCOUNTANT: ANY}, "振込を認める", "approve payouts"),
    ("settlement.download", {ACCOUNTANT: ANY}, "振込ファイルを受け取る", "download the bank file"),
    ("settlement.see", {ACCOUNTANT: ANY, CHECKER: ANY, OWNER: OWN, SYSTEM: ANY}, "精算の明細を見る",
     "see settlement statements"),
    ("settlement.pay_in_cash", {MAKER: OWN_DEPARTMENT, OPERATOR: ANY}, "終わった事業の残りを窓口で払い戻す",
     "pay back in cash what is left of an ended programme"),
    ("settlement.hold", {ACCOUNTANT: ANY, CHECKER: ANY}, "振込を止めておく", "hold a payout"),
    ("year.end", {ACCOUNTANT: ANY}, "会計年度を締める", "end a fiscal year"),
    # evidence and strategy
    ("evidence.see", {ANALYST: ANY, MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, PARTNER: OWN, OWNER: OWN, SYSTEM: ANY},
     "効果を見る", "see evidence"),
    ("evidence.plan", {ANALYST: ANY, MAKER: OWN_DEPARTMENT}, "評価の計画を立てる", "plan an evaluation"),
    ("strategy.edit", {MAKER: ANY, ANALYST: ANY}, "戦略を書く", "edit the strategy"),
    ("strategy.see", {MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, ANALYST: ANY, PARTNER: ANY, OPERATOR: ANY},
     "戦略を見る", "see the strategy"),
    # parties
    ("party.register_resident", {MAKER: ANY, OPERATOR: ANY, SYSTEM: ANY}, "住民を登録する", "register residents"),
    ("party.see_resident", {MAKER: ANY, CHECKER: ANY, OPERATOR: ANY, SYSTEM: ANY}, "住民の事実を見る",
     "see a resident's facts"),
    ("party.declare_commuter", {RESIDENT: OWN}, "在勤・在学を申し出る", "say that one works or studies in the town"),
    ("party.confirm_commuter", {MAKER: ANY, OPERATOR: ANY}, "在勤・在学を確かめる",
     "confirm who works or studies in the town"),
    ("party.see_commuter", {RESIDENT: OWN, MAKER: ANY, CHECKER: ANY, OPERATOR: ANY}, "在勤・在学の申し出を見る",
     "see who says to work or study in the town"),
    ("party.register_shop", {MAKER: ANY, OPERATOR: ANY, SYSTEM: ANY}, "加盟店を登録する", "register a shop"),
    ("party.change_shop", {MAKER: ANY, CHECKER: ANY, OPERATOR: ANY}, "加盟店の登録を変える", "change a shop"),
    ("party.suspend_shop", {CHECKER: ANY, OPERATOR: ANY, SYSTEM: ANY}, "加盟店を止める", "suspend a shop"),
    ("party.register_sponsor", {MAKER: ANY, OPERATOR: ANY, SYSTEM: ANY}, "協賛企業を登録する", "register a sponsor"),
    ("party.apply_as_sponsor", {VISITOR: ANY, RESIDENT: ANY, CLERK: ANY, OWNER: ANY, PARTNER: ANY},
     "協賛を申し込む", "apply to become a partner company"),
    ("party.approve_sponsor", {CHECKER: OWN_DEPARTMENT}, "協賛の申込みを認める", "accept a partner company"),
    ("party.see_sponsor", {MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, OPERATOR: ANY, PARTNER: OWN},
     "協賛企業の登録を見る", "see a partner company's entry"),
    ("party.invite", {OWNER: OWN, PARTNER: OWN, MAKER: ANY, CHECKER: ANY, OPERATOR: ANY, SYSTEM: ANY},
     "仲間を招く", "invite a member"),
    ("party.invite_resident", {MAKER: ANY, OPERATOR: ANY, SYSTEM: ANY}, "住民に登録コードを出す",
     "give a resident a register code"),
    ("party.appoint", {CHECKER: OWN_DEPARTMENT, OPERATOR: ANY, SYSTEM: ANY}, "職員の役割を決める",
     "appoint an officer"),
    ("party.see_officers", {MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, ANALYST: ANY, OPERATOR: ANY, SYSTEM: ANY},
     "職員の役割を見る", "see who holds which role"),
    ("approval.propose", {MAKER: OWN_DEPARTMENT, ACCOUNTANT: ANY, SYSTEM: ANY}, "承認を求める", "ask for an approval"),
    ("approval.see", {MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, OPERATOR: ANY, SYSTEM: ANY}, "承認の記録を見る",
     "see approvals"),
    # notices and the vault
    ("notice.see", {RESIDENT: OWN, CLERK: OWN, OWNER: OWN, PARTNER: OWN, MAKER: OWN, CHECKER: OWN, ACCOUNTANT: OWN,
                    ANALYST: OWN, OPERATOR: OWN}, "お知らせを見る", "see one's notices"),
    ("notice.see_outbox", {OPERATOR: ANY, SYSTEM: ANY}, "送信箱を見る", "see the outbox"),
    ("notice.send", {MAKER: OWN_DEPARTMENT, CHECKER: OWN_DEPARTMENT, ACCOUNTANT: ANY, OPERATOR: ANY, SYSTEM: ANY},
     "お知らせを送る", "send notices"),
    ("webhook.keep", {PARTNER: OWN}, "通知先(Webhook)を決める", "keep webhook endpoints"),
    ("event.see", {PARTNER: OWN}, "自社の財源の出来事を読む", "read what happened to one's funds"),
    ("event.tell", {SYSTEM: ANY}, "出来事を企業に知らせる", "tell partners what happened"),
    ("vault.reveal", {RESIDENT: OWN, OWNER: OWN, MAKER: ANY, CHECKER: ANY, ACCOUNTANT: ANY, OPERATOR: ANY, SYSTEM: ANY},
     "個人情報を見る", "see personal data"),
    ("vault.forget", {RESIDENT: OWN, CHECKER: ANY}, "個人情報を消す", "erase personal data"),
    ("vault.see_log", {RESIDENT: OWN, CHECKER: ANY, OPERATOR: ANY}, "閲覧の記録を見る", "see who saw personal data"),
    # the platform
    ("api_key.issue", {OPERATOR: ANY, CHECKER: OWN_DEPARTMENT, OWNER: OWN, PARTNER: OWN, SYSTEM: ANY}, "APIキーを出す",
     "issue an API key"),
    ("api_key.revoke", {OPERATOR: ANY, CHECKER: OWN_DEPARTMENT, OWNER: OWN, PARTNER: OWN}, "APIキーを止める",
     "revoke an API key"),
    ("rehearsal.clock", {OPERATOR: ANY, SYSTEM: ANY}, "リハーサルの時計を進める", "move a rehearsal's clock"),
    ("rehearsal.mint", {OPERATOR: ANY, SYSTEM: ANY}, "リハーサルの人になる", "act for a rehearsed person"),
)

PERMISSIONS: dict[str, Permission] = {line[0]: Permission(*line) for line in _TABLE}
"""Every action of the platform, by name."""

assert len(PERMISSIONS) == len(_TABLE), "an action stands twice in the table"  # noqa: S101 - read at import, by design
