#!/usr/bin/env bash
# Lints openapi.json, or another description: ./lint.sh FILE. A warning is a failure.
set -euo pipefail
judge=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
description=$(realpath "${1:-$judge/../../../../../openapi.json}")

"$judge/../install.sh" "$judge"
cd "$judge"
export REDOCLY_TELEMETRY=off
node_modules/.bin/redocly lint "$description" --config redocly.yaml --max-problems 1000
