#!/usr/bin/env bash
# Build .venv exactly as requirements.lock says. Called by make; safe to run again.
# uv (from the package index) does it in seconds; plain pip does the same when uv cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv
python=${PYTHON:-python3}

say() { printf 'setup: %s\n' "$*"; }

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "error: Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11 and run make again." >&2
  exit 2
fi

if ! "$venv/bin/python" -c '' 2>/dev/null; then
  say "creating $venv"
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" 2>/dev/null; then
    # Debian's python3 comes without venv.
    rm -rf "$venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      say "installing python3-venv"
      apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
      "$python" -m venv "$venv"
    else
      echo "error: 'python3 -m venv' does not work here; run 'sudo apt install python3-venv' and make again." >&2
      exit 2
    fi
  fi
fi

offline=()
if [ -d wheelhouse ]; then
  say "installing from wheelhouse/"
  offline=(--no-index --find-links wheelhouse)
fi

uv_version=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements.lock)
if ! "$venv/bin/uv" --version 2>/dev/null | grep -qF " $uv_version"; then
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${offline[@]}" "uv==$uv_version" 2>/dev/null || true
fi

if "$venv/bin/uv" --version >/dev/null 2>&1; then
  say "installing packages with uv"
  # pip stays: it is the way back when uv cannot be had.
  "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --require-hashes "${offline[@]}" -r requirements.lock
  "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation "${offline[@]}" -e .
else
  say "uv cannot be had; installing packages with pip (slower)"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes "${offline[@]}" -r requirements.lock
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation "${offline[@]}" -e .
fi
cp requirements.lock "$venv/requirements.lock"
say "done"
