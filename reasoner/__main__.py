"""The command `nextstudy`: lists every command, and runs the one that is asked for.

The commands that put a question to the graph (ask, query, show) stand here; each other one is a
module `command.py` in the folder of what it does. The graph is loaded only where a command runs.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from reasoner.cohort import command as cohort
from reasoner.curation import command as curation
from reasoner.curation.working_copy import to_read
from reasoner.diff import command as diff
from reasoner.docs import command as docs
from reasoner.errors import named
from reasoner.graph.imported_ratings import NONE, OWN
from reasoner.serve import command as serve
from reasoner.synth import command as synth
from reasoner.terminal import command_line
from reasoner.terminal.command_line import EXAMPLES, OK, Parser, day
from reasoner.terminal.console import complain, print_lines, read_input, write
from reasoner.validation import command as validation

ONTOLOGY = (
    "the ontology folder, before or after the command; by default that of the checkout around the "
    "working folder, and for a command that only reads, else the one that comes with the program"
)
RATINGS = (
    "the folder of the ratings that were imported, before or after the command; by default the "
    "user's own"
)
NO_RATINGS = "leave out the ratings that were imported"


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 for an answer, 2 for input that cannot be read, 1 for anything else."""
    return command_line.run(parser(), arguments)


def parser() -> argparse.ArgumentParser:
    """The arguments of every command, in the order in which the help lists the commands."""
    top = Parser(
        prog="nextstudy",
        description="The next imaging study for a patient, with the proof.",
        epilog="Decision support for professionals; not a medical device. "
        "Ratings: American College of Radiology, ACR Appropriateness Criteria; "
        "not endorsed by the ACR.",
    )
    top.add_argument(
        "--version", action="store_true", help="print the versions of program and graph"
    )
    top.add_argument("--ontology", type=Path, metavar="DIR", help=ONTOLOGY)
    add_ratings(top)
    top.set_defaults(run=version_or_help(top), ratings=OWN)
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], summary: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.epilog = f"Example: {EXAMPLES[name]}"
        sub.add_argument(
            "--ontology", type=Path, metavar="DIR", default=argparse.SUPPRESS, help=ONTOLOGY
        )
        add_ratings(sub)
        sub.set_defaults(run=run, parser=sub)
        return sub

    summary = "answer for the patient in a FHIR record or a Turtle patient graph"
    add_ask_arguments(command("ask", ask, summary))
    summary = "run a question by name, or a query file"
    add_query_arguments(command("query", query, summary))
    summary = "show all that the graph says of a term"
    add_show_arguments(command("show", show, summary))
    summary = "check a graph, a working copy or Turtle files with all shapes and checks"
    validation.add_arguments(command("validate", validation.run, summary))
    summary = "join a rating table that you are licensed to use to the scenarios that are computed"
    curation.add_import_arguments(command("import", curation.import_ratings, summary))
    summary = "say which imported ratings are loaded, and how they were joined"
    curation.add_ratings_arguments(command("ratings", curation.ratings, summary))
    summary = "serve the SPARQL endpoint, the explorer, CDS Hooks and the JSON API on this machine"
    serve.add_arguments(command("serve", serve.run, summary))
    summary = "answer for a whole population, and judge every imaging order in it"
    cohort.add_arguments(command("cohort", cohort.run, summary), day)
    summary = "make a population of synthetic patients, and what must be answered for each"
    synth.add_arguments(command("synth", synth.run, summary))
    summary = "build the generated documents from the tables"
    curation.add_build_arguments(command("build", curation.build, summary))
    summary = (
        "say what changed between two versions of the graph, and which test patients get a "
        "different answer"
    )
    diff.add_arguments(command("diff", diff.run, summary))
    summary = (
        "make the files of a new topic, or the rows of a new scenario: criteria that do not exist "
        "yet, exclusions, rating rows, and a case"
    )
    curation.add_new_arguments(command("new", curation.new, summary))
    summary = "generate browsable documentation of the graph into a folder"
    docs.add_arguments(command("docs", docs.run, summary))
    summary = "format Turtle files canonically"
    curation.add_fmt_arguments(command("fmt", curation.fmt, summary))
    return top


def add_ratings(command: argparse.ArgumentParser) -> None:
    """Adds the choice of imported ratings."""
    command.add_argument("--ratings", metavar="DIR", default=argparse.SUPPRESS, help=RATINGS)
    command.add_argument(
        "--no-ratings",
        dest="ratings",
        action="store_const",
        const=NONE,
        default=argparse.SUPPRESS,
        help=NO_RATINGS,
    )


def version_or_help(top: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """What runs without a command: it prints the versions when asked, else the help."""

    def run(options: argparse.Namespace) -> int:
        if not options.version:
            top.print_help()
            return OK
        from importlib.metadata import version

        from reasoner.graph.knowledge import load

        knowledge = load(to_read(options.ontology), True, options.ratings)
        editions = ", ".join(map(knowledge.label, knowledge.editions))
        print_lines(f"nextstudy {version('nextstudy')}, graph {knowledge.version}: {editions}")
        return OK

    return run


def add_ask_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of `nextstudy ask`."""
    command.add_argument(
        "file",
        nargs="?",
        help="the record, such as examples/record.json of a checkout; - for standard input; "
        "a bundled example when not given",
    )
    command.add_argument("--format", choices=("text", "json", "markdown", "turtle"), default="text")
    command.add_argument(
        "--on",
        type=day,
        metavar="DATE",
        help="the day of asking, for the patient's age; by default the newest date of the record",
    )
    command.add_argument(
        "--words", metavar="TEXT", help="also list the catalogued scenarios that match these words"
    )
    command.add_argument(
        "--explain", action="store_true", help="print the proof, each step with its source"
    )


def ask(options: argparse.Namespace) -> int:
    """Prints the answer for one record. Raises InputError for one that cannot be read."""
    from reasoner.answer import render
    from reasoner.api import Reasoner
    from reasoner.intake.encoding import taken
    from reasoner.intake.opening import example

    reasoner, name = Reasoner(to_read(options.ontology), ratings=options.ratings), options.file
    with named(name):
        data = example()
        if name is not None:
            with read_input() if name == "-" else Path(name).open("rb") as file:
                data = taken(file)
        reply = reasoner.reply(data, options.on, options.words)
    write(render.FORMATS[options.format](reply, options.explain))
    return OK


def add_query_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of `nextstudy query`."""
    command.add_argument(
        "name",
        nargs="?",
        help="a question, such as why-not-this-study, or a file; without it, the questions are "
        "listed",
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="replace the default of a parameter",
    )
    command.add_argument("--format", choices=("table", "csv", "json"), default="table")


def query(options: argparse.Namespace) -> int:
    """Prints the rows of a question, or the questions that there are.

    Raises InputError for an unknown question or parameter.
    """
    from reasoner.answer import render
    from reasoner.api import Reasoner
    from reasoner.graph import query_files
    from reasoner.graph.parameters import asked_about

    if options.name is None:
        write(render.questions())
        return OK
    question = query_files.question(options.name)
    settings = dict(map(query_files.setting, options.set))
    reasoner = Reasoner(to_read(options.ontology), unfinished=True, ratings=options.ratings)
    rows = reasoner.rows(question, settings)
    parameters = asked_about(reasoner.knowledge, question, settings)
    for parameter in parameters:
        if parameter.remedy:
            complain(f"{parameter.sentence}: {parameter.remedy}")
    write(render.TABLES[options.format](*rows))
    if options.format == "table":
        print_lines(*(parameter.sentence for parameter in parameters))
    return OK


def add_show_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of `nextstudy show`."""
    command.add_argument(
        "term", help="a CURIE such as ia:Schwannoma, a label, or a code such as LOINC:24703-1"
    )


def show(options: argparse.Namespace) -> int:
    """Prints what the graph says of a term. Raises InputError for an unknown one."""
    from reasoner.graph.knowledge import load
    from reasoner.graph.terms import show as describe

    write(describe(load(to_read(options.ontology), True, options.ratings), options.term))
    return OK


if __name__ == "__main__":
    sys.exit(main())
