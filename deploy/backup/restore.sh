#!/bin/sh
# Puts a cluster together out of the archive, as it was at a time, and starts nothing.
#
#   ARCHIVE=/archive restore.sh --into FOLDER [--to TIME | --to-lsn LSN] [--base NAME] [--beside PORT SOCKETS]
#
# Without --to it is brought to the last moment that was archived. TIME is PostgreSQL's, with its zone: '2026-11-23 03:12:00Z'.
# --beside is for drills: the restored cluster listens on a socket in the folder SOCKETS alone, with no password, and archives
# nothing. Otherwise configuration and passwords are those of the backup, and it archives on, in a timeline of its own.
# Run it as the user that PostgreSQL runs as. Afterwards, before any server of Wardroom is started: `wardroom compare`.
set -eu
umask 077
archive=${ARCHIVE:?ARCHIVE is not set: name the folder of the archive}
here=$(cd "$(dirname "$0")" && pwd)
into='' to='' lsn='' base='' port='' sockets=''
fail() { echo "restore.sh: $*" >&2; exit 1; }
while [ $# -gt 0 ]; do
	case $1 in
	--into) into=$2; shift 2 ;;
	--to) to=$2; shift 2 ;;
	--to-lsn) lsn=$2; shift 2 ;;
	--base) base=$2; shift 2 ;;
	--beside) port=$2 sockets=$3; shift 3 ;;
	*) fail "$1 is no option: see the head of this file" ;;
	esac
done
[ -n "$into" ] || fail "--into is missing: name the folder of the restored cluster"
[ -z "$to" ] || [ -z "$lsn" ] || fail "--to and --to-lsn are both given: give the one or the other"
[ ! -e "$into" ] || [ -z "$(ls -A "$into")" ] || fail "$into is not empty. Nothing is restored over what is there: move it away, and keep it"

# The newest base backup that had begun before the time. One that had not ended by then is refused by PostgreSQL, which says
# so: give the one before by --base.
if [ -z "$base" ]; then
	before=99999999T999999Z
	[ -z "$to" ] || before=$(date -u -d "$to" +%Y%m%dT%H%M%SZ) || fail "$to is not a time"
	base=$(ls "$archive/base" 2>/dev/null | sort | awk -v b="$before" '$0 <= b' | tail -n 1)
	[ -n "$base" ] || fail "there is no base backup in $archive/base that began before ${to:-now}"
fi
[ -d "$archive/base/$base" ] || fail "there is no base backup $archive/base/$base"

mkdir -p "$into"
chmod 0700 "$into"
cp -R "$archive/base/$base/." "$into/"
touch "$into/recovery.signal"
{
	echo "# Written by restore.sh from the base backup $base."
	echo "restore_command = 'cp \"$archive/wal/%f\" \"%p\"'"
	echo "recovery_target_action = 'promote'"
	echo "recovery_target_timeline = 'latest'"
	[ -z "$to" ] || echo "recovery_target_time = '$to'"
	[ -z "$lsn" ] || echo "recovery_target_lsn = '$lsn'"
	if [ -n "$port" ]; then
		echo "archive_mode = off"
		echo "listen_addresses = ''"
		echo "port = $port"
		echo "unix_socket_directories = '$sockets'"
		echo "jit = off"
		echo "fsync = off" # it is thrown away
		echo "hba_file = '$into/beside_hba.conf'"
		echo "local all all trust" > "$into/beside_hba.conf"
	fi
} >> "$into/postgresql.auto.conf"
echo "Restored $base into $into. Start PostgreSQL on it; it goes through the archive${to:+ to $to}${lsn:+ to $lsn} and takes writes when it is there."
