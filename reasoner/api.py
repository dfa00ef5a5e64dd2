"""Ask: a record in, an answer out. The door that every other door opens."""

from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any, cast

from reasoner.answer import dataframe as frames
from reasoner.answer.cache.answer_cache import REMEMBERED, Memory
from reasoner.answer.proof_steps import Explanation
from reasoner.answer.reply import Reply, replied
from reasoner.answer.types import JsonAnswer, WhatIf
from reasoner.answer.what_if import Parts, what_if
from reasoner.errors import InputError
from reasoner.graph import query_files as queries
from reasoner.graph.imported_ratings import OWN
from reasoner.graph.lookup import find
from reasoner.graph.query_files import Query
from reasoner.intake.load import load
from reasoner.names import curie

Data = Path | bytes | dict[str, Any] | list[Any]


class Reasoner:
    """The knowledge, loaded once, and the questions it answers.

    A record is a `Path` to a file, bytes (FHIR R4 JSON, NDJSON, a CDS Hooks request or Turtle) or
    parsed JSON; text is none, so that no string of somebody's JSON opens a file. `on` is the day of
    asking, for the age in years; by default the newest date of the record. `unfinished` admits a
    graph with texts that begin with FILL IN, which is for curators and answers for no patient.
    `ratings` is the folder of imported ratings, by default the user's own; None leaves them out.
    """

    def __init__(
        self,
        ontology: Path | None = None,
        memory: int = REMEMBERED,
        unfinished: bool = False,
        ratings: "str | PathLike[str] | None" = OWN,
    ):
        self.knowledge = load(ontology, unfinished, ratings)
        self.memory = Memory(self.knowledge, memory)

    def reply(self, data: Data, on: date | None = None, words: str | None = None) -> Reply:
        """The reply to a record: the answer, and on demand its proofs.

        `words` also looks up catalogued scenarios. Raises InputError for what cannot be read,
        ContradictionError for a record that contradicts itself.
        """
        return replied(self.memory, data, on, words)

    def ask(self, data: Data, on: date | None = None) -> JsonAnswer:
        """The answer to a record as JSON data in the form of `answer.schema.json`.

        Raises what `reply` raises.
        """
        return cast(JsonAnswer, self.reply(data, on).answer)

    def explain(self, data: Data, on: date | None = None) -> Explanation:
        """The proofs behind the answer to a record: lines to read, each step once with its number.

        `presentations` of it are the same steps as data. Raises what `reply` raises.
        """
        reply = self.reply(data, on)
        return Explanation(reply.answer["presentations"], reply.proofs)

    def what_if(self, data: Data, on: date | None = None) -> list[WhatIf]:
        """What would change the answer to a record, for each fact that may turn out.

        Each is `{presentation, if, about, criterion, changes}`. `changes` are sentences, none when
        nothing would change; for each presentation, facts that change something come first. Raises
        what `reply` raises.
        """
        reply = self.reply(data, on)
        parts, answered = Parts(reply.record), reply.answer["presentations"]
        rows = [
            {"presentation": before["id"], **row}
            for iri, before in zip(reply.record.presentations, answered, strict=True)
            for row in what_if(self.memory, parts, iri, before)
        ]
        return cast(list[WhatIf], rows)

    def query(self, name: str | Path, **parameters: str) -> "frames.DataFrame":
        """The rows of a question of `queries/questions/` by its stem, or of a query file.

        They are a pandas table, one column a variable: Int64, Float64, boolean or str (object in
        pandas before 3), IRIs as CURIEs. A parameter is a CURIE such as `ia:Thigh`, an IRI or a
        label. Raises InputError for an unknown question, parameter or term, with the nearest name,
        and where pandas is not installed.
        """
        return frames.frame(*self.rows(queries.question(name), parameters))

    def rows(self, question: Query, parameters: dict[str, str]) -> tuple[list[str], list[list]]:
        """The variable names and the rows, as Oxigraph terms, of a question.

        Parameters are CURIEs, IRIs, labels or codes. Raises InputError for a parameter, a term or
        a query that does not fit, before anything that the query names outside of the graph is
        asked or read.
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
