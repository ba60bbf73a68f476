"""The text of a PDF's pages, as a reader copies it: its strings by what each font says of its own codes.

As far as `typst` writes PDF: two-byte codes with ToUnicode maps of single characters, strings in brackets or as digits.
"""

import re
import zlib
from collections.abc import Iterator

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
MEANING = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\)|<([0-9A-F]+)>", re.DOTALL)
ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(pdf: bytes) -> str:
    """All that the pages show, run together: a word may be several strings, for the room between its letters."""
    objects = {int(found[1]): found[2] for found in OBJECT.finditer(pdf)}
    named = [found for whole in objects.values() for found in FONT.findall(whole)]
    fonts = {name.decode(): _meanings(objects, int(number)) for name, number in named}
    pages = [re.search(rb"/Contents (\d+) 0 R", whole) for whole in objects.values()]
    contents = [_stream(objects[int(page[1])]) for page in pages if page]
    return "".join(text for content in contents for text in _shown(content, fonts))


def _shown(content: bytes, fonts: dict[str, dict[int, str]]) -> Iterator[str]:
    meanings: dict[int, str] = {}
    for font, text, digits in SHOWN.findall(content):
        if font:
            meanings = fonts[font.decode()]
            continue
        codes = bytes.fromhex(digits.decode()) if digits else ESCAPE.sub(_escaped, text)
        yield "".join(meanings[int.from_bytes(codes[n : n + 2])] for n in range(0, len(codes), 2))


def _escaped(found: "re.Match[bytes]") -> bytes:
    said = found[1]
    return bytes([int(said, 8)]) if len(said) == 3 else CONTROLS.get(said, said)


def _meanings(objects: dict[int, bytes], font: int) -> dict[int, str]:
    """What the codes of a font stand for."""
    told = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    assert told is not None
    pairs = MEANING.findall(_stream(objects[int(told[1])]))
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _stream(whole: bytes) -> bytes:
    return zlib.decompress(whole.partition(b"stream\n")[2].rpartition(b"\nendstream")[0])
