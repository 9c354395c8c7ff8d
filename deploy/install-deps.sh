#!/usr/bin/env bash
# Installs what building and testing Rollcall needs, from Debian 12's packages, and nothing else.
#
#   deploy/install-deps.sh [--with-lint] [--with-clang] [--with-test-tools] [--with-peers]
#
# Says what it will install; does nothing when all is there. --with-lint adds what `make lint` needs,
# --with-clang the compiler of `make clang` and `make fuzz`, --with-test-tools adds etcd, --with-peers
# what `make bench-peers` measures beside Rollcall. No service that comes with a package is left enabled
# or started. On a system that is not Debian it names what is missing and fails.
set -euo pipefail

# package | what shows that it is there on other systems | what it is for
readonly BUILD='
build-essential|cmd:g++|the C++20 compiler
cmake|cmd:cmake|build
ninja-build|cmd:ninja|build
pkg-config|cmd:pkg-config|build
ccache|cmd:ccache|quicker rebuilds
lld|cmd:ld.lld|quicker linking
libgrpc++-dev|hdr:grpcpp/grpcpp.h|gRPC 1.51
protobuf-compiler|cmd:protoc|protos
protobuf-compiler-grpc|cmd:grpc_cpp_plugin|protos
libprotobuf-dev|hdr:google/protobuf/message.h|protos
libabsl-dev|hdr:absl/status/status.h|Abseil
librocksdb-dev|hdr:rocksdb/db.h|the embedded store
libspdlog-dev|hdr:spdlog/spdlog.h|the log
libgtest-dev|hdr:gtest/gtest.h|tests
libgmock-dev|hdr:gmock/gmock.h|tests
libbenchmark-dev|hdr:benchmark/benchmark.h|benchmarks
libyaml-cpp-dev|hdr:yaml-cpp/yaml.h|configuration
libcli11-dev|hdr:CLI/CLI.hpp|command lines
nlohmann-json3-dev|hdr:nlohmann/json.hpp|JSON
libboost-dev|hdr:boost/beast.hpp|HTTP and counted pointers
prometheus-cpp-dev|hdr:prometheus/registry.h|metrics
libcpp-httplib-dev|hdr:httplib.h|the example gateway
libgoogle-perftools-dev|hdr:gperftools/tcmalloc.h|a malloc for many threads
libssl-dev|hdr:openssl/ssl.h|TLS
openssl|cmd:openssl|certificates for the TLS tests
'
readonly LINT='
git|cmd:git|finding what has changed
clang-format-14|cmd:clang-format-14|format
clang-tidy-14|cmd:clang-tidy-14|static checks
npm|cmd:npm|buf, the proto lint
'
readonly CLANG='
clang-14|cmd:clang++-14|thread-safety analysis, fuzzing
libclang-rt-14-dev|cmd:clang++-14|libFuzzer and the sanitizers
'
readonly TEST_TOOLS='
etcd-server|cmd:etcd|integration tests of the etcd store
'

readonly PEERS='
etcd-server|cmd:etcd|beside Rollcall in the bench
zookeeper|jar:zookeeper.jar|beside Rollcall in the bench
default-jre-headless|cmd:java|to run ZooKeeper
'

wanted="$BUILD"
for argument in "$@"; do
  case "$argument" in
    --with-lint) wanted+="$LINT" ;;
    --with-clang) wanted+="$CLANG" ;;
    --with-test-tools) wanted+="$TEST_TOOLS" ;;
    --with-peers) wanted+="$PEERS" ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "install-deps: unknown argument $argument (see --help)" >&2; exit 2 ;;
  esac
done

# The lines of the table, without the empty ones.
rows() { printf '%s' "$wanted" | sed '/^$/d'; }

is_there() {  # cmd:name, hdr:path or jar:name
  case "$1" in
    cmd:*) command -v "${1#cmd:}" >/dev/null ;;
    hdr:*)
      local root
      for root in /usr/include /usr/local/include /opt/homebrew/include; do
        [ -e "$root/${1#hdr:}" ] && return 0
      done
      return 1 ;;
    jar:*) [ -e "/usr/share/java/${1#jar:}" ] ;;
  esac
}

elsewhere() {
  local missing=0 package probe use
  while IFS='|' read -r package probe use; do
    is_there "$probe" && continue
    [ "$missing" = 0 ] && echo "install-deps: this is not Debian; please install by hand:" >&2
    missing=1
    echo "  ${probe#*:}  ($use; Debian's package is $package)" >&2
  done < <(rows)
  exit "$missing"
}

# shellcheck source=/dev/null
. /etc/os-release 2>/dev/null || true
case " ${ID:-} ${ID_LIKE:-} " in
  *" debian "*) ;;
  *) elsewhere ;;
esac

installed() { dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p'; }

declare -A have=()
while read -r package; do have[$package]=1; done < <(installed)
missing=()
while IFS='|' read -r package probe use; do
  [ -n "${have[$package]:-}" ] && continue
  # A command that came from elsewhere (Node's own npm, say) is as good as Debian's.
  case "$package" in npm | git | openssl) is_there "$probe" && continue ;; esac
  missing+=("$package")
done < <(rows)
[ "${#missing[@]}" = 0 ] && exit 0

echo "install-deps: will install with apt: ${missing[*]}"
as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-deps: needs root and there is no sudo; as root, run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

# While packages are set up, policy-rc.d forbids starting services; what was there comes back.
readonly POLICY=/usr/sbin/policy-rc.d
policy_kept=
restore_policy() {
  if [ -n "$policy_kept" ]; then
    "${as_root[@]}" mv -f "$policy_kept" "$POLICY"
  else
    "${as_root[@]}" rm -f "$POLICY"
  fi
}
if [ -e "$POLICY" ] || [ -L "$POLICY" ]; then
  policy_kept="$POLICY.kept-by-rollcall"
  "${as_root[@]}" mv -f "$POLICY" "$policy_kept"
fi
trap restore_policy EXIT
printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$POLICY" >/dev/null
"${as_root[@]}" chmod 755 "$POLICY"

"${as_root[@]}" apt-get update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y --no-install-recommends "${missing[@]}"

# Packages enable their services for the next boot; those that came now, also as dependencies, are
# disabled again.
while read -r package; do
  [ -n "${have[$package]:-}" ] && continue
  while read -r file; do
    case "$file" in
      */systemd/system/*.service)
        "${as_root[@]}" deb-systemd-helper disable "${file##*/}" >/dev/null 2>&1 || true ;;
      /etc/init.d/*)
        "${as_root[@]}" update-rc.d "${file##*/}" disable >/dev/null 2>&1 || true ;;
    esac
  done < <(dpkg-query -L "$package" 2>/dev/null)
done < <(installed)
echo "install-deps: done"
