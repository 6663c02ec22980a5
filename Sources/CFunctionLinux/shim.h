// Declarations that the Glibc module does not export. The functions are declared by hand, because _GNU_SOURCE would make
// this module's `fd_set` differ from the Glibc module's, and debug builds would fail.
#include <linux/filter.h>
#include <malloc.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/random.h>
#include <sys/socket.h>

int __nss_configure_lookup(const char *database, const char *services);
int sched_getaffinity(int pid, size_t size, void *set);
int sched_setaffinity(int pid, size_t size, const void *set);
int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
