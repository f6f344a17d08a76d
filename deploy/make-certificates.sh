#!/bin/sh
# Certificates for a miner whose provers are on other machines, made by an authority of your own.
#
#   deploy/make-certificates.sh DIRECTORY server NAME [HOST]...   for one server (temporal, postgres), reached by these
#                                                               names or addresses and by its own name
#   deploy/make-certificates.sh DIRECTORY client NAME             for one machine or process: it logs in to Temporal with it
#
# Each has a key of its own: NAME.crt and NAME.key. A client needs ca.crt as well. The authority's key is made when it is
# missing and lies in DIRECTORY/authority, which no program needs: keep it on this machine. DAYS says how long a
# certificate holds (default 365); run the same command again before it runs out.
set -eu

usage() {
  sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
[ $# -ge 3 ] || usage
directory="$1" kind="$2" name="$3"
shift 3
case "$kind" in
  server) ;;
  client) [ $# -eq 0 ] || usage ;;
  *) usage ;;
esac
case "$name" in
  ca | */* | -*) usage ;;
esac
days="${DAYS:-365}"
# Containers read the keys as users of their own; the directory keeps everybody else out.
mkdir -p "$directory/authority"
cd "$directory"
chmod 700 . authority
umask 022

if [ ! -f authority/ca.key ]; then
  (umask 077 && openssl ecparam -name prime256v1 -genkey -noout -out authority/ca.key)
  openssl req -x509 -new -key authority/ca.key -sha256 -days 3650 -subj '/CN=zkpow authority' -out ca.crt \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
fi

# sign EXTENSIONS: makes a key and a certificate for NAME. A serial number at random needs no file that two calls share.
sign() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
  chmod 644 "$name.key"
  openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
  printf '%s\n' "$1" >"$name.extensions"
  openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey authority/ca.key -set_serial "0x$(openssl rand -hex 16)" -sha256 \
    -days "$days" -extfile "$name.extensions" -out "$name.crt" 2>/dev/null
  rm -f "$name.csr" "$name.extensions"
}

if [ "$kind" = server ]; then
  names="DNS:$name"
  for host in "$@"; do
    case "$host" in
      *[!0-9.]*) names="$names,DNS:$host" ;;
      *) names="$names,IP:$host" ;;
    esac
  done
  # The server is a client as well: its parts speak with each other.
  sign "subjectAltName=$names
extendedKeyUsage=serverAuth,clientAuth"
else
  sign 'extendedKeyUsage=clientAuth'
fi
