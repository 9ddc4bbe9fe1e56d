"""From notebooks to the shared folder: execution, rendering, index, manifest."""

import sys

# At import jsonschema, which nbformat needs, builds a grammar of international addresses, a
# second of work, when it finds this package; no notebook has a use for it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
