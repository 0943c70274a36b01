#!/bin/sh
# Runs a command and reports it to Ronda, with nothing but curl:
#   RONDA_API_KEY=... ./report-a-job.sh ledger-close-day ledger 'Close day' ./close-day --force
# The command's exit code is the script's. Names must not hold quotes or backslashes: they go into JSON as they are.
# ("ronda run" does more: it keeps what it could not send, and knows of signals and of the output.)
set -u
id=$1 service=$2 job=$3
shift 3
api=${RONDA_URL:-http://127.0.0.1:3000}/api/v1
names="\"scheduler_id\":\"$id\",\"service_name\":\"$service\",\"job_name\":\"$job\""

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# One call, tried again until $end while the answer may change; the last one's status is in $answer. curl's own
# retries know nothing of an end. The key comes by its input: a command line is for all to see.
call() { # method, path, body
  while :; do
    left=$((end - $(date +%s)))
    [ "$left" -gt 0 ] || return 0
    answer=$(printf 'x-api-key: %s\n' "$RONDA_API_KEY" | curl -s -o /dev/null -w '%{http_code}' \
      --max-time "$left" -X "$1" "$api$2" -H @- -H 'content-type: application/json' -d "$3")
    case $answer in 408 | 425 | 429 | 5?? | 000) ;; *) return 0 ;; esac
    [ $((end - $(date +%s))) -gt 1 ] || return 0
    sleep 1
  done
}

# The same report twice is one event. Who is unknown is registered; an owner that was named before is kept.
report() { # seconds, status, when, further fields
  end=$(($(date +%s) + $1)) answer=000
  body="{$names,\"status\":\"$2\",\"timestamp\":\"$3\"${4:-}}"
  call PUT "/schedulers/$id/status" "$body"
  if [ "$answer" = 404 ]; then
    call POST /schedulers/register "{$names}"
    call PUT "/schedulers/$id/status" "$body"
  fi
  case $answer in 2??) ;; *) echo "Ronda was not told \"$2\" of $id: $answer" >&2 ;; esac
}

# Beats for as long as the job lives, whatever becomes of this script.
beat() {
  until [ -s "$pidfile" ]; do sleep 1; done
  read -r pid <"$pidfile"
  naps=0
  while kill -0 "$pid"; do
    sleep 2
    naps=$((naps + 1))
    [ $((naps % 60)) -ne 0 ] && continue
    end=$(($(date +%s) + 10))
    call POST "/schedulers/$id/heartbeat" "{\"scheduler_id\":\"$id\",\"timestamp\":\"$(now)\"}"
  done
  rm -f "$pidfile"
}

# A job does not wait for its monitor, which tells beside it, and holds no output open for whoever reads that.
began=$(date +%s) at=$(now)
(exec </dev/null >/dev/null 2>&1 && report 60 running "$at") &
running=$!
pidfile=$(mktemp)
(exec </dev/null >/dev/null 2>&1 && beat) &
beats=$!

RONDA_PIDFILE=$pidfile sh -c '
  echo "$$" >"$RONDA_PIDFILE"
  unset RONDA_PIDFILE RONDA_API_KEY
  exec "$@"' sh "$@"
code=$?

took=$((($(date +%s) - began) * 1000))
if [ "$code" -eq 0 ]; then
  report 3 completed "$(now)" ",\"execution_time_ms\":$took"
else
  report 3 failed "$(now)" ",\"execution_time_ms\":$took,\"error_message\":\"exit code $code\""
fi
kill "$beats" 2>/dev/null
# A Ronda that answers is being told of the beginning, too.
case $answer in 2??) ;; *) kill "$running" 2>/dev/null ;; esac
rm -f "$pidfile"
exit "$code"
