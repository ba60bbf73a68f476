"""Starting a part of this program as a process of its own."""

import os
import sys


def environment() -> dict[str, str]:
    """Ours, with which what can be imported here can be there.

    What else it is to know is told on its standard input: secrets are no business of a list of processes.
    """
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
