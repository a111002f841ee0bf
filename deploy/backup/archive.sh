#!/bin/sh
# PostgreSQL's archive_command: archive.sh PATH NAME keeps a finished segment of the write-ahead log in $ARCHIVE/wal. It succeeds
# only once the segment is on the disk, whole: PostgreSQL keeps what it could not hand over and tries again.
#
#   archive_command = 'ARCHIVE=/archive /backup/archive.sh "%p" "%f"'
set -eu
umask 077
from=$1 name=$2 wal=${ARCHIVE:?ARCHIVE is not set: name the folder of the archive}/wal
mkdir -p "$wal"
if [ -e "$wal/$name" ]; then
	# After a crash a segment comes twice. The same one is done; another under its name belongs to another database.
	if cmp -s "$from" "$wal/$name"; then exit 0; fi
	echo "archive.sh: $wal/$name is there already and is not the same. Two databases archive to one place: give each a folder of its own." >&2
	exit 1
fi
part="$wal/.$name.$$"
trap 'rm -f "$part"' EXIT
cp "$from" "$part"
sync "$part"
mv "$part" "$wal/$name"
sync "$wal"
