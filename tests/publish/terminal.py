"""A run of the small project on a terminal, as a program of its own: `python terminal.py ROOT`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tiny

if __name__ == "__main__":
    tiny.stand_in()
    sys.exit(tiny.reports(Path(sys.argv[1]), *sys.argv[2:]))
