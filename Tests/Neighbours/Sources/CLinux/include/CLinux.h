int clinux_neighbour(void);
