int chiredis_neighbour(void);
