/* Measures the time from exec to the first 200: starts a server RUNS times, sends requests until it responds, kills it,
 * and prints the median in milliseconds.
 *
 * usage: cold RUNS PORT PATH AUTHORIZATION COMMAND [ARGUMENT ...] */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

/* Whether the server on `port` responds with 200. */
static int asks(int port, const char *request) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons(port);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 2};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char answer[4096] = "";
    int answered = connect(client, (void *)&address, sizeof address) == 0
        && write(client, request, strlen(request)) > 0
        && read(client, answer, sizeof answer - 1) > 12 && strncmp(answer + 9, "200", 3) == 0;
    close(client);
    return answered;
}

int main(int count, char **arguments) {
    if (count < 6) return fprintf(stderr, "usage: cold RUNS PORT PATH AUTHORIZATION COMMAND [ARGUMENT ...]\n"), 1;
    int runs = atoi(arguments[1]), port = atoi(arguments[2]);
    char request[1024];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n", arguments[3],
             arguments[4]);
    double *times = calloc(runs, sizeof *times);
    for (int run = 0; run < runs; run++) {
        double start = now();
        pid_t server = fork();
        if (server == 0) {
            int null = open("/dev/null", O_RDWR);
            dup2(null, 1);
            dup2(null, 2);
            execvp(arguments[5], arguments + 5);
            _exit(127);
        }
        int answered = 0;
        while (!answered && now() - start < 10000) {
            if (!(answered = asks(port, request))) usleep(50);
        }
        times[run] = now() - start;
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
        if (!answered) return fprintf(stderr, "cold: no 200 from %s within 10 s\n", arguments[5]), 1;
    }
    qsort(times, runs, sizeof *times, ascending);
    printf("%.3f\n", times[runs / 2]);
    free(times);
}
