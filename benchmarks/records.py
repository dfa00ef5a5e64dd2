"""What becomes of real records: FHIR bundles that nobody here wrote. Prints Markdown.

    python benchmarks/records.py FOLDER [--with-mass]
    python benchmarks/records.py --reasons FILE

A file `*.json` is a record; of a file `*.ndjson` each Bundle is one, or else its lines together.
`--with-mass` puts a deep mass of the thigh into each record, with a radiograph and an ultrasound
that did not settle it, so that MRI is the study at hand; then it also says what became of MRI and
of each device.
`--reasons` takes a list of reasons as the CDS Hooks sandbox has it (a ValueSet with an expansion)
and says which of them get which rating for an MRI of the thigh.
Records to try it with, none of which is in this tree: smart-on-fhir/generated-sample-data (R4), the
samples of jddamore/IPSviewer, and src/assets/pama-reason-codes.json of cds-hooks/sandbox.
"""

import argparse
import copy
import json
import re
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bundles import DEEP, INDETERMINATE, NORMAL, THIGH, US_LEG, XR_FEMUR, mass, report  # noqa: E402
from reasons import lines as reasons  # noqa: E402

from reasoner.api import Reasoner  # noqa: E402
from reasoner.errors import InputError  # noqa: E402
from reasoner.names import ia  # noqa: E402

# Codes of eGFR and of pregnancy that such records and public value sets hold; a list of its own, so
# that what the tables of the project lack is seen.
EGFR = set(
    "33914-3 48642-3 48643-1 50044-7 50210-4 50384-7 62238-1 69405-9 70969-1 77147-7 88293-6 "
    "88294-4 94677-2 98979-8 98980-6".split()
)
PREGNANT = {"72892002", "77386006", "47200007", "LA15173-0", "Z33.1", "289908002"}
ENDS = ("abatementDateTime", "abatementString", "abatementAge", "abatementPeriod", "abatementRange")


def records(folder: Path):
    """The records of a folder, parsed, by name; for what is no JSON the error."""
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".json", ".ndjson")):
        try:
            text = path.read_text(encoding="utf-8-sig")
            if path.suffix == ".json":
                yield path.name, json.loads(text)
                continue
            lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            yield path.name, error
            continue
        if all(line.get("resourceType") == "Bundle" for line in lines):
            yield from ((f"{path.name}:{n}", line) for n, line in enumerate(lines, 1))
        else:
            yield path.name, lines


def held(document) -> list[tuple[str | None, dict]]:
    """The resources of a record with their full URLs."""
    entries = (
        document.get("entry", [])
        if isinstance(document, dict)
        else [{"resource": r} for r in document]
    )
    return [
        (e.get("fullUrl"), e["resource"])
        for e in entries
        if isinstance(e, dict) and isinstance(e.get("resource"), dict)
    ]


def codes(resource: dict) -> set[str]:
    """All codes within a resource's code, value and components."""
    values = []
    for part in (resource, *resource.get("component", [])):
        concepts = [part.get("code"), part.get("valueCodeableConcept")]
        values += [
            c.get("code") for k in concepts if isinstance(k, dict) for c in k.get("coding", [])
        ]
    return {c for c in values if isinstance(c, str)}


def with_mass(document):
    """A copy of a record with a mass of the thigh that two studies left open, on its newest day."""
    copied = copy.deepcopy(document)
    whose = next(((url, r) for url, r in held(copied) if r.get("resourceType") == "Patient"), None)
    if whose is None:
        return copied
    subject = {"reference": whose[0] or f"Patient/{whose[1].get('id')}"}
    days = re.findall(r'Date(?:Time)?": ?"((?:19|20)\d\d-\d\d-\d\d)', json.dumps(document))
    day = max(days, default="2026-04-18")
    put = [
        mass(THIGH, DEEP, name="put-mass", onset=day),
        report("put-xr", XR_FEMUR, NORMAL, day=day),
        report("put-us", US_LEG, INDETERMINATE, day=day),
    ]
    base = whose[0].rsplit("/Patient/", 1)[0] if whose[0] and "/Patient/" in whose[0] else None
    for r in put:
        r["subject"] = subject
        url = f"{base}/{r['resourceType']}/{r['id']}" if base else None
        entry = {"fullUrl": url, "resource": r} if url else {"resource": r}
        copied["entry"].append(entry) if isinstance(copied, dict) else copied.append(r)
    return copied


def alone(document, resource: dict) -> list[dict]:
    """A record of the patient and one resource."""
    people = [r for _, r in held(document) if r.get("resourceType") == "Patient"]
    whose = "patient" if "patient" in resource else "subject"
    name = people[0].get("id", "p") if people else "p"
    return [
        {"resourceType": "Patient", "id": name},
        {**resource, whose: {"reference": f"Patient/{name}"}},
    ]


def states(reasoner: Reasoner, document, resource: dict, term: str) -> bool:
    """Whether a resource alone is read as something of a term."""
    try:
        statements = reasoner.reply(alone(document, resource)).record.statements
    except InputError:
        return False
    return any(o == ia(term) for _, _, o in statements)


def active(condition: dict) -> dict:
    """A Condition as it would stand if it had not ended."""
    elements = {k: v for k, v in condition.items() if k not in ENDS}
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return {**elements, "clinicalStatus": {"coding": [{"system": system, "code": "active"}]}}


def named(resource: dict) -> str:
    """What a device, or anything coded, is called: its words, else its code."""
    concepts = [
        resource.get(k) for k in ("type", "code", "medicationCodeableConcept", "vaccineCode")
    ]
    concept = next(filter(None, concepts), {})
    concept = concept[0] if isinstance(concept, list) else concept
    if not isinstance(concept, dict):
        return str(concept)
    codings = [c for c in concept.get("coding") or [{}] if isinstance(c, dict)]
    coded = [c.get("display") or c.get("code") for c in codings]
    return str(concept.get("text") or next(filter(None, coded), "no type"))


def note_words(note: dict) -> str:
    """What a note says, without the ids, places and numbers of its record."""
    words = re.sub(
        r"[\w.]*\[\d+\][\w.\[\]]*|[A-Z][A-Za-z]+/[\w.-]+|urn:uuid:[\w-]+", "@", note["message"]
    )
    return re.sub(r"\d+", "N", " ".join(words.split())).replace("|", "/")[:140]


def fate(answer: dict, names: set[str]) -> str:
    """What became of a resource in an answer."""

    def because(rows):
        return any(names & set(row.get("because") or ()) for row in rows)

    for p in answer["presentations"]:
        flags = [f for r in p["recommendations"] for f in r["safety"]]
        met = [
            c for s in p["scenarios"] for c in s["criteria"] if c["id"] == "ia:MriContraindicated"
        ]
        if because([f for f in flags if f["severity"] == "contraindicated"]) or because(met):
            return "sets MRI aside"
        if any(u.get("resource") in names for u in p.get("unread", [])):
            return "withholds an assumption"
        if because(flags):
            return "a caution"
        if because(p["questions"]) or any(
            set(q.get("about") or ()) & names for q in p["questions"]
        ):
            return "a question"
    about = [n["severity"] for n in answer["notes"] if n["about"] in names]
    return "a warning" if "warning" in about else "a note" if about else "nothing said"


def mri(answer: dict) -> tuple[str, list[str]]:
    """What became of MRI for the mass that was put in, and the resources that say why."""
    p = next((p for p in answer["presentations"] if p["id"].endswith("put-mass")), None)
    if p is None:
        about = {n["about"] for n in answer["notes"] if n["severity"] == "warning"}
        return "no answer for the mass", sorted(a for a in about if a.startswith("Patient/"))
    best = next((r for r in p["recommendations"] if not r["setAside"]), None)
    met = [
        c
        for s in p["scenarios"]
        for c in s["criteria"]
        if c["id"] == "ia:MriContraindicated" and c["because"]
    ]
    aside = [f for r in p["recommendations"] if r["setAside"] for f in r["safety"]]
    assumed = {
        a["id"] for s in p["scenarios"] if s["status"] == "applies" for a in s["assumptions"]
    }
    unread = [
        u["resource"]
        for u in p.get("unread", [])
        if "ia:MriContraindicated" in str(u.get("blocks"))
    ]
    if best is None or not best["generic"].startswith("ia:Mri"):
        return f"not first ({p['outcome']})", sorted(
            {b for row in met + aside for b in row["because"]}
        )
    if "ia:MriContraindicated" not in assumed:
        return "first, assumption withheld", sorted(set(unread))
    return "first, nothing recorded against it", []


class Tally:
    """What was counted over records."""

    def __init__(self) -> None:
        self.counts: Counter = Counter()
        self.refused: Counter = Counter()
        self.crashed: list[str] = []
        self.devices: Counter = Counter()
        self.mri: Counter = Counter()
        self.reasons: Counter = Counter()
        self.warnings: Counter = Counter()
        self.notes: dict[str, list[int]] = {"info": [], "warning": []}
        self.taken: list[float] = []

    def add(self, reasoner: Reasoner, name: str, document, put: bool) -> None:
        """Counts one record."""
        self.counts["records"] += 1
        if isinstance(document, ValueError):
            self.refused[f"no JSON: {document}"[:90]] += 1
            return
        asked = with_mass(document) if put else document
        start = time.perf_counter()
        try:
            answer = reasoner.ask(asked)
        except InputError as error:
            self.refused[re.sub(r"\d+", "N", str(error))[:110]] += 1
            return
        except Exception as error:  # what else it raises is what is looked for
            self.crashed.append(f"{name}: {type(error).__name__}: {error}"[:160])
            return
        self.taken.append(time.perf_counter() - start)
        self.counts["answered"] += 1
        self.counts["presentations"] += len(answer["presentations"])
        for severity, numbers in self.notes.items():
            numbers.append(sum(n["severity"] == severity for n in answer["notes"]))
        warned = {note_words(n) for n in answer["notes"] if n["severity"] == "warning"}
        self.warnings.update(warned)
        self.facts(reasoner, document)
        kinds: dict[str, str] = {}
        for url, r in held(document):
            kinds |= {n: named(r) for n in (f"{r.get('resourceType')}/{r.get('id')}", url) if n}
            if r.get("resourceType") == "Device":
                self.devices[named(r)[:60], fate(answer, {f"Device/{r.get('id')}", url})] += 1
        if put:
            what, why = mri(answer)
            self.mri[what] += 1
            if "nothing recorded" not in what and not why:
                self.reasons[
                    what, "NO RECORDED REASON", name if len(name) < 60 else name[-60:]
                ] += 1
            for resource in why:
                self.reasons[what, resource.split("/")[0], self.kind(kinds, resource)] += 1

    def kind(self, kinds: dict[str, str], resource: str) -> str:
        """What a resource is called; nothing for a patient."""
        return "" if resource.startswith("Patient/") else kinds.get(resource, resource)[:60]

    def facts(self, reasoner: Reasoner, document) -> None:
        """Counts eGFR results and pregnancies, and how many are read."""
        for _, r in held(document):
            kind, coded = r.get("resourceType"), codes(r)
            if kind == "Observation" and coded & EGFR:
                self.counts["eGFR results"] += 1
                self.counts["eGFR read"] += states(reasoner, document, r, "EstimatedGfr")
            if kind in ("Condition", "Observation") and coded & PREGNANT:
                ended = kind == "Condition" and not states(reasoner, document, r, "Pregnancy")
                self.counts["pregnancies"] += 1
                self.counts["pregnancies that hold"] += not ended
                self.counts["pregnancies whose code is read"] += not ended or states(
                    reasoner, document, active(r), "Pregnancy"
                )

    def lines(self):
        """The figures as Markdown."""
        for key in (
            "records",
            "answered",
            "presentations",
            "eGFR results",
            "eGFR read",
            "pregnancies",
            "pregnancies whose code is read",
            "pregnancies that hold",
        ):
            yield f"- {key}: {self.counts[key]:,}"
        yield f"- crashes: {len(self.crashed)}"
        yield from (f"  - {line}" for line in self.crashed[:20])
        yield f"- refused: {self.refused.total()}"
        yield from (f"  - {n} x {message}" for message, n in self.refused.most_common(20))
        for severity, numbers in self.notes.items():
            if numbers:
                yield (
                    f"- notes ({severity}) a record: median {statistics.median(numbers):g}, "
                    f"mean {statistics.mean(numbers):.1f}, most {max(numbers)}"
                )
        if self.taken:
            took = sorted(self.taken)
            yield (
                f"- milliseconds a record: median {1000 * statistics.median(took):.1f}, "
                f"most {1000 * took[-1]:.0f}, all {sum(took):.1f} s"
            )
        for title, table in (
            ("device | became", self.devices),
            ("MRI of the mass", self.mri),
            ("MRI | recorded in | what", self.reasons),
            ("warning (each once a record)", self.warnings),
        ):
            if table:
                yield f"\n| {title} | records |\n|{'---|' * (title.count('|') + 2)}"
                rows = sorted(table.items(), key=lambda kv: (-kv[1], str(kv[0])))
                yield from (
                    f"| {' | '.join(k) if isinstance(k, tuple) else k} | {n} |"
                    for k, n in rows[:60]
                )


def main() -> int:
    """How many records made the reasoner crash."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--with-mass", action="store_true")
    parser.add_argument("--reasons", type=Path)
    given = parser.parse_args()
    if given.reasons:
        print("\n".join(reasons(given.reasons)))
    if not given.folder:
        return 0
    reasoner, tally = Reasoner(), Tally()
    for name, document in records(given.folder):
        tally.add(reasoner, name, document, given.with_mass)
    print("\n".join(tally.lines()))
    return len(tally.crashed)


if __name__ == "__main__":
    sys.exit(main())
