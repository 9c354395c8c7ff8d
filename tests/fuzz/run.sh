#!/usr/bin/env bash
# Runs the fuzzers of build/fuzz, one after another, a line for each, and a summary.
#
#   tests/fuzz/run.sh [--seconds N] [--merge] [WHAT…]
#
# WHAT is a target's name (`records` for fuzz_records.cc); none: all. Inputs that reach something new are
# kept in build/fuzz/corpus/WHAT and tried first the next time. --merge does not fuzz: it writes the
# smallest set of kept inputs that reaches as much into tests/fuzz/corpus/WHAT. An input that breaks a
# promise is put into tests/fuzz/crashes/WHAT, where `make test` replays it; exit 1.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly PROGRAMS=build/fuzz/fuzzers
seconds=60
merge=
targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift 2 ;;
    --merge) merge=1; shift ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "run.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
    *) targets+=("$1"); shift ;;
  esac
done
if [ "${#targets[@]}" = 0 ]; then
  for source in tests/fuzz/fuzz_*.cc; do
    name=${source##*/fuzz_}
    targets+=("${name%.cc}")
  done
fi
for what in "${targets[@]}"; do
  [ -x "$PROGRAMS/fuzz_$what" ] || {
    echo "run.sh: there is no $PROGRAMS/fuzz_$what; make fuzz builds what tests/fuzz holds" >&2
    exit 2
  }
done

# Leaks count; so does what only looks undefined. The programs stop at the first finding.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# An input of 16 KiB holds whatever these formats can do wrong; the largest message is 4 MiB.
readonly COMMON=(-max_len=16384 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1)

minimise() {  # what
  local kept=build/fuzz/corpus/$1 fresh
  fresh=$(mktemp -d)
  mkdir -p "$kept"
  "$PROGRAMS/fuzz_$1" "${COMMON[@]}" -max_len=1024 -merge=1 "$fresh" "tests/fuzz/corpus/$1" "$kept" \
    >"build/fuzz/fuzz_$1.log" 2>&1
  rm -rf "tests/fuzz/corpus/$1"
  mv "$fresh" "tests/fuzz/corpus/$1"
  chmod 755 "tests/fuzz/corpus/$1"
  printf '%-14s %4d inputs, %s\n' "$1" "$(find "tests/fuzz/corpus/$1" -type f | wc -l)" \
    "$(du -sh --apparent-size "tests/fuzz/corpus/$1" | cut -f1)"
}

fuzz() {  # what
  local kept=build/fuzz/corpus/$1 found=tests/fuzz/crashes/$1 log=build/fuzz/fuzz_$1.log status=0
  mkdir -p "$kept" "$found"
  "$PROGRAMS/fuzz_$1" "${COMMON[@]}" -max_total_time="$seconds" -artifact_prefix="$found/" \
    "$kept" "tests/fuzz/corpus/$1" >"$log" 2>&1 || status=$?
  rmdir "$found" 2>/dev/null || true
  local coverage runs
  coverage=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1 || true)
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ "$status" = 0 ]; then
    printf '%-14s %10s runs  %s\n' "$1" "${runs:-?}" "$coverage"
  else
    printf '%-14s BROKEN after %s runs: see %s\n' "$1" "${runs:-?}" "$log"
    grep -E 'what\(\):|ERROR:|runtime error:|Test unit written' "$log" | sed 's/^/    /' || true
  fi
  return "$status"
}

broken=0
for what in "${targets[@]}"; do
  if [ -n "$merge" ]; then
    minimise "$what"
  else
    fuzz "$what" || broken=$((broken + 1))
  fi
done
[ -z "$merge" ] || exit 0
if [ "$broken" = 0 ]; then
  echo "${#targets[@]} targets, $seconds s each: nothing found"
else
  echo "$broken of ${#targets[@]} targets broke; their inputs are in tests/fuzz/crashes" >&2
  exit 1
fi
