#!/bin/sh
# Makes what compose.yaml asks for and is not there yet: .env, secrets, the archive's folder. It replaces nothing, so it may be
# run again. Run it as root: the archive belongs to the user that PostgreSQL runs as in its image (999).
set -eu
umask 077
cd "$(dirname "$0")"

[ -e .env ] || { install -m 0644 env.example .env; echo "Made .env: set SITE and ACME_EMAIL in it."; }

# Others on this machine may not pass the folder; a file in it is readable, since each is mounted into a container whose user
# is another one than its owner.
install -d -m 0700 secrets
put() { # put NAME VALUE
	[ -e "secrets/$1" ] && return 0
	printf '%s\n' "$2" > "secrets/$1.new"
	chmod 0444 "secrets/$1.new"
	mv "secrets/$1.new" "secrets/$1"
	echo "Made secrets/$1."
}
random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; } # 192 bits, and nothing in it that an address would have to escape
of() { cat "secrets/$1"; }

for role in postgres owner-password writer-password reader-password redis-password; do put "$role" "$(random)"; done
put pgpass "*:5432:*:postgres:$(of postgres)"
chmod 0444 secrets/pgpass
put owner-url "postgres://wardroom_owner:$(of owner-password)@postgres:5432/wardroom?sslmode=disable"
put database-url "postgres://wardroom_writer:$(of writer-password)@postgres:5432/wardroom?sslmode=disable"
put reader-url "postgres://wardroom_reader:$(of reader-password)@postgres:5432/wardroom?sslmode=disable"
put redis-url "redis://wardroom:$(of redis-password)@redis:6379/0"
put redis-acl "$(sed "s/PASSWORD/$(of redis-password)/" redis/users.acl)"

archive=$(sed -n 's/^ARCHIVE=//p' .env)
if [ ! -e "${archive:=./archive}" ]; then
	install -d -m 0700 "$archive"
	if [ "$(id -u)" = 0 ]; then chown 999:999 "$archive"; else echo "Give $archive to user 999: chown 999:999 $archive"; fi
	echo "Made $archive for backups."
fi

for issuer in issuer-cis2 issuer-ncsc; do
	[ -e "secrets/$issuer" ] || echo "Missing: secrets/$issuer. Write the client secret that the sign-in service gave you into it, and chmod 0444 it."
done
