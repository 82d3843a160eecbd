#!/bin/sh
# Makes the certificates of this folder anew; needs OpenSSL 3. Nothing else in the world trusts them.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

openssl ecparam -name prime256v1 -genkey -noout -out "$work/authority.key"
openssl req -x509 -new -key "$work/authority.key" -subj '/CN=Hawser test authority' -days 36500 -out authority.pem
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl req -x509 -new -key key.pem -subj '/CN=localhost' -days 36500 -addext 'subjectAltName=DNS:localhost' -out self-signed.pem

cat > "$work/ca.conf" <<EOF
[ca]
default_ca = it
[it]
dir = $work
new_certs_dir = $work
database = $work/index
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
EOF
: > "$work/index"
sign() { # name, host, first day, last day
  openssl req -new -key key.pem -subj "/CN=$2" -addext "subjectAltName=DNS:$2" -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/ca.conf" -cert authority.pem -keyfile "$work/authority.key" \
    -startdate "$3" -enddate "$4" -in "$work/$1.csr" -out "$1.pem"
}
sign good localhost 20250101000000Z 21241231000000Z
sign wrong-host elsewhere.example 20250101000000Z 21241231000000Z
sign expired localhost 20240101000000Z 20240201000000Z
