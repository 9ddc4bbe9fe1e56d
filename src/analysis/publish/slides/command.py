"""``python -m analysis slides [AREA …]``: the review meeting's slides."""

from __future__ import annotations

import argparse
import sys

from analysis.project import DEFAULT_PARAMS, load_project


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "slides",
        help="slides for the review meeting (PPTX and PDF)",
        description="Slides of the whole place, and one for each named area.",
    )
    parser.add_argument(
        "--params", default=DEFAULT_PARAMS, metavar="FILE", help="params file (%(default)s)"
    )
    parser.add_argument("areas", nargs="*", metavar="AREA", help="names or codes of areas")
    parser.add_argument("--quiet", action="store_true", help="print errors only")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Bring the stages up to date and write the slides; returns the exit status.

    Raises
    ------
    UserError
        Params or raw files cannot be used, or an area is not in the register.
    """
    from analysis.publish.run import run_stages
    from analysis.publish.slides import deck as slides

    project = load_project(args.params)
    areas = project.areas_named(args.areas)
    if status := run_stages(args.params, ("review",), quiet=args.quiet):
        return status
    files, remarks = slides.make(project, areas)
    for remark in remarks:
        print(f"note: {remark}", file=sys.stderr)
    if not args.quiet:
        print("slides: " + ", ".join(str(file) for file in files))
    return 0
