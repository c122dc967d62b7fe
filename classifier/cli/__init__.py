"""The command `classify`: picks the sub-command, imports only its module, turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from classifier.cli.exit_codes import DATA, INTERRUPTED, IO_ERROR, NO_INPUT, OK, PIPE_CLOSED, UNAVAILABLE
from classifier.cli.parser import DESCRIPTION, EPILOG, Parser
from classifier.errors import ClassifierError, InputError, MissingExtraError, ModelNotFoundError, UnavailableError

DEFAULT = "score"
BUILT_IN = {name: f"classifier.cli.{name}" for name in ("score", "clean", "filter", "explain", "serve", "model")}
GROUP = "spillway.commands"
"""Entry-point group through which other packages (`training`) add sub-commands: modules made like those here."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and give back its exit code (sysexits for what goes wrong)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        return code
    except ClassifierError as error:
        print(f"classify: {error}", file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _write_no_more()
        return PIPE_CLOSED
    except OSError as error:  # files that cannot be read are told where they are read
        _write_no_more()
        print(f"classify: the output cannot be written: {error.strerror or error}", file=sys.stderr)
        return IO_ERROR


def _write_no_more() -> None:
    """Have what is left in the buffer of standard output go nowhere, as Python would try to write it once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        print(_overview())
        return OK
    if arguments[:1] == ["--version"]:
        print(_version())
        return OK
    name = arguments.pop(0) if arguments and _is_command(arguments[0]) else DEFAULT
    command = _load(name)
    parser = Parser(prog=f"classify {name}", description=command.HELP, epilog=command.EXAMPLES)
    command.add_arguments(parser)
    try:
        parsed = parser.parse_args(arguments)
    except SystemExit as stop:  # argparse ends --help and usage errors this way
        return int(stop.code or OK)
    code: int = command.run(parsed)
    return code


def _is_command(word: str) -> bool:
    return word in BUILT_IN or (word.isidentifier() and word in _added())


def _added() -> dict[str, str]:
    from importlib.metadata import entry_points  # slow, and few commands are added

    return {point.name: point.value for point in entry_points(group=GROUP)}


def _load(name: str) -> ModuleType:
    return import_module(BUILT_IN[name] if name in BUILT_IN else _added()[name])


def _overview() -> str:
    names = [*BUILT_IN, *sorted(_added())]
    lines = "\n".join(f"  {name:<10}{_load(name).HELP.splitlines()[0]}" for name in names)
    return f"{DESCRIPTION}\n\ncommands:\n{lines}\n\n{EPILOG}"


def _version() -> str:
    from classifier import __version__, scoring, store

    models = ", ".join(store.shipped()) or "none"
    return f"spillway {__version__} (scoring loop: {scoring.LOOP}; models: {models})"


def _exit_code(error: ClassifierError) -> int:
    for kind, code in (
        (ModelNotFoundError, NO_INPUT),
        (MissingExtraError, UNAVAILABLE),
        (UnavailableError, UNAVAILABLE),
        (InputError, DATA),
    ):
        if isinstance(error, kind):
            return code
    return DATA
