#!/bin/sh
# The restore drill: the newest backup and everything archived since is restored beside the database, started, read from the
# first entry to the last, and compared with what was signed for elsewhere. Then it is thrown away.
#
#   ARCHIVE=/archive DRILL=/var/tmp/drill drill.sh [restore.sh's --to TIME or --base NAME]
#
# It needs `wardroom` in PATH, the key file (WARDROOM_VAULT) and, to say how far behind the backup is, the witness
# (WARDROOM_WITNESS_URL, _KEYS) or a copy of a server's file of checkpoints (WARDROOM_CHECKPOINTS). POLICY names the policy
# file that `wardroom keys` and the witness's page give: with it the signatures stored in the backup are checked too.
# The last line is the verdict: GOOD or BAD. It ends with 0 only if it is GOOD.
set -eu
umask 077
archive=${ARCHIVE:?ARCHIVE is not set: name the folder of the archive}
export ARCHIVE
here=$(cd "$(dirname "$0")" && pwd)
PATH=${PGBIN:+$PGBIN:}$PATH
root=${DRILL:-${TMPDIR:-/tmp}}
database=${DATABASE:-wardroom}
began=$(date +%s)
mkdir -p "$root"
work=$(mktemp -d "$root/drill-XXXXXX")
sockets=$(mktemp -d /tmp/drill-XXXXXX) # a short path: a socket's is at most 107 bytes
stop() {
	pg_ctl --pgdata="$work/data" --mode=immediate --silent stop >/dev/null 2>&1 || true
	rm -rf "$work" "$sockets"
}
trap stop EXIT
trap 'exit 1' INT TERM
bad() { echo "BAD: $*"; exit 1; }

"$here/restore.sh" --into "$work/data" --beside 5432 "$sockets" "$@" || bad "the backup could not be put together"
# pg_ctl waits until recovery is over; the log tells what it was that did not go.
pg_ctl --pgdata="$work/data" --log="$work/log" --timeout="${PATIENCE:-3600}" --wait start >/dev/null ||
	{ tail -n 20 "$work/log" >&2; bad "PostgreSQL did not start on the restored files: its words are above"; }
ask() { psql --no-psqlrc --tuples-only --no-align --host="$sockets" --port=5432 --username="${SUPERUSER:-postgres}" --dbname="$database" --command="$1"; }
until [ "$(ask 'SELECT pg_is_in_recovery()')" = f ]; do
	[ $(($(date +%s) - began)) -lt "${PATIENCE:-3600}" ] || bad "recovery did not end in ${PATIENCE:-3600} s"
	sleep 1
done
last=$(ask "SELECT coalesce(max(last)::text, 'never') FROM log")
ask 'SELECT count(*) FROM pg_class' >/dev/null || bad "the restored database cannot be asked"

# The sockets' folder is this user's alone, so no password is asked for.
WARDROOM_DATABASE_URL="postgres://wardroom_writer@/$database?host=$sockets&port=5432"
WARDROOM_READER_URL="postgres://wardroom_reader@/$database?host=$sockets&port=5432"
export WARDROOM_DATABASE_URL WARDROOM_READER_URL
wardroom scrub ${POLICY:+--policy "$POLICY"} || bad "the restored record is not as it was written"
if [ -n "${WARDROOM_WITNESS_URL:-}${WARDROOM_CHECKPOINTS:-}" ]; then
	wardroom compare --drill || bad "the restored record is not what was signed for"
else
	echo "Nothing is configured to compare it with: neither a witness nor a file of checkpoints."
fi
echo "GOOD: restored in $(($(date +%s) - began)) s; its newest entry is of $last."
