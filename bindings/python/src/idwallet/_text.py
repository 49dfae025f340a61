"""Texts for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LocalizedText:
    """A text for the person, in both languages of the wallet."""

    vi: str
    """In Vietnamese."""

    en: str
    """In English."""

    def text(self, language: str = "vi") -> str:
        """The text in `language`, a language tag such as `vi` or `en-GB`. Whoever speaks neither language gets English."""
        return self.vi if language.replace("_", "-").split("-")[0].lower() == "vi" else self.en

    def __str__(self) -> str:
        return self.en
