// What the Glibc module does not export. `accept4` is declared by hand: asking for it with _GNU_SOURCE makes this
// module's `fd_set` differ from the Glibc module's, and debug builds then fail.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/random.h>
#include <sys/socket.h>

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
