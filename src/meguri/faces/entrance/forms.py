"""The few forms that allauth asks for, in the words of this town."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language

from meguri.faces.design.language import as_language
from meguri.faces.entrance.newcomers import login_for
from meguri.vault.rules import e164
from meguri.words.refusal import declare
from meguri.words.typed import without_gaps

CONTACT_UNREADABLE = declare(
    "contact_unreadable", status=422,
    ja="電話番号かメールアドレスとして読めません。090-1234-5678 のように入力してください。",
    en="This is neither a phone number nor an e-mail address. Please type it like 090-1234-5678.",
)


def _unreadable() -> ValidationError:
    sentence = CONTACT_UNREADABLE.refusal().sentence(as_language(get_language()))
    return ValidationError(sentence, code="contact_unreadable")


class PhoneField(forms.CharField):
    """A phone number as people write it, as +81…"""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}), **kwargs})

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        if not text:
            return text
        number = e164(text)
        if number is None:
            raise _unreadable()
        return number


class RequestCodeForm(RequestLoginCodeForm):  # type: ignore[misc]
    """One field for phone or e-mail; whoever is new gets a login that waits for its first code.

    The answer is the same for known and unknown people, so nobody can ask who lives here.
    """

    contact = forms.CharField(max_length=254)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("phone", None)
        self.fields.pop("email", None)

    _user: Any
    cleaned_data: dict[str, Any]

    def clean(self) -> dict[str, Any]:
        """Read the contact, count it against the rate limit (allauth's own), find or make the login."""
        contact = str(self.cleaned_data.get("contact", "")).strip()
        kind = self._kind(contact)
        if not kind:
            self.add_error("contact", _unreadable())
            return self.cleaned_data
        self.cleaned_data[kind] = contact.lower() if kind == "email" else e164(contact)
        try:
            self.cleaned_data[kind] = self.clean_email() if kind == "email" else self.clean_phone()
        except ValidationError as exc:
            self.add_error("contact", exc)
            return self.cleaned_data
        if self._user is None:
            self._user = login_for(**{kind: self.cleaned_data[kind]})
        return self.cleaned_data

    @staticmethod
    def _kind(contact: str) -> str:
        try:
            validate_email(contact)
        except ValidationError:
            return "phone" if e164(contact) else ""
        return "email"


class ConfirmCodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code that was sent, as a Japanese keyboard writes it too: in full width, with gaps."""

    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """The code in its usual width, compared by allauth."""
        self.cleaned_data["code"] = without_gaps(self.cleaned_data["code"])
        return str(super().clean_code())


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey that signs in by itself is the usual choice; a bare second factor can still be asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
