# Sourced by the judges that speak to a running server.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)

# Builds the server, unless JUDGE_PROGRAM names one, and starts it on a folder and a port of its own, as a stranger
# would meet it: no development switch. Sets program, server_url, server_key (test, full) and server_data; everything
# is gone when the script ends.
start_server() {
    program=${JUDGE_PROGRAM:-}
    if [[ -z $program ]]; then
        cargo build --quiet --locked --manifest-path "$repository/Cargo.toml" --package mailwright
        program=${CARGO_TARGET_DIR:-$repository/target}/debug/mailwright
    fi
    server_data=$(mktemp -d)
    export MAILWRIGHT_DATA=$server_data/data MAILWRIGHT_LISTEN=127.0.0.1:0 MAILWRIGHT_OPERATOR_LISTEN=127.0.0.1:0 MAILWRIGHT_DEVELOPMENT=false
    export MAILWRIGHT_RATE_LIMIT__PER_MINUTE=0 MAILWRIGHT_RATE_LIMIT__FAILED_PER_MINUTE=0
    export MAILWRIGHT_SANDBOX__STEP_DELAY_MS=0 MAILWRIGHT_LOG=warn
    touch "$server_data/out" "$server_data/log"
    "$program" serve >"$server_data/out" 2>"$server_data/log" &
    server_pid=$!
    trap stop_server EXIT
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        server_key=$(grep -o 'pk_test_[0-9a-zA-Z]*' "$server_data/out" || true)
        [[ -n $server_key ]] && break
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    server_url=$(sed -n 's|.*\(http://[^/]*\)/docs$|\1|p' "$server_data/out")
    if [[ -z $server_key || -z $server_url ]]; then
        cat "$server_data/out" "$server_data/log" >&2
        echo "the server did not start" >&2
        return 1
    fi
    echo "the server answers at $server_url"
}

stop_server() {
    local code=$?
    if ((code != 0)); then
        echo "the last lines of the server's log:" >&2
        tail -n 30 "$server_data/log" >&2
    fi
    kill "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    rm -rf "$server_data"
    exit "$code"
}
