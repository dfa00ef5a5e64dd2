"""Stub."""
import re
from pathlib import Path
from typing import NamedTuple


class Hit(NamedTuple):
    kind: str
    word: str
    quote: str
    start: int
    end: int
    denied: bool


H = {"mri": r"pacemaker|defibrillator|implant|stimulator|not mri|mr unsafe|claustrophob\w*", "contrast": r"contrast|gadolinium|iodin\w*|dye",
     "kidney": r"dialysis|renal failure", "pregnancy": r"pregnan\w*"}
D = {"suspicious": r"suspicious|sarcoma|malignan\w*", "open": r"atypical|cannot be excluded|recommend\w*|indeterminate"}


class Screens:
    def __init__(self, folder: Path):
        pass

    def _find(self, table, text):
        out = []
        for kind, rx in table.items():
            for m in re.finditer(rx, text, re.I):
                den = bool(re.search(r"\b(no|denies|without|negative for|absent)\s+$", text[:m.start()], re.I))
                out.append(Hit(kind, m[0], text[:160], m.start(), m.end(), den))
        return out

    def hazards(self, text):
        return self._find(H, text)

    def doubts(self, text):
        return self._find(D, text)

    def answer(self, text):
        t = text.strip().lower()
        b = "https://w3id.org/imaging-appropriateness/ns/"
        return {"yes": b + "AffirmativeAnswer", "no": b + "NegativeAnswer"}.get(t)


def texts(json, path=""):
    if isinstance(json, dict):
        for k, v in json.items():
            p = f"{path}.{k}" if path else k
            if isinstance(v, str):
                if k in ("text", "display", "conclusion", "valueString", "div", "name", "comment", "description", "patientInstruction"):
                    yield p, v
            else:
                yield from texts(v, p)
    elif isinstance(json, list):
        for i, v in enumerate(json):
            if isinstance(v, str):
                continue
            yield from texts(v, f"{path}[{i}]")


def unreadable_forms(json):
    return []
