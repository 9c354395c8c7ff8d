#!/bin/bash
# Asks this machine's node over HTTP; exit 0 if it answers 200. For images without curl.
#
#   probe.sh /readyz [port]
set -u
exec 3<>"/dev/tcp/127.0.0.1/${2:-7401}" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3
IFS=' ' read -r -t 2 _ code _ <&3
[ "$code" = 200 ]
