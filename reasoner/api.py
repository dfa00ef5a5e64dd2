"""Ask: a record in, an answer out. The door that every other door opens."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from os import PathLike
from pathlib import Path

from reasoner.answer import catalogued as catalogue
from reasoner.answer import dataframe as frames
from reasoner.answer import render
from reasoner.answer.cache.answer_cache import REMEMBERED, Memory
from reasoner.answer.proof_steps import Explanation, Proof, proof
from reasoner.answer.what_if import Parts, what_if
from reasoner.errors import InputError
from reasoner.graph import knowledge as graph
from reasoner.graph import query_files as queries
from reasoner.graph.index import Facts
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.lookup import find
from reasoner.graph.query_files import Query
from reasoner.graph.store import Statement, serialize
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.inference.proof import Proofs, resource
from reasoner.inference.rules import derive, index
from reasoner.intake import Record, read
from reasoner.intake.bundle import unicode
from reasoner.intake.encoding import plain, taken
from reasoner.names import curie, home
from reasoner.terminal.console import Screen


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
    def proofs(self) -> list[Proof]:
        """The proof of each presentation of the answer, in its order."""
        premises = Proofs(self.knowledge, self.record.statements, self.facts)
        iris = {resource(p): p for p in reversed(self.record.presentations)}
        return [proof(premises, iris[p["id"]], p) for p in self.answer["presentations"]]

    @property
    def explained(self) -> dict:
        """The answer with its proofs: `steps` and `sources` of each presentation, and at each
        conclusion in it the number of its step.
        """
        presentations = zip(self.proofs, self.answer["presentations"], strict=True)
        return {**self.answer, "presentations": [proof.named(p) for proof, p in presentations]}

    def text(self, explain: bool = False) -> str:
        """The answer in words, headline first, without colors and not wrapped; with `explain`, the
        proofs too.
        """
        return render.laid_out(self, explain, Screen())

    def markdown(self, explain: bool = False) -> str:
        """The answer as Markdown, which a notebook shows for a reply; with `explain`, the proofs
        too.
        """
        return render.as_markdown(self, explain)

    __str__ = __repr__ = text
    _repr_markdown_ = markdown

    def turtle(self) -> bytes:
        """The graph of the record and its conclusions, in canonical Turtle."""
        return format_turtle(serialize(self.record.statements + self.conclusions, WELL_KNOWN))


class Reasoner:
    """The knowledge, loaded once, and the questions it answers.

    A record is a `Path` to a file, bytes (FHIR R4 JSON, NDJSON, a CDS Hooks request or Turtle) or parsed JSON; text is none, so that no
    string of somebody's JSON opens a file. `on` is the day of asking, for the age in years; by default the newest date of the record.
    `unfinished` admits a graph with texts that begin with FILL IN, which is for curators and
    answers for no patient.
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
        return Reply(
            self.knowledge, record, {**answer, "catalogued": found} if found or words else answer
        )

    def ask(self, data, on: date | None = None) -> dict:
        """The answer to a record as JSON data in the form of `answer.schema.json`; raises what `reply` raises."""
        return self.reply(data, on).answer

    def explain(self, data, on: date | None = None) -> Explanation:
        """The proofs behind the answer to a record: lines to read, each step once with its number.

        `presentations` of it are the same steps as data. Raises what `reply` raises.
        """
        reply = self.reply(data, on)
        return Explanation(reply.answer["presentations"], reply.proofs)

    def what_if(self, data, on: date | None = None) -> list[dict]:
        """What would change the answer to a record: `{presentation, if, about, criterion, changes}` for each fact that may turn out.

        `changes` are sentences, none when nothing would change; for each presentation, facts that change something come first.
        Raises what `reply` raises.
        """
        reply = self.reply(data, on)
        parts, answered = Parts(reply.record), reply.answer["presentations"]
        return [
            {"presentation": before["id"], **row}
            for iri, before in zip(reply.record.presentations, answered, strict=True)
            for row in what_if(self.memory, parts, iri, before)
        ]

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
                raise InputError(
                    f"parameter {name}",
                    f"{value!r} is not a term",
                    "Write a CURIE such as ia:Thigh, or an IRI.",
                )
            terms[name] = (
                value if value.startswith(("http", "<")) else curie(find(self.knowledge, value))
            )
        text = question.with_values(**terms)
        queries.admit(question.name, text)
        try:
            return self.knowledge.store.select(text)
        except SyntaxError as error:
            raise queries.explained(question.name, text, str(error)) from None
        except (RuntimeError, UnicodeError) as error:
            message = f"the query cannot be answered: {str(error).strip().rstrip('.')}"
            raise InputError(question.name, message, "Mend the query there.") from None


def opened(data):
    """A record to read: the bytes of the file for a path, else what was given.

    Bytes are decompressed and have no byte order mark. Raises InputError for text, for JSON that
    holds half a character, and for a file that does not open or is damaged.
    """
    if isinstance(data, str):
        raise InputError(
            "record", "a text is no record", "Give a pathlib.Path to a file, bytes, or parsed JSON."
        )
    if isinstance(data, (dict, list)):
        unicode(data)
    try:
        if isinstance(data, PathLike):
            with Path(data).open("rb") as file:
                data = taken(file)
    except OSError as error:
        raise InputError(
            str(data),
            f"the file cannot be read: {error.strerror}",
            "Check the path and its permissions.",
        ) from None
    return plain(data) if isinstance(data, bytes) else data


def example() -> bytes:
    """A bundled record: a deep thigh mass that radiograph and ultrasound did not settle."""
    return (home() / "examples" / "record.json").read_bytes()
