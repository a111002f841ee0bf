#!/bin/sh
# Run once by the image, when the database is made.
set -eu
secret() { cat "/run/secrets/$1"; }
psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres -v database=wardroom \
	-v owner_password="$(secret owner-password)" -v writer_password="$(secret writer-password)" \
	-v reader_password="$(secret reader-password)" -f /roles.sql
