#include "CLinux.h"

int clinux_neighbour(void) { return 0; }
