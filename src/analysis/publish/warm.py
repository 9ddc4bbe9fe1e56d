"""What a warm kernel has loaded before it is forked.

Imported by the fork server only. Whatever is listed here costs its import once
per run instead of once per notebook.
"""

import importlib

for module in (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.interactiveshell",
    "IPython.core.oinspect",
    "IPython.display",
    "ipykernel.kernelapp",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "pandas",
    "pyarrow.parquet",
    "scipy.stats",
    "statsmodels.api",
    "seaborn",
    "babel.numbers",
    "babel.dates",
    "analysis.artefacts",
    "analysis.project",
    "analysis.brief.content",
):
    try:
        importlib.import_module(module)
    except ImportError:  # a kernel without it still runs, it only starts colder
        continue
