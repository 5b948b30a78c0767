"""The design alone: its own pages, its own middlewares, no database; and a way to draw templates without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.template import Context, engines
from django.utils.translation import override

Draw = Callable[..., str]


@pytest.fixture
def design_alone(settings: LazySettings) -> None:
    """Only the style page's addresses and the middlewares it needs; whoever asks the database fails."""
    settings.ROOT_URLCONF = "tests.faces.design.style_urls"
    settings.MIDDLEWARE = [
        "csp.middleware.CSPMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ]
    settings.TEMPLATES = [
        {
            **settings.TEMPLATES[0],
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ]


@pytest.fixture
def draw() -> Draw:
    """`draw("{{ 1280|yen }}", language="en", **context)`: a template's text in a language."""

    def drawn(source: str, *, language: str = "ja", **context: Any) -> str:
        template = engines["django"].from_string("{% load meguri %}" + source)
        with override(language):
            return template.template.render(Context({"language": language, **context}))

    return drawn
