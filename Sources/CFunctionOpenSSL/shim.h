// OpenSSL's libssl, and the parts of libcrypto that deal with certificates.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Swift does not import macros with arguments.
static const uint64_t COpenSSL_noRenegotiation = SSL_OP_NO_RENEGOTIATION;
