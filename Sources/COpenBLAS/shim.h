// OpenBLAS as Debian installs it (package libopenblas-dev). Nothing else lives here.
#include <cblas-openblas.h>
