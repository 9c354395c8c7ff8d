#!/usr/bin/env bash
# clang-tidy on one source; what passed is remembered under build/dev/clang-tidy/passed by all that
# it was made of (the preprocessed source with its comments, the checks, the tool), so that a
# `make lint-all` that was broken off goes on where it was.
#
#   tidy_file.sh FILE     run by clang_tidy.sh, which prepares build/dev/clang-tidy
set -euo pipefail
cd "$(dirname "$0")/../.."
file=$1
passed=build/dev/clang-tidy/passed
mkdir -p "$passed"

preprocessed() {
  local command
  command=$(grep -B1 -F "\"file\": \"$PWD/$file\"" build/dev/compile_commands.json |
    sed -n 's/^ *"command": "\(.*\)",$/\1/p' | sed 's/\\"/"/g' | head -n 1)
  (cd build/dev && eval "${command% -o *} -E -C ${command##* -c }")
}

key=$({ clang-tidy-14 --version; cat .clang-tidy "$0"; preprocessed; } | sha256sum | cut -d' ' -f1)
[ -e "$passed/$key" ] && exit 0
clang-tidy-14 -p build/dev/clang-tidy --quiet --extra-arg=-Wthread-safety \
  --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument "$file" \
  2> >(grep -v 'warnings generated\|^Suppressed\|^Use -header-filter' >&2)
touch "$passed/$key"
