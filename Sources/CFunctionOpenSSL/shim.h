// OpenSSL's libssl, and of libcrypto what belongs to certificates.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Macros with arguments, which Swift does not see.
static const uint64_t COpenSSL_noRenegotiation = SSL_OP_NO_RENEGOTIATION;
