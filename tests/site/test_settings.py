from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_postgresql_with_the_schemas_of_ledger_and_vault() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schemas(false)::text[]")
        (schemas,) = cursor.fetchone()
    assert connection.vendor == "postgresql"
    assert schemas == ["public", "vault", "ledger"]
