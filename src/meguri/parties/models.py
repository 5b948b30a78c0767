"""Tables of people and organisations as the rooms know them: pseudonyms and the facts that rules may read.

Names, addresses and bank accounts are not here; they lie sealed in the vault under the same pseudonym.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from meguri.words.actor import ActorRole

TEXT = 200


class TaxClass(models.TextChoices):
    """How the residence tax of the year falls on a resident (個人住民税)."""

    EXEMPT = "exempt"  # 非課税
    PER_CAPITA = "per_capita"  # 均等割のみ課税
    INCOME = "income"  # 所得割課税


class SizeClass(models.TextChoices):
    """The class of a shop that vouchers speak of (専用券, 共通券)."""

    SMALL = "small"  # 中小店
    LARGE = "large"  # 大型店
    STREET = "street"  # 商店街の会員店


class ShopStatus(models.TextChoices):
    OPEN = "open"  # accepts payments
    CLOSED = "closed"  # left for good; is still settled and paid out
    SUSPENDED = "suspended"  # accepts nothing until an officer lifts it


class SponsorKind(models.TextChoices):
    """What a sponsor is before the law."""

    COMPANY = "company"  # 法人; has a corporate number
    SOLE_TRADER = "sole_trader"  # 個人事業主; has none


class SponsorMemberRole(models.TextChoices):
    """What a person may do for a sponsor."""

    MANAGER = "manager"  # 担当者: invites, holds keys, proposes
    READER = "reader"  # 閲覧者: reads only


class SponsorApplicationState(models.TextChoices):
    WAITING = "waiting"  # nobody decided yet
    APPROVED = "approved"  # two officers said yes: the sponsor is registered
    DECLINED = "declined"  # not accepted, with the reason


_NUMBERS_OF_SPONSORS = {
    "a_corporate_number_has_13_digits": Q(corporate_number="") | Q(corporate_number__regex=r"^[1-9][0-9]{12}$"),
    "a_sponsor_registration_number_is_t_and_13_digits": Q(registration_number="")
    | Q(registration_number__regex=r"^T[0-9]{13}$"),
    "a_sole_trader_has_no_corporate_number": Q(kind="company") | Q(kind="sole_trader", corporate_number=""),
}


def _number_constraints(whose: str) -> list[models.BaseConstraint]:
    """The same for an application and for the sponsor that it becomes."""
    return [
        models.CheckConstraint(condition=condition, name=f"{name}_{whose}")
        for name, condition in _NUMBERS_OF_SPONSORS.items()
    ]


class Outcome(models.TextChoices):
    """How the second person judged what the first one made."""

    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # taken back by the maker, unchecked


def _period_constraint(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name=name
    )


class CommuterKind(models.TextChoices):
    """What brings somebody into the town who may live elsewhere."""

    WORK = "work"  # 在勤
    STUDY = "study"  # 在学


class CommuterProof(models.TextChoices):
    """By what the town found out that somebody works or studies here."""

    EMPLOYEE_CARD = "employee_card"  # 社員証・職員証
    STUDENT_CARD = "student_card"  # 学生証・生徒手帳
    CERTIFICATE = "certificate"  # 在勤証明書・在学証明書
    LIST = "list"  # 事業所・学校が出した名簿


class CommuterState(models.TextChoices):
    WAITING = "waiting"  # said, and not looked into yet
    CONFIRMED = "confirmed"  # holds from its first day to its last
    REFUSED = "refused"  # not accepted, or taken back later, with the reason
    WITHDRAWN = "withdrawn"  # by the person, before anybody looked into it


class Department(models.Model):
    """A department of the town hall (所管課)."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    code = models.CharField(max_length=20)
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "code"], name="one_department_for_a_code"),
        ]


class Household(models.Model):
    """People who live together by the resident register (世帯). Its register number is looked up in the vault."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    registered_at = models.DateTimeField()


class Resident(models.Model):
    """A person of the resident register, as facts for eligibility. `id` is the person's pseudonym everywhere."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="residents")
    birth_date = models.DateField()
    ward = models.CharField(max_length=40)
    tax_class = models.CharField(max_length=12, choices=TaxClass.choices)
    moved_in = models.DateField()
    moved_out = models.DateField(null=True)  # the first day on which the person is no resident any more
    shielded = models.BooleanField(default=False)  # 支援措置: the address appears in no list, export or print
    registered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(moved_out__isnull=True) | Q(moved_out__gte=F("moved_in")),
                name="nobody_moves_out_before_moving_in",
            ),
            models.CheckConstraint(
                condition=Q(moved_in__gte=F("birth_date")), name="nobody_moves_in_before_being_born"
            ),
            models.CheckConstraint(condition=Q(tax_class__in=TaxClass.values), name="a_tax_class_is_known"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "ward"], name="residents_of_a_ward"),
        ]


class Commuter(models.Model):
    """What a person said, and the town found out, about working or studying in the town (在勤・在学).

    `person` is a pseudonym, of the register or of a login outside it. Name, workplace and school lie in the vault.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    person = models.UUIDField()
    kind = models.CharField(max_length=5, choices=CommuterKind.choices)
    birth_date = models.DateField()
    state = models.CharField(max_length=9, choices=CommuterState.choices, default=CommuterState.WAITING)
    said_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)  # the officer who wrote it down for somebody without a phone
    proof = models.CharField(max_length=13, blank=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)  # the first day on which it holds no longer
    decided_by = models.UUIDField(null=True)  # an officer
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True)  # of a refusal; the person reads it

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=CommuterKind.values), name="a_commuter_works_or_studies"),
            models.CheckConstraint(condition=Q(state__in=CommuterState.values), name="a_commuter_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(proof__in=CommuterProof.values, valid_from__isnull=False, valid_until__isnull=False,
                    decided_by__isnull=False, decided_at__isnull=False),
                name="a_confirmed_commuter_has_proof_days_and_judge",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused")
                | (~Q(reason="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="a_refused_commuter_is_told_why",
            ),
            _period_constraint("a_commuter_comes_no_longer_after_coming_first"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("person")), name="nobody_confirms_oneself"
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=True) | (~Q(state="waiting") & ~Q(recorded_by=F("person"))),
                name="what_an_officer_recorded_was_decided_at_once",
            ),
            models.UniqueConstraint(
                fields=["municipality", "person", "kind"], condition=Q(state="waiting"),
                name="one_waiting_commuter_of_a_person_and_kind",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "person"], name="commuters_of_a_person"),
            models.Index(fields=["municipality", "state", "id"], name="commuters_of_a_state"),
        ]


class Merchant(models.Model):
    """Who signs the contract and is paid (加盟店・契約者); owns one shop or several."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    head_office = models.BooleanField(default=True)  # its head office is in the region
    registration_number = models.CharField(max_length=14, blank=True)  # 登録番号 T + 13 digits, of qualified invoices
    joined_on = models.DateField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(registration_number="") | Q(registration_number__regex=r"^T[0-9]{13}$"),
                name="a_registration_number_is_t_and_13_digits",
            ),
        ]


class Area(models.Model):
    """What a part of the town (地区) is called in English. Shops and residents carry its Japanese name."""

    municipality = models.IntegerField()
    name_ja = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "name_ja"], name="an_area_has_one_english_name"),
            models.CheckConstraint(condition=~Q(name_en=""), name="an_area_named_in_english_has_a_name"),
        ]


class Shop(models.Model):
    """A place that accepts payments (店舗). Everything here is public, except the status' reason."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="shops")
    code = models.CharField(max_length=12)  # ten digits and two check digits, printed at the till
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    trade = models.CharField(max_length=2)  # middle class of the Japan Standard Industrial Classification
    area = models.CharField(max_length=40)
    size_class = models.CharField(max_length=8, choices=SizeClass.choices)
    floor_area = models.PositiveIntegerField()  # square metres of sales floor
    status = models.CharField(max_length=10, choices=ShopStatus.choices, default=ShopStatus.OPEN)
    joined_on = models.DateField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "code"], name="one_shop_for_a_printed_code"),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{12}$"), name="a_shop_code_has_12_digits"),
            models.CheckConstraint(condition=Q(trade__regex=r"^[0-9]{2}$"), name="a_trade_is_a_middle_class"),
            models.CheckConstraint(condition=Q(size_class__in=SizeClass.values), name="a_size_class_is_known"),
            models.CheckConstraint(condition=Q(status__in=ShopStatus.values), name="a_shop_status_is_known"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "area", "trade"], name="shops_of_an_area_and_trade"),
        ]


class Sponsor(models.Model):
    """A company that funds actions together with the town (協賛企業)."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    joined_on = models.DateField()
    kind = models.CharField(max_length=11, choices=SponsorKind.choices, default=SponsorKind.COMPANY)
    corporate_number = models.CharField(max_length=13, blank=True, default="")  # 法人番号
    registration_number = models.CharField(max_length=14, blank=True, default="")  # 登録番号 T + 13 digits

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *_number_constraints("s"),
            models.UniqueConstraint(
                fields=["municipality", "corporate_number"],
                condition=~Q(corporate_number=""),
                name="one_sponsor_for_a_corporate_number",
            ),
        ]


class SponsorApplication(models.Model):
    """A company asks to become a sponsor. Who to talk to lies in the vault under the application's id."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    kind = models.CharField(max_length=11, choices=SponsorKind.choices)
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    corporate_number = models.CharField(max_length=13, blank=True)
    registration_number = models.CharField(max_length=14, blank=True)
    wish = models.TextField(max_length=1000)  # what it would like to do with the town
    token_hash = models.BinaryField(max_length=32, unique=True)  # of the link under which it reads the answer
    state = models.CharField(max_length=8, choices=SponsorApplicationState.choices, default="waiting")
    applied_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True)  # of a decline; the company reads it
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, null=True, related_name="applications")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *_number_constraints("a"),
            models.CheckConstraint(
                condition=Q(state="waiting", sponsor__isnull=True, decided_at__isnull=True, decided_by__isnull=True)
                | Q(state="approved", sponsor__isnull=False, decided_at__isnull=False, decided_by__isnull=False)
                | (
                    Q(state="declined", sponsor__isnull=True, decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(reason="")
                ),
                name="a_decided_sponsor_application_has_judge_and_end",
            ),
            models.CheckConstraint(
                condition=Q(kind="sole_trader") | ~Q(corporate_number=""), name="a_company_names_its_corporate_number"
            ),
            models.UniqueConstraint(
                fields=["municipality", "corporate_number"],
                condition=Q(state="waiting") & ~Q(corporate_number=""),
                name="one_waiting_application_of_a_corporate_number",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "state", "id"], name="sponsor_applications_by_state"),
        ]


class OfficerAppointment(models.Model):
    """An officer holds a role for a department in a half-open span of time."""

    ROLES: ClassVar[list[str]] = [
        ActorRole.MAKER, ActorRole.CHECKER, ActorRole.ACCOUNTANT, ActorRole.ANALYST, ActorRole.OPERATOR,
    ]

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    officer = models.UUIDField()  # the party of a login
    role = models.CharField(max_length=12)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="appointments")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    appointed_by = models.UUIDField(null=True)
    appointed_at = models.DateTimeField()
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _period_constraint("an_appointment_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(role__in=["maker", "checker", "accountant", "analyst", "operator"]),
                name="an_officer_role_is_known",
            ),
            models.CheckConstraint(
                condition=Q(appointed_by__isnull=True) | ~Q(appointed_by=F("officer")),
                name="nobody_appoints_oneself",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "officer"], name="appointments_of_an_officer"),
        ]


class ShopMember(models.Model):
    """A person who stands at a shop's till or runs the shop."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="members")
    member = models.UUIDField()  # the party of a login
    role = models.CharField(max_length=8)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _period_constraint("a_shop_membership_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(role__in=[ActorRole.CLERK.value, ActorRole.OWNER.value]),
                name="a_shop_member_is_clerk_or_owner",
            ),
            models.UniqueConstraint(
                fields=["shop", "member", "role"], condition=Q(valid_until__isnull=True),
                name="one_open_membership_in_a_shop",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "member"], name="shops_of_a_member"),
        ]


class SponsorMember(models.Model):
    """A person who speaks for a sponsor."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="members")
    member = models.UUIDField()  # the party of a login
    role = models.CharField(max_length=8, choices=SponsorMemberRole.choices, default=SponsorMemberRole.MANAGER)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _period_constraint("a_sponsor_membership_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(role__in=SponsorMemberRole.values), name="a_sponsor_member_is_manager_or_reader"
            ),
            models.UniqueConstraint(
                fields=["sponsor", "member"], condition=Q(valid_until__isnull=True),
                name="one_open_membership_in_a_sponsor",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "member"], name="sponsors_of_a_member"),
        ]


class Invitation(models.Model):
    """A link given to one person: whoever opens it in time becomes a member. Only the token's hash is kept."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    token_hash = models.BinaryField(max_length=32, unique=True)
    role = models.CharField(max_length=12)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, null=True, related_name="invitations")
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, null=True, related_name="invitations")
    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, null=True, related_name="invitations")
    appointment = models.ForeignKey(OfficerAppointment, on_delete=models.CASCADE, null=True)
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.UUIDField(null=True)  # who the person was before: a resident's code changes the pseudonym
    accepted_at = models.DateTimeField(null=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)  # wrong birth dates beside a resident's code
    sponsor_role = models.CharField(max_length=8, blank=True, default="")  # what a sponsor's new member may do
    replaces = models.BooleanField(default=False)  # the person lost every way in: the old one closes on acceptance

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(wrong_tries__lte=5), name="a_code_dies_of_five_wrong_birth_dates"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["clerk", "owner"], shop__isnull=False, sponsor__isnull=True,
                            resident__isnull=True, appointment__isnull=True)
                | Q(role="partner", shop__isnull=True, sponsor__isnull=False, resident__isnull=True,
                    appointment__isnull=True)
                | Q(role="resident", shop__isnull=True, sponsor__isnull=True, resident__isnull=False,
                    appointment__isnull=True)
                | Q(role__in=["maker", "checker", "accountant", "analyst", "operator"], shop__isnull=True,
                    sponsor__isnull=True, resident__isnull=True, appointment__isnull=False),
                name="an_invitation_leads_to_one_place",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="an_acceptance_names_its_person",
            ),
        ]


class Approval(models.Model):
    """Two persons, one object: what a maker proposed, by its digest, and how a checker judged it."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    department = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=60)  # the permission that the checker must hold, such as programme.launch
    object_id = models.UUIDField()
    digest = models.CharField(max_length=64)  # SHA-256 of the object as it was proposed, hexadecimal
    made_by = models.UUIDField(null=True)  # none: proposed by a scheduled task
    made_at = models.DateTimeField()
    checked_by = models.UUIDField(null=True)
    checked_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    note = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(outcome="withdrawn") | Q(made_by__isnull=True) | Q(checked_by__isnull=True)
                | ~Q(checked_by=F("made_by")),
                name="a_checker_is_never_the_maker",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", checked_by__isnull=True, checked_at__isnull=True)
                | Q(outcome__in=Outcome.values, checked_by__isnull=False, checked_at__isnull=False),
                name="a_judgement_has_person_and_time",
            ),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="an_approval_binds_a_digest"),
            models.UniqueConstraint(
                fields=["municipality", "action", "object_id"], condition=Q(outcome=""),
                name="one_open_approval_for_an_object",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "object_id"], name="approvals_of_an_object"),
        ]


class ApiKey(models.Model):
    """A key of a program that acts for a party, with few scopes. Only its hash and first letters are kept."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    prefix = models.CharField(max_length=12)
    key_hash = models.BinaryField(max_length=32, unique=True)
    label = models.CharField(max_length=TEXT)
    scopes = models.JSONField()  # list of actions of the permission table, or "rehearsal"
    role = models.CharField(max_length=12)
    party = models.UUIDField(null=True)
    department = models.CharField(max_length=20, blank=True)
    shop = models.UUIDField(null=True)
    issued_by = models.UUIDField(null=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="an_api_key_expires"),
        ]
