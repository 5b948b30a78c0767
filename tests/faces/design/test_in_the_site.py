"""The style page behind all of the site's own middlewares and addresses."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
def test_the_style_page_stands_in_the_whole_site(client: Client) -> None:
    response = client.get("/style/?lang=en&theme=dark")
    page = response.content.decode()
    assert response.status_code == 200
    assert 'data-theme="dark"' in page
    assert "Style page" in page
    assert "An invented town" in page
