"""A difference between two versions of the graph, and the verdict on its size."""

from dataclasses import dataclass, field

DECIDES = {"ia:hasCategory", "ia:hasAdultRadiation", "ia:hasPediatricRadiation"}


@dataclass
class Difference:
    """What changed from `before` to `after`, lists in a defined order.

    `verdict` is major, minor, patch or none. `came` and `went` hold `{id, label, kind}`,
    `changed` also `{words, facts}`, each a list of `{property, before, after}`; `mappings` hold
    `{subject, code, change, intake}`; `patients` hold `{case, changes}`; `tables` are those that
    were not built, `{version, place, message, fix, builds}`: what one that does not build would
    change is not known.
    """

    before: str
    after: str
    came: list[dict] = field(default_factory=list)
    went: list[dict] = field(default_factory=list)
    changed: list[dict] = field(default_factory=list)
    mappings: list[dict] = field(default_factory=list)
    compared: int = 0
    patients: list[dict] = field(default_factory=list)
    tables: list[dict] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, list[str]]:
        """Why a change is major, minor or patch: sentences by size, the greatest size first."""
        facts, words = ([c for c in self.changed if c[key]] for key in ("facts", "words"))
        rated = [
            c
            for c in facts
            if c["kind"] == "rating"
            and c["inForce"]
            and any(f["property"] in DECIDES for f in c["facts"])
        ]
        gone, come = (
            [m for m in self.mappings if m["change"] == change] for change in ("went", "came")
        )
        relied = [m for m in gone if m["intake"]]
        sizes = {
            "major": [
                (self.patients, f"different answers of {self.compared} test patients"),
                (self.went, "terms that disappeared"),
                (rated, "changed ratings of an edition in force"),
                (relied, "code mappings removed that records rely on"),
                (
                    [t for t in self.tables if not t["builds"]],
                    "tables that do not build, so that what they change is not known",
                ),
            ],
            "minor": [
                (self.came, "terms added"),
                (come, "code mappings added"),
                ([m for m in gone if m not in relied], "code mappings removed"),
                ([c for c in facts if c not in rated], "terms with changed facts"),
                (
                    [t for t in self.tables if t["builds"]],
                    "tables that are not built, and are compared as if they were",
                ),
            ],
            "patch": [(words, "terms with changed words")],
        }
        reasons = {
            size: [f"{text}: {len(things)}" for things, text in rows if things]
            for size, rows in sizes.items()
        }
        return {size: sentences for size, sentences in reasons.items() if sentences}

    @property
    def verdict(self) -> str:
        """The greatest size of change that there is a reason for."""
        return next(iter(self.reasons), "none")

    @property
    def untested(self) -> list[dict]:
        """The terms in force whose facts changed though no answer did: a case is missing."""
        return (
            []
            if self.patients or not self.compared
            else [c for c in self.changed if c["facts"] and c["inForce"]]
        )
