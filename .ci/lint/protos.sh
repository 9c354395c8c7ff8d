#!/usr/bin/env bash
# Lints the protos with buf, which package.json pins.
set -euo pipefail
cd "$(dirname "$0")/../.."
want=$(sed -n 's/.*"@bufbuild\/buf": "\(.*\)".*/\1/p' package.json)
if [ "$(node_modules/.bin/buf --version 2>/dev/null)" != "$want" ]; then
  npm install --no-save --ignore-scripts --no-audit --no-fund
fi
node_modules/.bin/buf lint
echo "protos: ok"
