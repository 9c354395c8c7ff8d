#!/usr/bin/env bash
# The demo: starts a registry, the shop's services, a gateway and a steady caller; kills and freezes
# instances, restarts the registry, and ends with a table of what was seen. Under a minute; exit
# status 0 only if all that it claims was seen. What it does stands in demo/story.cc, its thresholds
# in demo/plan.h.
#
#   examples/shop/demo.sh [DIRECTORY OF THE PROGRAMS, default build/bin] [--cluster]
#
# With --cluster the registry is three nodes over three etcd members, which are killed in turn.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
programs=${1:-$root/build/bin}
[ $# -eq 0 ] || shift
for program in rollcalld rollcall shop_user shop_order shop_gateway shop_load shop_demo; do
  if [ ! -x "$programs/$program" ]; then
    echo "demo.sh: there is no $programs/$program; 'make demo' builds all that is needed" >&2
    exit 1
  fi
done
exec "$programs/shop_demo" --programs "$programs" "$@"
