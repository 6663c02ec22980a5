/* A minimal HTTP server: one thread, one epoll loop, and the same response, of a mint's size, to everything that ends
 * with an empty line. script/bench compares the token function with it.
 *
 * usage: noop PORT */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] =
    "HTTP/1.1 200 OK\r\n"
    "date: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
    "content-type: application/json\r\n"
    "cache-control: no-store\r\n"
    "x-ratelimit-limit: 1000000000\r\n"
    "x-ratelimit-remaining: 999999999\r\n"
    "content-length: 86\r\n\r\n"
    "{\"success\":true,\"token\":\"pub_tok_000000000000000000000000000000000000000000\",\"ttl\":60}";

static void watch(int epoll, int file) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = file};
    epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event);
}

int main(int count, char **arguments) {
    if (count != 2) return fprintf(stderr, "usage: noop PORT\n"), 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons(atoi(arguments[1]));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) return perror("noop"), 1;
    int epoll = epoll_create1(0);
    watch(epoll, listener);
    static char request[16384];
    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int index = 0; index < ready; index++) {
            int file = events[index].data.fd;
            if (file == listener) {
                int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (client < 0) continue;
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                watch(epoll, client);
                continue;
            }
            ssize_t size = read(file, request, sizeof request);
            if (size <= 0) {
                close(file);
            } else if (size >= 4 && !memcmp(request + size - 4, "\r\n\r\n", 4)) {
                if (write(file, answer, sizeof answer - 1) < 0) close(file);
            }
        }
    }
}
