"""What may be done at the entrance: play a demo part, renew an officer's way in, act in a rehearsal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.db import transaction

from meguri.faces.entrance.demo import PARTS, players, restored_hat
from meguri.faces.entrance.people import HAT, municipality_here
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.entrance.strength import DEMO_ENTRY
from meguri.faces.entrance.tokens import TOWN_UNKNOWN, Claims, mint_token
from meguri.ledger.operations import set_clock_offset
from meguri.ledger.queries import municipality as town_of
from meguri.parties.operations import Joined, join_register, reinvite_officer
from meguri.parties.operations.api_keys import REHEARSAL_SCOPE
from meguri.parties.queries import Hat, officers
from meguri.parties.rules import require
from meguri.programmes.vouchers.queries import unfinished_of
from meguri.vault.operations import set_password
from meguri.vault.queries import login_of
from meguri.wallets.moving import move_wallet
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal, declare

TOKEN_SECONDS = 900

NOT_IN_THE_DEMO = declare(
    "not_in_the_demo", status=404,
    ja="この役はいま選べません。デモの入口から選び直してください。",
    en="This part cannot be played now. Please choose another one at the demo's entrance.",
)
KEY_UNKNOWN = declare(
    "key_unknown", status=401,
    ja="このAPIキーは使えません。期限が切れたか、止められています。",
    en="This API key does not work: it has expired or was revoked.",
)
DEMO_WAYS_STAY = declare(
    "demo_ways_stay", status=403,
    ja="体験版の人の入り方(メール・電話番号・パスワード・パスキー)は変えられません。次の方も同じ人になれるようにするためです。"
       "試すときは、本物と同じ方法でサインインしてください。",
    en="How the demo's people come in (e-mail, phone, password, passkey) cannot be changed, so that the next visitor "
       "can be them too. To try it, please sign in as one would for real.",
)  # fmt: skip
STILL_APPLYING = declare(
    "still_applying",
    ja="「{programme:ja}」の申込みがまだ終わっていません。取り下げるか、買い終えてからつないでください。"
       "つなぐと、この申込みの続きはできなくなります。",
    en="Your application for “{programme:en}” is still open. Please withdraw it or finish buying first: once you have "
       "joined the register, you could not go on with it.",
)
ONLY_IN_A_REHEARSAL = declare(
    "only_in_a_rehearsal", status=403,
    ja="これはリハーサルの町でだけできます。", en="This is possible in a rehearsed town only.",
)


def play(request: TownRequest, key: str) -> Hat:
    """Become a demo person by one click; the session says so, and only the demo honours it.

    Order: the part's role is given back if another visitor took it away, then the old session ends, then the new one.

    Raises Refusal `not_in_the_demo` when the demo does not run or nobody plays the part.
    """
    player = next((p for p in players(municipality_here()) if p.part.key == key), None) if settings.DEMO else None
    if player is None or key not in PARTS:
        raise NOT_IN_THE_DEMO.refusal()
    hat = restored_hat(player, at=request.at)
    request.session.flush()
    user = get_user_model().objects.get(pk=player.login.id)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    request.session[DEMO_ENTRY], request.session[HAT] = True, hat.key
    return hat


@transaction.atomic
def renew_way_in(appointment: UUID, *, by: Actor, at: datetime) -> str:
    """Shut every way in of an officer who lost password, app or key, and give the token of a new invitation.

    Order: the invitation with its checks, then passkeys and apps go, then the password, which ends open sessions.
    Raises Refusal `demo_ways_stay`, and as `parties.operations.reinvite_officer`.
    """
    token = reinvite_officer(appointment, by=by, at=at)
    held = officers(municipality=by.municipality, at=at)
    party = next(one.officer for one in held if one.id == appointment)
    login_view = login_of(party, municipality=by.municipality)
    if login_view is not None and login_view.demo:
        raise DEMO_WAYS_STAY.refusal()
    if login_view is not None:
        Authenticator.objects.filter(user_id=login_view.id).delete()
        set_password(login_view.id, None)
    return token


@transaction.atomic
def become_resident(*, code: str, birth_date: date, by: Actor, at: datetime) -> Joined | Refusal:
    """Join the register by a code, and take along what the newcomer's wallet holds: both or neither.

    Order: what the newcomer has applied for and would lose, the register, the wallet. The refusal of a wrong birth date
    is answered, because the try stays counted.
    Raises Refusal `still_applying`, and as `parties.operations.join_register` and `wallets.moving.move_wallet`.
    """
    for each in unfinished_of(by.party, municipality=by.municipality) if by.party else ():
        raise STILL_APPLYING.refusal(programme=each.programme_name)
    joined = join_register(code=code, birth_date=birth_date, by=by, at=at)
    if isinstance(joined, Joined) and joined.before != joined.resident:
        move_wallet(joined.before, to=joined.resident, by=by, at=at)
    return joined


def mint_for_rehearsal(
    acts_as: Actor, *, scopes: Iterable[str], holder: Claims, seconds: int = TOKEN_SECONDS
) -> str:
    """A token for anybody of an invented town, for a holder of the scope `rehearsal`.

    Raises Refusal `not_allowed`, `only_in_a_rehearsal`, `town_unknown`.
    """
    require(holder.actor, "rehearsal.mint", municipality=acts_as.municipality)
    _require_rehearsal(holder)
    return mint_token(acts_as, scopes=scopes, seconds=seconds)


def move_clock(offset: timedelta, *, holder: Claims) -> None:
    """Set how far the invented town's clock is ahead of the real one, for a holder of the scope `rehearsal`.

    Raises Refusal as `mint_for_rehearsal`.
    """
    require(holder.actor, "rehearsal.clock")
    _require_rehearsal(holder)
    set_clock_offset(municipality=holder.actor.municipality, offset=offset)


def _require_rehearsal(holder: Claims) -> None:
    town = town_of(holder.actor.municipality)
    if town is None:
        raise TOWN_UNKNOWN.refusal()
    if town.kind == "real" or REHEARSAL_SCOPE not in holder.scopes:
        raise ONLY_IN_A_REHEARSAL.refusal()
