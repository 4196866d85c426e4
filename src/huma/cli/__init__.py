"""The command line: one sub-command a file. Nothing heavy is imported before it is known which one is meant."""

from __future__ import annotations


def main(argv: list[str] | None = None) -> int:
    """Run the command line, and give its exit code (docs/reference/exit-codes.md)."""
    from huma.cli.app import run

    return run(argv)
