#include <stddef.h>
#include <soxr.h>
