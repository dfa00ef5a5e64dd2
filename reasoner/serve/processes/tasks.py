"""The tasks that a worker process can run over one loaded graph, by name."""

from collections.abc import Callable
from functools import cached_property

from starlette.responses import Response

from reasoner.api import Reasoner
from reasoner.intake.opening import example
from reasoner.serve.cds_hooks import response as hook_response
from reasoner.serve.explorer import record_pages
from reasoner.serve.explorer.pages import environment
from reasoner.serve.json_api import answers
from reasoner.serve.processes.queries import Queries
from reasoner.serve.settings import Settings
from reasoner.serve.snapshot import Snapshot

Task = Callable[[Snapshot, Settings, dict, bytes], Response]
TASKS: dict[str, Task] = {
    "answer": answers.answer,
    "hook": hook_response.answer,
    "drop": record_pages.record_page,
    "form": record_pages.form_page,
    "form-answer": record_pages.form_answer,
}


class Tasks:
    """The tasks over the graph of a snapshot."""

    def __init__(self, settings: dict, number: int):
        self.settings = Settings.plain(settings)
        reasoner = Reasoner(self.settings.ontology, ratings=self.settings.ratings)
        self.snapshot = Snapshot(reasoner, number)
        self.queries = Queries(reasoner.knowledge, self.settings.query_rows)

    def run(self, head: dict, body: bytes) -> Response:
        """The response to a task that a head names."""
        if head["task"] == "query":
            return self.queries.answer(head, body)
        return TASKS[head["task"]](self.snapshot, self.settings, head, body)

    def warm(self) -> None:
        """Loads what is loaded lazily, because a worker cannot open files."""
        knowledge = self.snapshot.reasoner.knowledge
        for part in (knowledge, knowledge.codes, knowledge.subgraphs):
            for name, value in vars(type(part)).items():
                if isinstance(value, cached_property):
                    getattr(part, name)
        environment()
        for media in ("application/fhir+json", "multipart/form-data; boundary=x"):
            record_pages.record_page(self.snapshot, self.settings, {"type": media}, example())
        answers.answer(self.snapshot, self.settings, {"type": "", "on": None}, example())
        for text in ("utf-8", "utf-16", "utf-32", "latin-1", "ascii", "idna", "unicode-escape"):
            "a".encode(text).decode(text)
