# Shorthands for daily work. `.ci/run` is what a change must pass.

judges_dir := "crates/server/tests/judges"

# Show this list
default:
    @just --list

# Compile the server
build:
    cargo build --locked

# Play the whole story in the sandbox: order, progress, webhooks, summary
demo *args:
    cargo run --locked -- demo {{ args }}

# Run the server on ./data
serve *args:
    cargo run --locked -- serve {{ args }}

# Run every test; PostgreSQL and the webhook judges take part when they are installed
test *args:
    cargo test --workspace --locked {{ args }}

# Check the format and the lints; every warning is a failure
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Write the golden files (OpenAPI, tables in docs, default configuration) anew; read the diff before you commit it
docs:
    UPDATE_GOLDEN=1 cargo test --workspace --locked

# Measure orders, reads, claims and deliveries beside what the machine does bare; --check fails below a floor, --quick is rougher, --only, --deliveries and --million measure a part
bench *args:
    cargo bench --package mailwright --bench orders --locked -- {{ args }}

# Measure every list with every filter among a thousand and a million orders; --check fails above 1.5 times as slow
bench-lists *args:
    cargo bench --package mailwright --bench lists --locked -- {{ args }}

# Measure another partner's worst write while floods go on; --check fails above ten times its quiet one, or a second
bench-floods *args:
    cargo bench --package mailwright --bench floods --locked -- {{ args }}

# Measure the name server beside Knot and PowerDNS with the same zones; --check fails below half of Knot, --zones says how many
bench-dns *args:
    cargo bench --package edge --bench dns --locked -- {{ args }}

# Measure the redirect server beside nginx; --check fails below half of nginx, --sites says how many
bench-redirect *args:
    cargo bench --package edge --bench redirect --locked -- {{ args }}

# Make two orders of 500 domains at Cloudflare's double, and link 1,000 inboxes at Smartlead's, on the test clock; fails above 1.1 times what the published limits allow
bench-limit:
    cargo test --package mailwright --test stories --locked -- --include-ignored --nocapture live::paced live::many

# Have an adapter buy a name in its vendor's own sandbox: of each vendor whose LIVE_… variables are set (see CONTRIBUTING)
live *args:
    cargo test --package providers --test live --locked -- --ignored --nocapture {{ args }}

# Fill a data folder with a million orders and five million domains: `just seed ./seeded`
seed folder *args:
    cargo bench --package mailwright --bench lists --locked -- --seed {{ folder }} {{ args }}

# Install the official webhook libraries that check our signatures, and the clients of Cloudflare and Instantly
judges:
    {{ judges_dir }}/install.sh
    {{ judges_dir }}/install.sh crates/providers/tests/judges/cloudflare
    {{ judges_dir }}/install.sh crates/providers/tests/judges/instantly
    {{ judges_dir }}/install.sh crates/providers/tests/judges/google
    {{ judges_dir }}/install.sh crates/providers/tests/judges/microsoft
    crates/providers/tests/judges/install.sh

# Lint openapi.json with Redocly; a warning is a failure
lint-api *args:
    {{ judges_dir }}/description/lint.sh {{ args }}

# Have schemathesis try thousands of requests on a running server; options are its own: --seed 7 --max-examples 500
fuzz-api *args:
    {{ judges_dir }}/fuzz/run.sh {{ args }}

# Make clients from /openapi.json in TypeScript and Python, and buy something with each
clients:
    crates/server/tests/clients/run.sh

# Open every page in Chromium: widths, themes, keyboard, axe; with a folder it leaves a picture of each page there
browser *args:
    crates/server/tests/browser/run.sh {{ args }}

# Do what the build server does
ci:
    .ci/run
