"""The answer to a load balancer's question: does this process reach its database?"""

from __future__ import annotations

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse


@transaction.non_atomic_requests  # opening a transaction would fail before we could say so
def health(_request: HttpRequest) -> HttpResponse:
    """200 `ok`, or 503 while the database is away."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return HttpResponse("database away", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
