"""The command `nextstudy`: parses arguments, prints results, and turns errors into exit codes."""

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from reasoner.errors import InputError, NextstudyError

OK, FAILED, BAD_INPUT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 for an answer, 2 for input that cannot be read, 1 for anything else."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except NextstudyError as error:
        print(f"nextstudy: {error}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"nextstudy: {error.filename or 'file'}: {error.strerror}. Check the path and its permissions.", file=sys.stderr)
        return BAD_INPUT if isinstance(error, FileNotFoundError | IsADirectoryError | PermissionError) else FAILED


def parser() -> argparse.ArgumentParser:
    """The arguments of every command."""
    top = argparse.ArgumentParser(prog="nextstudy", description="The next imaging study for a patient, with the proof.",
                                  epilog="Decision support for professionals; not a medical device. Ratings: American College of Radiology, ACR Appropriateness Criteria; not endorsed by the ACR.")
    top.add_argument("--version", action="store_true", help="print the versions of program and graph")
    top.set_defaults(run=version_or_help(top))
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, run: Callable, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        return sub

    sub = command("ask", ask, "answer for the patient in a FHIR record or a Turtle patient graph")
    sub.add_argument("file", nargs="?", help="the record; - for standard input; a bundled example when not given")
    sub.add_argument("--format", choices=("text", "json", "markdown", "turtle"), default="text")
    sub.add_argument("--on", type=day, metavar="DATE", help="the day of asking, for the patient's age; by default the newest date of the record")
    sub.add_argument("--explain", action="store_true", help="print the proof, each step with its source")
    sub = command("query", query, "run a question by name, or a query file")
    sub.add_argument("name", nargs="?", help="a question, such as why-not-this-study, or a file; without it, the questions are listed")
    sub.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="replace the default of a parameter")
    sub.add_argument("--format", choices=("table", "csv", "json"), default="table")
    sub = command("show", show, "show all that the graph says of a term")
    sub.add_argument("term", help="a CURIE such as ia:Schwannoma, a label, or a code such as LOINC:24703-1")
    sub = command("build", build, "build generated/*.ttl from tables/*.csv")
    sub.add_argument("ontology", nargs="?", type=Path, help="the ontology folder; by default the one of this checkout")
    sub = command("fmt", fmt, "format Turtle files canonically")
    sub.add_argument("paths", nargs="*", type=Path, help="files or folders; by default the ontology of this checkout")
    sub.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file is not formatted")
    return top


def day(text: str) -> date:
    """A date argument."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-22") from None


def version_or_help(top: argparse.ArgumentParser) -> Callable:
    """What to do without a command."""
    def run(options) -> int:
        if not options.version:
            top.print_help()
            return OK
        from importlib.metadata import version

        from reasoner.knowledge import load
        knowledge = load()
        print(f"nextstudy {version('nextstudy')}, graph {knowledge.version}: {', '.join(map(knowledge.label, knowledge.editions))}")
        return OK
    return run


def ask(options) -> int:
    """Answers for one record."""
    from reasoner import render
    from reasoner.ask import Reasoner, example
    data = example() if options.file is None else sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    reply = Reasoner().reply(data, options.on)
    render.write(render.FORMATS[options.format](reply, options.explain))
    return OK


def query(options) -> int:
    """Runs a question."""
    from reasoner import queries, render
    from reasoner.knowledge import load
    from reasoner.names import curie
    from reasoner.show import find
    if options.name is None:
        render.write(render.questions())
        return OK
    path = Path(options.name)
    if options.name in queries.names("questions"):
        found = queries.named("questions", options.name)
    elif path.is_file():
        found = queries.read(path)
    else:
        raise InputError(options.name, "there is no such question or file", queries.nearest(options.name))
    knowledge = load()
    settings = {name: value if value.startswith(("http", "<")) else curie(find(knowledge, value)) for name, value in map(queries.setting, options.set)}
    names, rows = knowledge.store.select(found.with_values(**settings))
    render.write(render.TABLES[options.format](names, rows))
    return OK


def show(options) -> int:
    """Shows a term."""
    from reasoner.knowledge import load
    from reasoner.render import write
    from reasoner.show import show as describe
    write(describe(load(), options.term))
    return OK


def build(options) -> int:
    """Builds the generated documents."""
    from reasoner.build import build as build_all
    from reasoner.names import home
    changed = build_all(options.ontology or home() / "ontology")
    print("\n".join(f"wrote {path}" for path in changed) or "nothing changed")
    return OK


def fmt(options) -> int:
    """Formats Turtle files."""
    from reasoner.names import home
    from reasoner.turtle import format_file, turtle_files
    changed = [path for path in turtle_files(options.paths or [home() / "ontology"]) if format_file(path, check=options.check)]
    print("\n".join(f"{'would format' if options.check else 'formatted'} {path}" for path in changed) or "every file is formatted")
    return FAILED if options.check and changed else OK


if __name__ == "__main__":
    sys.exit(main())
