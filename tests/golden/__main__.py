"""Write the golden files of new event types and versions: `python -m tests.golden`. Existing ones are never touched."""

from tests.golden import bytes_of, path_of
from tests.golden.examples import EVENTS


def main() -> None:
    """Write what is missing, and say so."""
    for event in EVENTS:
        path = path_of(event)
        if path.exists():
            continue
        with path.open("xb") as file:
            file.write(bytes_of(event))
        print(f"wrote {path.name}")  # noqa: T201 - a script for people


if __name__ == "__main__":
    main()
