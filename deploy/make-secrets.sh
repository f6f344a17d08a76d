#!/bin/sh
# Makes the files under deploy/secrets that docker-compose.yml hands to the containers, those that are missing; says
# which ones only you can write.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
# Containers read the files as users of their own; the directory keeps everybody else out.
chmod 700 secrets
umask 022

random() { openssl rand -hex 24; }
for name in postgres_password temporal_password grafana_password; do
  [ -s "secrets/$name" ] || random >"secrets/$name"
done
[ -s secrets/database_url ] || echo "postgresql://zkpow:$(cat secrets/postgres_password)@postgres:5432/zkpow" >secrets/database_url

missing=0
needed() {
  [ -s "secrets/$1" ] && return
  echo "deploy/secrets/$1 is missing: $2" >&2
  missing=1
}
needed rpc_url "write the URL of your base chain's JSON-RPC endpoint into it"
needed keystore "copy your wallet's encrypted JSON keystore (version 3) to it"
needed keystore_password "write the keystore's password into it"
exit "$missing"
