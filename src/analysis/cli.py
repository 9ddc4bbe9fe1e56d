"""Command line: one verb for each thing one does.

Every error a user can mend ends in one sentence on standard error and status 2;
a brief or notebook that failed gives status 1 after everything else was done.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import UserError
from analysis.project import DEFAULT_PARAMS

_MODELS = ("prevalence", "determinants", "review")
#: Commands with arguments of their own; their libraries are loaded only when asked for.
_OTHERS = (
    "analysis.intake.check",
    "analysis.intake.zscores.command",
    "analysis.publish.slides.command",
    "analysis.reference",
    "analysis.start",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    args = _parser(given[0] if given else "").parse_args(given)
    try:
        return int(args.run(args))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; finished files stay, the next run carries on.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Stunting evidence: from raw files to one brief per kecamatan.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _stage_command(commands, "data", "clean the raw files (notebook 1)", ("intake",))
    _stage_command(commands, "models", "estimates, models, review (notebooks 2-4)", _MODELS)
    _reports_command(commands)
    _verify_command(commands)
    if command not in commands.choices:
        for module in _OTHERS:
            importlib.import_module(module).add_parser(commands)
    return parser


def add_params_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument every command shares."""
    parser.add_argument(
        "--params", default=DEFAULT_PARAMS, metavar="FILE", help="params file (%(default)s)"
    )


def _stage_command(commands: object, name: str, help_text: str, stages: tuple[str, ...]) -> None:
    parser = commands.add_parser(name, help=help_text)  # type: ignore[attr-defined]
    add_params_argument(parser)
    parser.add_argument("--quiet", action="store_true", help="print errors only")
    parser.set_defaults(run=_run_stages, stages=stages)


def _reports_command(commands: object) -> None:
    parser = commands.add_parser(  # type: ignore[attr-defined]
        "reports", help="everything up to the briefs and their index"
    )
    add_params_argument(parser)
    parser.add_argument(
        "kecamatan", nargs="*", help="names or codes of areas; all when none is named"
    )
    parser.add_argument("--engine", choices=("auto", "quarto", "pandoc"), default="auto")
    parser.add_argument(
        "--jobs", type=_positive, default=None, metavar="N", help="briefs in hand at once"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="share the briefs out to the workers of this Dask scheduler (same folders there)",
    )
    parser.add_argument("--quiet", action="store_true", help="print errors only")
    parser.set_defaults(run=_run_reports)


def _positive(text: str) -> int:
    """Whole number of at least one."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a number of briefs; at least 1")
    return number


def _verify_command(commands: object) -> None:
    parser = commands.add_parser(  # type: ignore[attr-defined]
        "verify", help="check a shared folder, or that two builds give the same bytes"
    )
    add_params_argument(parser)
    parser.add_argument(
        "manifest", nargs="?", help="manifest.json of a shared folder; builds twice without one"
    )
    parser.set_defaults(run=_run_verify)


def _run_stages(args: argparse.Namespace) -> int:
    from analysis.publish.run import run_stages

    return run_stages(args.params, args.stages, quiet=args.quiet)


def _run_reports(args: argparse.Namespace) -> int:
    from analysis.publish.ahead import head_start

    head_start(args.params)  # before the seconds of imports of what follows
    from analysis.publish.run import run_reports

    return run_reports(
        args.params,
        args.kecamatan,
        engine=args.engine,
        jobs=args.jobs,
        scheduler=args.scheduler,
        quiet=args.quiet,
    )


def _run_verify(args: argparse.Namespace) -> int:
    from analysis.publish import manifest, verify

    if args.manifest:
        differences = manifest.check(Path(args.manifest))
        good = "every file is as it was made"
    else:
        differences = verify.build_twice(args.params)
        good = "two builds, the same bytes"
    print("\n".join(differences) if differences else good)
    return 1 if differences else 0
