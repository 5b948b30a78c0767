"""The step of the second factor in a sign-in."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from meguri.faces.entrance.adapters import is_officer


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]
    """Officers always show the factor they have; residents only an authenticator app that they chose to switch on.

    A resident's passkey is a way in by itself, not a second step after a code: whoever loses the phone with the passkey
    still comes in by a code to the number or address.
    """

    def _should_handle(self, request: HttpRequest) -> bool:
        if not super()._should_handle(request):
            return False
        user = self.login.user
        return is_officer(user) or Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
