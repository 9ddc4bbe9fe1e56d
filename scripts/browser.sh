#!/usr/bin/env bash
# Bring what the browser and PDF tests need (Debian's Chromium and poppler-utils), where that is
# allowed: root and apt present. Elsewhere those tests skip and say why.
set -u
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v pdftoppm >/dev/null || missing+=(poppler-utils)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "setup: ${missing[*]} not installed; tests that need them will be skipped"
  exit 0
fi
echo "setup: installing ${missing[*]} for tests"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
  || echo "setup: could not install ${missing[*]}; tests that need them will be skipped"
