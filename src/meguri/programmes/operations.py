"""What may be done with programmes: draft, submit, launch, appropriate, share a grant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties.queries import all_shop_facts
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.models import (
    Agreement,
    AgreementShare,
    BudgetAppropriation,
    Fund,
    Programme,
    ProgrammeState,
    PurseKind,
    RulesVersion,
    TermsVersion,
)
from meguri.programmes.parts import Funder
from meguri.programmes.rules import expires_at, tightness
from meguri.programmes.sharing import WHOLE, ShareState, divide_grant, take_back
from meguri.programmes.terms import ProgrammeTerms, digest, write_terms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import SHOPS, known
from meguri.words import predicate
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of
from meguri.words.predicate import EVERYTHING
from meguri.words.refusal import Refusal, declare

PROGRAMME_NOT_DRAFT = declare(
    "programme_not_draft",
    ja="この事業は今「{state}」です。案を変えるには、承認依頼を取り下げるか、変更の手続きをしてください。",
    en="This programme is “{state}” now. Withdraw the request for approval, or propose an amendment.",
)
PROGRAMME_NOT_PROPOSED = declare(
    "programme_not_proposed",
    ja="この事業は今「{state}」です。先に承認を求めてください。",
    en="This programme is “{state}” now. Have it submitted for launch first.",
)
PROGRAMME_HAS_ERRORS = declare(
    "programme_has_errors", status=422,
    ja="この文書のままでは始められません({count}件)。まず「{path}」: {first}",
    en="The document cannot be launched as it is ({count} errors). First, “{path}”: {first}",
)
CODE_BELONGS_TO_OTHERS = declare(
    "code_belongs_to_others",
    ja="事業の記号「{name}」は、ほかの課の事業で使われています。別の記号にしてください。",
    en="The programme code “{name}” belongs to another department. Please choose another.",
)
FUND_UNKNOWN = declare("fund_unknown", status=404, ja="この財源は見つかりません。", en="There is no such fund.")
FUND_IS_BUYERS = declare(
    "fund_is_buyers",
    ja="販売代金の財源には予算を配当できません。売れた分だけ入ります。",
    en="Buyers' money takes no appropriation: each sale loads it.",
)
AGREEMENT_UNKNOWN = declare(
    "agreement_unknown", status=404, ja="この負担協定は見つかりません。", en="There is no such agreement."
)
