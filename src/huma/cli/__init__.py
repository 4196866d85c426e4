"""The command line: one sub-command a file."""


def main() -> None:
    """Run the command line."""
