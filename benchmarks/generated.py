"""Generates graphs of any number of topics, for benchmarks and tests of growth.

Topics are imported from an invented rating table, or copied from the topic that comes with the
program, so that they are computable under other names.
"""

import csv
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from reasoner.curation.importing import import_table  # noqa: E402
from reasoner.files import write_all  # noqa: E402
from reasoner.names import DOCUMENTS, home  # noqa: E402

COLUMNS = (
    "panel topic variant_no variant_text row_no procedure category adult_rrl pediatric_rrl".split()
)
CATEGORIES = ("Usually appropriate", "May be appropriate", "Usually not appropriate")
PLACES = ("head", "neck", "chest", "abdomen", "pelvis", "knee", "hip", "shoulder", "ankle", "wrist")
STUDIES = [
    f"{technique} {{}} {contrast}"
    for technique in ("CT", "MRI")
    for contrast in ("without IV contrast", "with IV contrast", "without and with IV contrast")
]
STUDIES += [
    "US {}",
    "Radiography {}",
    "MRA {} without IV contrast",
    "MRA {} without and with IV contrast",
    "CTA {} with IV contrast",
]
STEM, FINDING = "soft-tissue-masses", "SoftTissueMass"
DECLARED = re.compile(r"^ia:(\w+) a ", re.M)
BLOCK = re.compile(r"^ia:(\w+) a (.*?)\.\n\n", re.M | re.S)
ABOUT = re.compile(r"^ia:(\w+) .*?\.\n\n", re.M | re.S)  # also what a document adds to a term
LOGIC = re.compile(r"(?:rdfs:subClassOf|owl:equivalentClass) .*", re.S)
LABEL = re.compile(r'(rdfs:label ".*)(?="@en)')
SUBCLASS = """
ia:{name} a owl:Class ;
    rdfs:label "finding {number}"@en ;
    skos:definition "An invented finding for measuring."@en ;
    rdfs:subClassOf ia:ClinicalFinding .
"""


def table(path: Path, topics: int) -> Path:
    """A rating table of invented topics, in the layout of 2020.

    It has the shape of that catalogue: 4.3 variants a topic, 9.4 ratings a variant.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for topic in range(topics):
            place = PLACES[topic % len(PLACES)]
            for variant in range(1, 5 + (topic % 10 < 3)):
                for row in range(1, 10 + ((topic + variant) % 5 < 2)):
                    study = STUDIES[(topic + variant + row) % len(STUDIES)].format(place)
                    out.writerow(
                        [
                            "Panel of examples",
                            f"Example topic {topic}",
                            variant,
                            f"Example {topic}, situation {variant}",
                            row,
                            study,
                            CATEGORIES[(row * 3 + variant) % 3],
                            "",
                            "",
                        ]
                    )
    return path


def catalogued(folder: Path, topics: int) -> Path:
    """An ontology folder with invented topics, imported beside the one of the program."""
    import_table(
        table(folder / f"ratings-{topics}-2020.csv", topics),
        folder / f"catalogued-{topics}",
        home() / "ontology",
    )
    return folder / f"catalogued-{topics}" / "ontology"


def own(topic: str, every: bool) -> set[str]:
    """The names in a topic that are its own: not classes of studies, procedures and orders.

    Criteria that do not rest on the finding are its own only with `every`.
    """
    blocks = dict(BLOCK.findall(topic))
    about = (FINDING, "Presentation") if every else (FINDING,)
    names = {
        name: set(
            re.findall(r"ia:(\w+)", "\n".join(LOGIC.findall(text)) if "owl:Class" in text else text)
        )
        for name, text in blocks.items()
    }

    def rests(name: str, visited: frozenset[str] = frozenset()) -> bool:
        return name in about or any(
            rests(other, visited | {name}) for other in names.get(name, set()) - visited - {name}
        )

    mine = {
        name
        for name in DECLARED.findall(topic)
        if "owl:Class" not in blocks.get(name, "") or "ia:Scenario" in blocks[name] or rests(name)
    }
    # A question that is shared is shared with its parts.
    part = re.compile(r"ia:partOfQuestion ia:(\w+)")
    return {name for name in mine if set(part.findall(blocks.get(name, ""))) <= mine}


def shared(folder: Path, topics: int) -> Path:
    """As `computable`, but topics share the criteria that do not rest on the finding.

    The checks of the project ask for that.
    """
    return computable(folder, topics, every=False)


def computable(folder: Path, topics: int, every: bool = True) -> Path:
    """An ontology folder with computable topics: that of the program, and copies of it.

    A copy has a finding, scenarios, ratings, criteria, exclusions, pathways, pitfalls and remarks
    of its own. Its criteria on studies say the same as those of every other copy, so a patient who
    meets one meets all: no real topic is as hard.
    """
    out = folder / f"computable-{topics}-{every}"
    shipped = home() / "ontology"
    files = {
        out / path.relative_to(shipped): path.read_bytes()
        for path in shipped.rglob("*")
        if path.is_file()
    }
    texts = {
        name: (shipped / "topics" / STEM / f"{name}.ttl").read_text(encoding="utf-8")
        for name in ("topic", "generated")
    }
    mine = own("\n".join(texts.values()), every)
    texts = {
        name: ABOUT.sub(lambda m: m[0] if m[1] in mine else "", f"{text}\n")
        for name, text in texts.items()
    }
    texts["topic"] += SUBCLASS.format(name=FINDING, number="{}")
    names = sorted({FINDING, *mine}, key=len, reverse=True)
    renamed = re.compile(rf"\bia:({'|'.join(names)})\b(?!-)")
    rows = []
    for number in range(2, topics + 1):
        for name, text in texts.items():
            copied = (
                renamed.sub(rf"ia:\1Copy{number}", text)
                .replace(f"/{STEM}", f"/copy-{number}")
                .replace('"finding {}"', '"finding"')
            )
            file = f"topics/copy-{number}/{name}.ttl"
            files[out / file] = LABEL.sub(rf"\1 {number}", copied).encode()
            end = "" if name == "topic" else f"/{name}"
            rows.append(f'  <uri name="{DOCUMENTS}topics/copy-{number}{end}" uri="{file}"/>\n')
    catalog = out / "catalog-v001.xml"
    files[catalog] = files[catalog].replace(b"</catalog>", "".join(rows).encode() + b"</catalog>")
    write_all(files)
    return out
