#!/usr/bin/env bash
# Every page of a running server in a real browser (Chromium): nothing wider than the window, nothing that axe objects to,
# nothing from another host, all of it by keyboard. With a folder as argument it leaves a picture of each page there.
set -euo pipefail
browser=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pictures=${1:+$(realpath -m "$1")}
# shellcheck source=../judges/server.sh
source "$browser/../judges/server.sh"

export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [[ -z $CHROMIUM ]]; then
    echo "install chromium, or name another browser of its kind in CHROMIUM" >&2
    exit 1
fi
"$browser/../judges/install.sh" "$browser"
start_server
node "$browser/visit.mjs" "$server_url" ${pictures:+"$pictures"}
