#!/usr/bin/env bash
# Collect every package of requirements.lock in wheelhouse/, for a machine without a network:
# copy the project with that folder, and `make` there installs from it alone.
#   PYTHON=/path/to/python3.12 bash scripts/wheelhouse.sh
# Wheels fit one kind of machine: run this on the same system (e.g. WSL on x86-64) and with the
# same Python version as the machine they are for.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
if ! "$python" -m pip --version >/dev/null 2>&1; then
  echo "error: '$python -m pip' does not work; run 'make setup' first, or set PYTHON." >&2
  exit 2
fi

mkdir -p wheelhouse
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --require-hashes -r requirements.lock -d wheelhouse

# What an older lock brought is of no use any more.
"$python" - <<'END'
import re
from pathlib import Path

pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", Path("requirements.lock").read_text(), re.M)
wanted = {(re.sub(r"[-_.]+", "_", name).lower(), version) for name, version in pinned}
kept = []
for wheel in sorted(Path("wheelhouse").glob("*.whl")):
    name, version = wheel.name.split("-")[:2]
    if (re.sub(r"[-_.]+", "_", name).lower(), version) in wanted:
        kept.append(wheel)
    else:
        wheel.unlink()
size = sum(wheel.stat().st_size for wheel in kept) / 1e6
print(f"wheelhouse: {len(kept)} wheels, {size:.0f} MB")
END
