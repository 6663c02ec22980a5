int copenssl_neighbour(void);
