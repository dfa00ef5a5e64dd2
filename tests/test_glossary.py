"""The glossary is short, and its words are those of the code, the graph and the documents."""

import re

from conftest import ROOT

TEXT = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRY = re.compile(r"^- \*\*([^*]+)\*\*: (.*?)(?=^- |\Z)", re.M | re.S)
MOST = 40
FOLDERS = ("reasoner", "ontology", "queries")
KINDS = (".py", ".ttl", ".rq", ".html", ".json")


def entries(text):
    """The words of a glossary with what it says of each."""
    return {word: " ".join(meaning.split()) for word, meaning in ENTRY.findall(text)}


def words_in_use():
    """All text of the program and the graph, in small letters, with names taken apart."""
    files = (path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.suffix in KINDS)
    texts = (p.read_text(encoding="utf-8") for p in files if "vendor" not in p.parts)
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", "\n".join(texts)).lower()


def unused(words, text):
    """The words that a text does not hold."""
    return [word for word in words if not re.search(rf"\b{re.escape(word)}(e?s)?\b", text)]


def long_winded(glossary):
    """The words that are explained in no sentence, or in several."""
    return [
        word for word, said in glossary.items() if not re.fullmatch(r"[^.]*(\.\w[^.]*)*\.", said)
    ]


def test_the_glossary_is_short():
    found = entries(TEXT)
    assert 25 < len(found) <= MOST and TEXT.count("- **") == len(found)
    assert list(found) == sorted(found)


def test_each_word_is_one_sentence():
    assert long_winded(entries(TEXT)) == []
    assert long_winded({"cat": "an animal. It purrs.", "dog": "an animal", "a": "of a.b."}) == [
        "cat",
        "dog",
    ]


def test_each_word_is_in_use():
    text = words_in_use()
    assert unused(entries(TEXT), text) == []
    assert unused(["perambulation"], text) == ["perambulation"]
