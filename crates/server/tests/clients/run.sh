#!/usr/bin/env bash
# Clients made from /openapi.json of a running server, in TypeScript and in Python: they compile under strict rules,
# place an order and read it back until it is completed.
set -euo pipefail
clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../judges/server.sh
source "$clients/../judges/server.sh"

"$clients/../judges/install.sh" "$clients/typescript"
"$clients/../judges/install.sh" "$clients/python"
start_server

cd "$clients/typescript"
rm -rf out schema.ts
node_modules/.bin/openapi-typescript "$server_url/openapi.json" --default-non-nullable false --output schema.ts >/dev/null
node_modules/.bin/tsc --project tsconfig.json
node out/order.js "$server_url" "$server_key"

cd "$clients/python"
rm -rf client
PATH=$PWD/.venv/bin:$PATH openapi-python-client generate --url "$server_url/openapi.json" --meta none --output-path client/partner_api_client \
    --fail-on-warning
.venv/bin/mypy order.py client
PYTHONPATH=client PYTHONDONTWRITEBYTECODE=1 .venv/bin/python order.py "$server_url" "$server_key"
