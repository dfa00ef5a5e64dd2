"""Ask: a record in, an answer out. The door that every other door opens."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from os import PathLike
from pathlib import Path

from reasoner import catalogue, frames, queries
from reasoner import knowledge as graph
from reasoner.derive import derive, index
from reasoner.errors import InputError
from reasoner.explain import Proofs, Step, resource
from reasoner.facts import Facts
from reasoner.intake import Record, read
from reasoner.intake.bundle import unicode
from reasoner.intake.encoding import plain, taken
from reasoner.knowledge import Knowledge
from reasoner.memory import REMEMBERED, Memory
from reasoner.names import curie, ia
from reasoner.queries import Query
from reasoner.show import find
from reasoner.store import Statement, serialize
from reasoner.turtle import WELL_KNOWN, format_turtle
from reasoner.what_if import Parts, what_if


@dataclass
class Reply:
    """An answer, and on demand the conclusions and proofs behind it."""

    knowledge: Knowledge
    record: Record
    answer: dict

    @cached_property
    def conclusions(self) -> list[Statement]:
        """What follows for the record, in its own names."""
        return derive(self.knowledge, self.record.statements)

    @cached_property
    def facts(self) -> Facts:
        """The record and its conclusions, indexed."""
        return index(self.record.statements + self.conclusions)

    @cached_property
    def _proofs(self) -> Proofs:
        """The proofs in the conclusions."""
        return Proofs(self.knowledge, self.record.statements, self.facts)

    @cached_property
    def _presented(self) -> dict[str, tuple[str, dict]]:
        """The IRI of each presentation, and its part of the answer, by its id."""
        shown = {p["id"]: p for p in reversed(self.answer["presentations"])}
        return {resource(p): (p, shown[resource(p)]) for p in reversed(self.record.presentations)}

    def proofs(self, presentation: str) -> list[Step]:
        """The proofs of a presentation (by its id in the answer): recommendations as ranked, then flags, alerts, steps."""
        proofs, (node, shown) = self._proofs, self._presented[presentation]
        ranks = {(r["scenario"], r["generic"]): r["rank"] for r in shown["recommendations"]}
        curies = lambda n: tuple(curie(self.facts.value(n, ia(p)) or "") for p in ("ofScenario", "recommends"))
        return [proofs.proof(n) for n in sorted(proofs.of(node), key=lambda n: (ranks.get(curies(n), len(ranks) + 1), n))]

    def turtle(self) -> bytes:
        """The graph of the record and its conclusions, in canonical Turtle."""
        return format_turtle(serialize(self.record.statements + self.conclusions, WELL_KNOWN))


class Reasoner:
    """The knowledge, loaded once, and the questions it answers.

    A record is a `Path` to a file, bytes (FHIR R4 JSON, NDJSON, a CDS Hooks request or Turtle) or parsed JSON; text is none, so that no
    string of somebody's JSON opens a file. `on` is the day of asking, for the age in years; by default the newest date of the record.
    `unfinished` admits a graph with texts that begin with FILL IN, which is for curators and answers for no patient.
    """

    def __init__(
        self, ontology: Path | None = None, memory: int = REMEMBERED, unfinished: bool = False
    ):
        self.knowledge = graph.load(ontology, unfinished)
        self.memory = Memory(self.knowledge, memory)

    def reply(self, data, on: date | None = None, words: str | None = None) -> Reply:
        """The reply to a record: the answer, and on demand its proofs; `words` also looks up catalogued scenarios.

        Raises InputError for what cannot be read, ContradictionError for a record that contradicts itself.
        """
        data = opened(data)
        record = read(self.knowledge, data, on)
        answer = self.memory.answer(record)
        found = catalogue.matches(self.knowledge, data, answer, words)
        return Reply(self.knowledge, record, {**answer, "catalogued": found} if found or words else answer)

    def ask(self, data, on: date | None = None) -> dict:
        """The answer to a record as JSON data in the form of `answer.schema.json`; raises what `reply` raises."""
        return self.reply(data, on).answer

    def explain(self, data, on: date | None = None) -> list[str]:
        """The proofs behind the answer to a record, as lines: the id of each presentation, then its steps, indented by two blanks a level.

        Each step ends with where it is stated, in brackets. Raises what `reply` raises.
        """
        reply = self.reply(data, on)
        return [line for p in reply.answer["presentations"] for line in (p["id"], *(line for step in reply.proofs(p["id"]) for line in step.lines()))]

    def what_if(self, data, on: date | None = None) -> list[dict]:
        """What would change the answer to a record: `{presentation, if, about, criterion, changes}` for each fact that may turn out.

        `changes` are sentences, none when nothing would change; for each presentation, facts that change something come first.
        Raises what `reply` raises.
        """
        reply = self.reply(data, on)
        parts, answered = Parts(reply.record), reply.answer["presentations"]
        return [{"presentation": before["id"], **row}
                for iri, before in zip(reply.record.presentations, answered, strict=True)
                for row in what_if(self.memory, parts, iri, before)]

    def query(self, name: str | Path, **parameters: str) -> "frames.DataFrame":
        """The rows of a question of `queries/questions/` by its stem, or of a query file, as a pandas table: one column a variable.

        A parameter is a CURIE such as `ia:Thigh`, an IRI or a label. Columns are Int64, Float64,
        boolean or str (object in pandas before 3), IRIs as CURIEs.
        Raises InputError for an unknown question, parameter or term, with the nearest name, and where pandas is not installed.
        """
        return frames.frame(*self.rows(queries.question(name), parameters))

    def rows(self, question: Query, parameters: dict[str, str]) -> tuple[list[str], list[list]]:
        """The variable names and the rows, as Oxigraph terms, of a question; parameters by CURIE, IRI, label or code.

        Raises InputError for a parameter, a term or a query that does not fit, before anything
        that the query names outside of the graph is asked or read.
        """
        terms = {}
        for name, value in parameters.items():
            question.expect(name)
            if not isinstance(value, str):
                raise InputError(f"parameter {name}", f"{value!r} is not a term", "Write a CURIE such as ia:Thigh, or an IRI.")
            terms[name] = value if value.startswith(("http", "<")) else curie(find(self.knowledge, value))
        text = question.with_values(**terms)
        queries.admit(question.name, text)
        try:
            return self.knowledge.store.select(text)
        except SyntaxError as error:
            raise InputError(question.name, f"the query cannot be run: {str(error).strip()}", "Mend the syntax there.") from None
        except (RuntimeError, UnicodeError) as error:
            message = f"the query cannot be answered: {str(error).strip().rstrip('.')}"
            raise InputError(question.name, message, "Mend the query there.") from None


def opened(data):
    """A record to read: the bytes of the file for a path, else what was given.

    Bytes are decompressed and have no byte order mark. Raises InputError for text, for JSON that
    holds half a character, and for a file that does not open or is damaged.
    """
    if isinstance(data, str):
        raise InputError("record", "a text is no record", "Give a pathlib.Path to a file, bytes, or parsed JSON.")
    if isinstance(data, (dict, list)):
        unicode(data)
    try:
        if isinstance(data, PathLike):
            with Path(data).open("rb") as file:
                data = taken(file)
    except OSError as error:
        raise InputError(str(data), f"the file cannot be read: {error.strerror}", "Check the path and its permissions.") from None
    return plain(data) if isinstance(data, bytes) else data


def example() -> bytes:
    """A bundled record: a deep thigh mass that radiograph and ultrasound did not settle."""
    return (Path(__file__).parent / "example.json").read_bytes()
