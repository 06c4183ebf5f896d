#!/usr/bin/env bash
# schemathesis against the running server: no 5xx, no answer outside the description, in at least 2,000 cases.
# The seed is fixed in schemathesis.toml; options go to schemathesis: ./run.sh --seed 7 --max-examples 500
set -euo pipefail
judge=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../server.sh
source "$judge/../server.sh"
readonly least=2000 longest=600

"$judge/../install.sh" "$judge"
start_server
"$program" partners create --name Other --format json >/dev/null
other=$("$program" keys create --partner Other --environment test --preset full --format json)
export JUDGE_URL=$server_url JUDGE_KEY=$server_key JUDGE_POOLS=$server_data/pools.json
JUDGE_OTHER_KEY=$(grep -o 'pk_test_[0-9a-zA-Z]*' <<<"$other")
export JUDGE_OTHER_KEY SCHEMATHESIS_HOOKS=hooks PYTHONPATH=$judge PYTHONDONTWRITEBYTECODE=1

cd "$judge"
.venv/bin/python seed.py "$server_url" "$server_key" "$JUDGE_POOLS"
.venv/bin/python seed.py "$server_url" "$JUDGE_OTHER_KEY" /dev/null
report=$server_data/report.json
code=0
timeout "$longest" .venv/bin/schemathesis --config-file schemathesis.toml run "$server_url/openapi.json" \
    --report json --report-json-path "$report" --no-color "$@" || code=$?
.venv/bin/python verdict.py "$report" "$least" || code=1
exit "$code"
