"""`python -m analysis`."""

import gc
import sys

from analysis.cli import main

status = main()
gc.freeze()  # on its way out the interpreter would look through all that is loaded
sys.exit(status)
