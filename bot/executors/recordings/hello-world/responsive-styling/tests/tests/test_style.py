"""The style: it fits every screen, and everybody can read it."""

from __future__ import annotations

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STYLE = ROOT / "site" / "style.css"
DARK = "@media (prefers-color-scheme: dark)"


def style() -> str:
    """The style sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", STYLE.read_text(encoding="utf-8"), flags=re.DOTALL)


def colours(text: str) -> dict[str, str]:
    """The colours that are given names, for example ``{"page": "#ffffff"}``."""
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    """How bright a colour is, from 0 to 1, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


class StyleTest(unittest.TestCase):
    def test_text_can_be_read_on_what_is_behind_it_by_day_and_by_night(self) -> None:
        day, _, night = style().partition(DARK)
        light = colours(day)

        for scheme in (light, {**light, **colours(night)}):
            for text, behind in (("text", "page"), ("quiet", "page"), ("button-text", "button")):
                self.assertIn(text, scheme)
                self.assertGreaterEqual(contrast(scheme[text], scheme[behind]), 4.5, (text, scheme))
            self.assertGreaterEqual(contrast(scheme["focus"], scheme["page"]), 3.0, scheme)

    def test_there_is_a_scheme_of_its_own_for_the_night(self) -> None:
        _, found, night = style().partition(DARK)

        self.assertTrue(found)
        self.assertIn("page", colours(night))

    def test_nothing_is_wider_than_a_screen_of_320_pixels(self) -> None:
        fixed = re.findall(r"(?<!-)(?:min-)?width:\s*(\d+)px", style())

        self.assertEqual([width for width in fixed if int(width) > 320], [])
        self.assertRegex(style(), r"max-width: \d+rem")

    def test_it_has_another_layout_for_narrow_screens(self) -> None:
        self.assertRegex(style(), r"@media \(max-width: \d+rem\)")

    def test_the_heading_grows_with_the_screen_between_two_limits(self) -> None:
        self.assertRegex(style(), r"font-size: clamp\(\d[^)]*rem[^)]*vw[^)]*\)")

    def test_buttons_are_large_enough_for_a_finger(self) -> None:
        heights = re.findall(r"min-height: ([\d.]+)rem", style())

        self.assertTrue([height for height in heights if float(height) * 16 >= 44])

    def test_whoever_uses_a_keyboard_sees_where_they_are(self) -> None:
        self.assertIn(":focus-visible", style())
        self.assertNotIn("outline: none", style())

    def test_what_is_hidden_stays_hidden(self) -> None:
        self.assertRegex(style(), r"\[hidden\] \{\s*display: none !important;")

    def test_nothing_moves_for_whoever_asked_for_that(self) -> None:
        self.assertIn("transition:", style())
        self.assertRegex(
            style(), r"@media \(prefers-reduced-motion: reduce\) \{[^}]*transition: none;"
        )

    def test_nothing_is_loaded_from_elsewhere(self) -> None:
        self.assertNotIn("url(", style())
        self.assertNotIn("@import", style())

    def test_what_was_decided_is_written_down(self) -> None:
        self.assertTrue((ROOT / "docs" / "behaviour" / "style.md").is_file())


if __name__ == "__main__":
    unittest.main()
