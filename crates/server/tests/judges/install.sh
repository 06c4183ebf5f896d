#!/usr/bin/env bash
# Installs the two outside judges of our webhook signatures into this folder: node_modules/ and .venv/.
# Both are ignored by git. A second run with nothing to change does nothing and needs no network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

for program in npm python3 cksum; do
    command -v "$program" >/dev/null || { echo "install.sh: $program is missing" >&2; exit 1; }
done

# A folder is complete when it carries the checksum of the list it was installed from.
complete() { [[ -f "$2/.installed" && "$(<"$2/.installed")" == "$(cksum <"$1")" ]]; }
mark() { cksum <"$1" >"$2/.installed"; }

if ! complete package-lock.json node_modules; then
    npm ci --ignore-scripts --no-audit --no-fund
    mark package-lock.json node_modules
fi

if ! complete requirements.txt .venv; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
    mark requirements.txt .venv
fi

echo "judges ready: standardwebhooks for JavaScript and Python"
