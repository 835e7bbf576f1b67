// OpenSSL's libcrypto as Debian installs it (package libssl-dev): digests only. Nothing else lives here.
#include <openssl/evp.h>
