#!/usr/bin/env bash
# Installs what the lists of a folder name: package-lock.json into its node_modules/, requirements.txt into its .venv/.
# Without a folder: this one, with the two outside judges of our webhook signatures. What is installed is ignored by
# git. A second run with nothing to change does nothing and needs no network.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")}"

have() { command -v "$1" >/dev/null || { echo "install.sh: $1 is missing" >&2; exit 1; }; }

# A folder is complete when it carries the checksum of the list it was installed from.
complete() { [[ -f "$2/.installed" && "$(<"$2/.installed")" == "$(cksum <"$1")" ]]; }
mark() { cksum <"$1" >"$2/.installed"; }

have cksum

if [[ -f package-lock.json ]] && ! complete package-lock.json node_modules; then
    have npm
    npm ci --ignore-scripts --prefer-offline --no-audit --no-fund
    mark package-lock.json node_modules
fi

if [[ -f requirements.txt ]] && ! complete requirements.txt .venv; then
    have python3
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
    mark requirements.txt .venv
fi

echo "ready: $(basename "$PWD")"
