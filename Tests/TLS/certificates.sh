#!/bin/sh
# Makes the certificates and keys for the TLS tests in the folder given as argument: X.pem and X.key for each X.
#
#   authority, other        CA certificates; the tests trust only `authority`
#   server                  for localhost and 127.0.0.1, like those of the next line
#   expired, early, stranger (issued by `other`), alone (self-signed)
#   elsewhere               for another name
#   client, outsider        client certificates, issued by `authority` and `other`
#   encrypted.key           the key of `client`, encrypted
#   authorities/            a folder with `authority` under its hash
#
# EC keys, because they take only milliseconds to make.
set -e
cd "$1"

cat >config <<'END'
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[here]
subjectAltName = DNS:localhost, IP:127.0.0.1
[there]
subjectAltName = DNS:redis.example, IP:192.0.2.1
[client]
extendedKeyUsage = clientAuth
[ca]
default_ca = standard
[standard]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
END
: >index
echo 01 >serial

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }

# Makes a self-signed certificate. Arguments: its name, the extensions.
itself() {
    key "$1"
    openssl req -config config -new -x509 -days 3650 -key "$1.key" -subj "/CN=$1" -extensions "$2" -out "$1.pem"
}

# Makes a certificate signed by an authority. Arguments: its name, the authority, the extensions, first and last time.
issued() {
    key "$1"
    openssl req -config config -new -key "$1.key" -subj "/CN=$1" -out "$1.request"
    openssl ca -config config -batch -notext -cert "$2.pem" -keyfile "$2.key" -extfile config -extensions "$3" \
        -startdate "$4" -enddate "$5" -in "$1.request" -out "$1.pem"
}

always='20200101000000Z 20491231000000Z'
itself authority authority
itself other authority
# shellcheck disable=SC2086 # two words
{
    issued server authority here $always
    issued expired authority here 20200101000000Z 20200201000000Z
    issued early authority here 20480101000000Z 20491231000000Z
    issued stranger other here $always
    issued elsewhere authority there $always
    issued client authority client $always
    issued outsider other client $always
}
itself alone here
# The layout that SSL_CERT_DIR requires.
mkdir authorities
ln -s ../authority.pem "authorities/$(openssl x509 -in authority.pem -noout -hash).0"
openssl pkey -in client.key -aes256 -passout pass:secret -out encrypted.key
