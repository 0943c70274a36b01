#!/bin/sh
# Runs a command and reports it to Ronda, with nothing but curl:
#   RONDA_API_KEY=... ./report-a-job.sh ledger-close-day ledger 'Close day' ./close-day --force
# The command's exit code is the script's. Names must not hold quotes or backslashes: they go into JSON as they are.
set -u
id=$1 service=$2 job=$3
shift 3
api=${RONDA_URL:-http://127.0.0.1:3000}/api/v1

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# A job neither fails nor waits long because its monitor is away. The same report twice is one event, so curl
# may repeat it.
tell() { # method, path, body
  curl -sS --fail-with-body --max-time 10 --retry 2 --retry-connrefused -o /dev/null -X "$1" "$api$2" \
    -H "x-api-key: $RONDA_API_KEY" -H 'content-type: application/json' -d "$3" ||
    echo "Ronda was not told: $2" >&2
}
names="\"scheduler_id\":\"$id\",\"service_name\":\"$service\",\"job_name\":\"$job\""
report() { # status, further fields
  tell PUT "/schedulers/$id/status" "{$names,\"status\":\"$1\",\"timestamp\":\"$(now)\"${2:-}}"
}

tell POST /schedulers/register "{$names}"
report running
began=$(date +%s)

# Its nap ends with it: left behind, it would hold the output open for whoever reads it.
beat() {
  nap=
  trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
  while :; do
    sleep 120 &
    nap=$!
    wait "$nap"
    tell POST "/schedulers/$id/heartbeat" "{\"scheduler_id\":\"$id\",\"timestamp\":\"$(now)\"}"
  done
}
beat &
beats=$!

"$@"
code=$?
kill "$beats" && wait "$beats" 2>/dev/null

took=$((($(date +%s) - began) * 1000))
if [ "$code" -eq 0 ]; then
  report completed ",\"execution_time_ms\":$took"
else
  report failed ",\"execution_time_ms\":$took,\"error_message\":\"exit code $code\""
fi
exit "$code"
