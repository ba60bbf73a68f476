"""Markdown that people wrote, as HTML that can do nothing: no HTML of theirs, no images, no styles."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_parser = MarkdownIt("js-default").disable("image")
HEADING = "h4"
"""Instructions stand below the heading of their step, whatever level they begin with."""


def markdown(text: str) -> Markup:
    """The HTML of a text."""
    tokens = _parser.parse(text)
    _tame(tokens)
    return Markup(_parser.renderer.render(tokens, _parser.options, {}))  # noqa: S704 – the parser escapes all HTML


def _tame(tokens: Sequence[Token]) -> None:
    for token in tokens:
        token.attrs.pop("style", None)
        if token.type.startswith("heading"):
            token.tag = HEADING
        if token.type == "link_open":
            token.attrs["rel"] = "noreferrer noopener"
        _tame(token.children or ())
