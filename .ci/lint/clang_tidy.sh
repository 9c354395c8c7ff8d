#!/usr/bin/env bash
# clang-tidy on all sources, or on those that changed since the merge base with the main branch.
#
#   clang_tidy.sh changed|all
#
# Bounded: of the changed ones at most MAX_FILES (default 25), the youngest, are looked at, and the
# rest is left to `make lint-all`. Needs a configured build/dev. Also checks the annotations of locks,
# which GCC does not read.
set -euo pipefail
cd "$(dirname "$0")/../.."
max_files=${MAX_FILES:-25}

base() {
  git merge-base HEAD origin/main 2>/dev/null | grep -v "^$(git rev-parse HEAD)$" ||
    git rev-parse -q --verify HEAD~1 || git rev-list --max-parents=0 HEAD | tail -n 1
}

# One for each compiled source; what is not compiled here (yet) is not looked at.
compiled() {
  sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' build/dev/compile_commands.json | sort -u |
    sed -n "s#^$PWD/##p" | grep -v '^build/'
}

changed() {
  { git diff --name-only --diff-filter=d "$(base)" -- '*.cc'
    git ls-files -o --exclude-standard -- '*.cc'; } | sort -u
}

case "${1:-}" in
  all) mapfile -t files < <(compiled) ;;
  changed)
    mapfile -t files < <(comm -12 <(changed) <(compiled))
    if [ "${#files[@]}" -gt "$max_files" ]; then
      echo "clang-tidy: ${#files[@]} changed; looking at the $max_files youngest (lint-all: at all)"
      # shellcheck disable=SC2012
      mapfile -t files < <(ls -t -- "${files[@]}" | head -n "$max_files" || true)
    fi ;;
  *) echo "usage: clang_tidy.sh changed|all" >&2; exit 2 ;;
esac
if [ "${#files[@]}" = 0 ]; then
  echo "clang-tidy: nothing to look at"
  exit 0
fi

# Generated headers must exist.
cmake --build build/dev --target rollcall_proto rollcall_proto_grpc >/dev/null
echo "clang-tidy: ${#files[@]} files"
# Compiled by GCC: clang cannot read its precompiled header, so it gets the header's text; and
# warnings that only GCC knows are no news for clang.
mkdir -p build/dev/clang-tidy
cp build/dev/proto/CMakeFiles/rollcall_pch.dir/cmake_pch.hxx build/dev/clang-tidy/pch.h
sed "s#-include [^ ]*/cmake_pch.hxx#-include $PWD/build/dev/clang-tidy/pch.h#" \
  build/dev/compile_commands.json > build/dev/clang-tidy/compile_commands.json
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" .ci/lint/tidy_file.sh
echo "clang-tidy: ok"
