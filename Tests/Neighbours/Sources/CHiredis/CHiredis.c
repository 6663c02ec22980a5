#include "CHiredis.h"

int chiredis_neighbour(void) { return 0; }
