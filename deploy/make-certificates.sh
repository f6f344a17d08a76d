#!/bin/sh
# Certificates for a miner whose provers are on other machines, made by an authority of your own.
#
#   deploy/make-certificates.sh DIRECTORY server HOST...   for Temporal and Postgres, reached by these names or addresses
#   deploy/make-certificates.sh DIRECTORY client NAME      for one machine or process: it logs in to Temporal with it
#
# The authority (ca.key, ca.crt) is made when it is missing. Keep ca.key on this machine; a client needs ca.crt, NAME.crt
# and NAME.key. DAYS says how long a certificate holds (default 365); run the same command again before it runs out.
set -eu

usage() {
  sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
[ $# -ge 3 ] || usage
directory="$1" kind="$2"
shift 2
days="${DAYS:-365}"
mkdir -p "$directory"
cd "$directory"
umask 077

if [ ! -f ca.key ]; then
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj '/CN=zkpow authority' -out ca.crt \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
fi

# sign NAME SUBJECT EXTENSIONS
sign() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
  printf '%s\n' "$3" >"$1.extensions"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days "$days" \
    -extfile "$1.extensions" -out "$1.crt" 2>/dev/null
  rm -f "$1.csr" "$1.extensions"
}

case "$kind" in
  server)
    names=""
    for host in "$@"; do
      case "$host" in
        *[!0-9.]*) names="$names,DNS:$host" ;;
        *) names="$names,IP:$host" ;;
      esac
    done
    # The server is a client as well: its parts speak with each other.
    sign server "$1" "subjectAltName=${names#,}
extendedKeyUsage=serverAuth,clientAuth"
    ;;
  client) sign "$1" "$1" "extendedKeyUsage=clientAuth" ;;
  *) usage ;;
esac
