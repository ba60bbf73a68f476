"""Text that looks like nothing, or like something else, is not taken."""

import pytest

from domain.reasons import need_reason
from domain.refusals import InvalidInput, ReasonMissing
from domain.text import check_lines, check_text, is_blank

NOTHING = ["", " ", "\u3000", "\u200b", "\u200b\ufeff\u2060", "\u3164", "\u2800", "\u00ad", "\u202f\n\t", "\ufe0f"]
TURNING = ["\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"]


@pytest.mark.parametrize("text", NOTHING)
def test_what_nobody_can_see_is_no_reason(text: str) -> None:
    with pytest.raises(ReasonMissing):
        need_reason(text, "skip")


@pytest.mark.parametrize("text", NOTHING)
def test_what_nobody_can_see_is_no_name_and_no_remark(text: str) -> None:
    for check in (check_text, check_lines):
        with pytest.raises(InvalidInput, match="nothing to see"):
            check("name", text, 200)


@pytest.mark.parametrize("text", ["あ", "\u200bあ", "\ue000", "👩\u200d💻", "\u3099", "-"])
def test_whatever_shows_something_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize("character", TURNING)
def test_a_name_that_would_show_as_another_is_refused(character: str) -> None:
    for check in (check_text, check_lines):
        with pytest.raises(InvalidInput, match="direction"):
            check("name", f"請求書{character}fdp.exe", 200)


@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028"])
def test_a_name_has_one_line_and_no_control_character(character: str) -> None:
    with pytest.raises(InvalidInput, match="control character"):
        check_text("name", f"愛{character}子", 200)


def test_a_remark_may_have_lines_and_tabs() -> None:
    assert check_lines("text", " 一行目\r\n\t二行目\n", 200) == "一行目\r\n\t二行目"


def test_a_remark_holds_no_escape_sequence() -> None:
    with pytest.raises(InvalidInput, match="control character"):
        check_lines("text", "\x1b[31m赤", 200)


def test_a_name_is_kept_in_one_normal_form() -> None:
    assert check_text("name", " か\u3099 ", 200) == "が"


def test_a_text_that_grows_when_normalised_is_measured_after_that() -> None:
    with pytest.raises(InvalidInput, match="4 characters"):
        check_text("name", "\u0958\u0958", 3)
