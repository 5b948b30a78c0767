"""Tests are the owner of the tables; here they go behind the second wall, as the living program always is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection, connections, transaction
from django.http import HttpRequest, HttpResponseBase

from meguri.ledger.wall import name_municipality
from meguri.site.postgres import PROGRAM
from meguri.site.settings import AS_PROGRAM
from meguri.vault.models import Login


@contextmanager
def in_program_role() -> Iterator[None]:
    """What happens here happens in the program's role; which town is named is as it was."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {PROGRAM}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


@contextmanager
def behind_the_wall(municipality: int | None) -> Iterator[None]:
    """The program's role, for a town or for none. Afterwards everything is as it was, also what was written."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {PROGRAM}")
        if municipality is not None:
            name_municipality(municipality)
        yield
        transaction.set_rollback(True)


@contextmanager
def opening_as_program() -> Iterator[None]:
    """Connections that are opened meanwhile, in whatever thread, open as those of the living program do."""
    own = connections["default"]
    kept = own.settings_dict["OPTIONS"]
    own.close()
    own.settings_dict["OPTIONS"] = {**kept, "options": kept["options"] + AS_PROGRAM}
    try:
        yield
    finally:
        own.close()
        own.settings_dict["OPTIONS"] = kept


class Walled:
    """Every request that a test makes goes through the wall. Stands before the middleware that names the town.

    A test makes as many towns as it likes, a process shows one: here it is the one of whoever is signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        login = Login.objects.filter(id=request.session.get(SESSION_KEY)).first()
        shown = login.municipality if login else settings.MUNICIPALITY
        with patch.object(settings, "MUNICIPALITY", shown), in_program_role():
            return self.get_response(request)
