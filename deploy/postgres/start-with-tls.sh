#!/bin/sh
# Postgres takes a private key only as its own file that nobody else can read, and the key outside belongs to somebody
# else: it starts with a copy.
set -eu
install -d -o postgres -g postgres -m 700 /run/postgres-tls
install -o postgres -g postgres -m 600 /run/tls/postgres.crt /run/tls/postgres.key /run/postgres-tls/
exec docker-entrypoint.sh "$@"
