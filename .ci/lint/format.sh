#!/usr/bin/env bash
# Fails if a source is not as clang-format would write it; `make format` mends that.
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard -z '*.cc' '*.h' |
  xargs -0 -r clang-format-14 --dry-run -Werror --ferror-limit=1
echo "format: ok"
