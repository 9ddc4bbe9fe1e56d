"""Loaded by a Dask worker of the tests: it makes briefs of the small project."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tiny

tiny.stand_in()
