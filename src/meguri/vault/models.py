"""Tables of the vault: who signs in, and what is sealed about a person or shop. They lie in schema `vault`.

The only room with personal data. Everywhere else a person is a pseudonym (`party`, `subject`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q


class LoginManager(BaseUserManager["Login"]):
    """Reads logins back; making one is `operations.make_login`'s work."""

    def get_by_natural_key(self, username: str | None) -> Login:
        return self.get(id=UUID(str(username)))


class Login(AbstractBaseUser):
    """A way in for one pseudonym: identifiers and password, never a name."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    party = models.UUIDField()
    email = models.EmailField(null=True, blank=True)
    phone = models.CharField(max_length=20, null=True, blank=True)  # E.164, such as +819012345678
    phone_verified = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    demo = models.BooleanField(default=False)  # an invented person whom the demo lets anybody be
    self_made = models.BooleanField(default=False)  # made by asking for a code; swept if no code is ever entered
    made_at = models.DateTimeField()
    turn = models.PositiveIntegerField(default=0)  # counted up by signing out everywhere

    objects: ClassVar[LoginManager] = LoginManager()

    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "email"], name="one_login_for_an_email_in_a_town"),
            models.UniqueConstraint(fields=["municipality", "phone"], name="one_login_for_a_phone_in_a_town"),
            models.UniqueConstraint(fields=["municipality", "party"], name="one_login_for_a_party"),
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False) | Q(demo=True),
                name="a_login_has_an_email_or_a_phone",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)  # never the e-mail or phone: this string reaches logs

    def get_session_auth_hash(self) -> str:
        """What a session must carry to be this login's: with a new password or turn, older sessions end."""
        return self._in_turn(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under the keys that were Django's secret before."""
        return map(self._in_turn, super().get_session_auth_fallback_hash())

    def _in_turn(self, known: str) -> str:
        return f"{known}.{self.turn}" if self.turn else known


class TownKeyMark(models.Model):
    """The mark that the town's key leaves: it tells a wrong key before anything is sealed with it."""

    municipality = models.IntegerField(primary_key=True)
    mark = models.BinaryField(max_length=32)


class SealedRecord(models.Model):
    """The sealed facts of one subject. Without `wrapped_key` nobody can read `ciphertext` again."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    subject = models.UUIDField()
    wrapped_key = models.BinaryField(null=True)
    ciphertext = models.BinaryField(null=True)
    sealed_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "subject"], name="one_sealed_record_for_a_subject"),
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=True, wrapped_key__isnull=False, ciphertext__isnull=False)
                | Q(forgotten_at__isnull=False, wrapped_key__isnull=True, ciphertext__isnull=True),
                name="a_forgotten_record_keeps_no_key",
            ),
        ]


class SealedPhoto(models.Model):
    """A photo that a person sent, with what they said of it, sealed under a key of its own. Gone with its row."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    subject = models.UUIDField()
    wrapped_key = models.BinaryField()
    ciphertext = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "subject"], name="sealed_photos_of_a_subject"),
        ]


class LookUp(models.Model):
    """Finds a subject by an exact value without storing it: HMAC of the field and its normalised value."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    subject = models.UUIDField()
    field = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "subject", "field"], name="one_look_up_for_a_field"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "field", "digest"], name="look_up_by_digest"),
        ]


class RevealLog(models.Model):
    """Who saw which fields of whom, when and why. Append-only: a trigger refuses changes."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    subject = models.UUIDField()
    fields = models.JSONField()  # the names of the fields, never their values
    photo = models.UUIDField(null=True)  # which photo, where it was one
    reason = models.CharField(max_length=400)
    by_role = models.CharField(max_length=20)
    by_party = models.UUIDField(null=True)
    by_department = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(reason=""), name="nobody_looks_without_a_reason"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "subject", "at"], name="reveals_of_a_subject"),
            models.Index(fields=["municipality", "by_party", "at"], name="reveals_by_a_party"),
        ]
