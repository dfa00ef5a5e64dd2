"""Reads the spellings of categories and radiation levels in rating tables as notations."""

import re

CATEGORIES = {
    "usually appropriate": "usually-appropriate",
    "may be appropriate": "may-be-appropriate",
    "may be appropriate disagreement": "may-be-appropriate-disagreement",
    "usually not appropriate": "usually-not-appropriate",
}
BANDS = {
    "adult": {"0": "O", "<0.1": "1", "0.1-1": "2", "1-10": "3", "10-30": "4", "30-100": "5"},
    "pediatric": {"0": "O", "<0.03": "1", "0.03-0.3": "2", "0.3-3": "3", "3-10": "4", "10-30": "5"},
}
UNSTATED = {
    "",
    "-",
    "\u2013",
    "\u2014",
    "n/a",
    "na",
    "none",
    "not stated",
    "not-stated",
    "tbd",
    "tbd tbd",
    "tbd [ped]",
    "not assigned",
}
LONGEST = 100  # characters of a radiation level
SIGN = "\u2622"
DASHES = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2212": "-", "\ufe0f": "", "\u00a0": " "})
BAND = re.compile(r"((?:<|>)?[\d.]+(?:-[\d.]+)?)\s*msv")


def category(text: str) -> str | None:
    """The notation of an appropriateness category, None when the text is none."""
    return CATEGORIES.get(" ".join(re.findall(r"[a-z]+", text.lower())))


def radiation(text: str, group: str) -> tuple[str, str | None]:
    """The notation of a radiation level of an age group, and what is wrong with its text.

    A text that cannot be read, or that contradicts itself, is `not-stated`: no level is guessed.
    """
    if len(text) > LONGEST:
        return "not-stated", "it is too long for a radiation level"
    plain = " ".join(text.translate(DASHES).lower().split())
    if plain in UNSTATED:
        return "not-stated", None
    if plain.replace("[ped]", "").strip() in ("varies", "variable"):
        return "varies", None
    if group == "adult" and "[ped]" in plain:
        return "not-stated", "a pediatric level stands in the adult column"
    plain = plain.replace("[ped]", "").replace(" - ", "-").strip()
    signs, band = plain.count(SIGN), BAND.search(plain)
    rest = BAND.sub("", plain).replace(SIGN, "").strip()
    levels = {str(signs)} if signs else set()
    if rest in ("o", "0"):
        levels.add("O")
    elif rest in "12345" and len(rest) == 1 and not signs:
        levels.add(rest)
    elif rest:
        return "not-stated", "it is no radiation level that is known"
    if band:
        levels.add(BANDS[group].get(band[1], "a dose band that is not known"))
    if len(levels) != 1 or not levels <= {"O", "1", "2", "3", "4", "5"}:
        return "not-stated", "its sign and its dose band do not agree"
    return levels.pop(), None
