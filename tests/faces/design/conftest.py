"""The design alone: its own pages, its own middlewares, no database; and a way to draw templates without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.template import Context, Engine
from django.utils.translation import override

from meguri.faces.design.reference import PARTS

Draw = Callable[..., str]
ENGINE = Engine(dirs=[str(PARTS.parent.parent)], libraries={"meguri": "meguri.faces.design.templatetags.meguri"})
"""The design's templates alone, whatever other rooms bring."""


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
        with override(language):
            return ENGINE.from_string("{% load meguri %}" + source).render(Context({"language": language, **context}))

    return drawn
