#!/bin/sh
# A base backup of the whole cluster into $ARCHIVE/base, named by the time it was begun, while the database goes on. With what
# archive.sh keeps it can be restored to any moment from its end on (restore.sh). Where PostgreSQL is comes from the usual
# variables (PGHOST, PGPORT, PGUSER, PGPASSFILE); the role needs REPLICATION.
#
#   ARCHIVE=/archive KEEP=14 base.sh
#
# For a database of more than some 100 GB use pgBackRest instead: pgbackrest.conf beside this file.
set -eu
umask 077
archive=${ARCHIVE:?ARCHIVE is not set: name the folder of the archive} keep=${KEEP:-14}
PATH=${PGBIN:+$PGBIN:}$PATH
name=$(date -u +%Y%m%dT%H%M%SZ)
base="$archive/base"
mkdir -p "$base" "$archive/wal"
[ ! -e "$base/$name" ] || { echo "base.sh: $base/$name is there already. Begin again in a second." >&2; exit 1; }
rm -rf "$base"/.part-* # of a run that was cut short
part="$base/.part-$name"

# The log that the backup itself needs is streamed into it, so it stands without the archive too.
pg_basebackup --pgdata="$part" --format=plain --wal-method=stream --checkpoint=fast --manifest-checksums=SHA256 --no-password ${VERBOSE:+--verbose}
# Every file is read again and compared with the manifest, before the backup has a name.
pg_verifybackup --quiet --exit-on-error "$part"
mv "$part" "$base/$name"
sync "$base"

# The newest $KEEP stay, and what of the write-ahead log they need.
ls "$base" | sort -r | tail -n +$((keep + 1)) | while read -r old; do rm -rf "${base:?}/$old"; done
oldest=$(ls "$base" | sort | head -n 1)
first=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p' "$base/$oldest/backup_label")
[ -z "$first" ] || pg_archivecleanup "$archive/wal" "$first"
echo "$base/$name"
