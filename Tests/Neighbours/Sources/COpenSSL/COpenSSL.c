#include "COpenSSL.h"

int copenssl_neighbour(void) { return 0; }
