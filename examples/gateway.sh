#!/bin/sh
# The gateway by curl. Run it beside `python3 -m sandbox run`; elsewhere, say where:
#
#     GATEWAY_URL=https://odoo.example.com GATEWAY_KEY=jrg_sk_... sh examples/gateway.sh
set -eu

connection="$(dirname "$0")/../.sandbox/connection.json"
member() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$connection"; }
url="${GATEWAY_URL:-$(member url)}"
key="${GATEWAY_KEY:-$(member api_key)}"

call() {
    curl --silent --show-error "$url/jsonrpc/2/api" \
        --header "Authorization: Bearer $key" \
        --header "Content-Type: application/json" \
        --data "$1"
    echo
}

# One call, params by name.
call '{"jsonrpc": "2.0", "method": "partner.create_simple", "params": {"name": "Emmy Noether"}, "id": 1}'
# One call, params by position.
call '{"jsonrpc": "2.0", "method": "system.echo", "params": ["hello"], "id": 2}'
# A batch: a call, a notification (not answered), and a call that is refused.
call '[{"jsonrpc": "2.0", "method": "system.version", "id": 1},
       {"jsonrpc": "2.0", "method": "system.echo", "params": ["nobody hears this"]},
       {"jsonrpc": "2.0", "method": "partner.get_info", "params": {"partner_id": "one"}, "id": 3}]'
