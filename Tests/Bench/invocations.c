/* A Runtime API that measures: it starts a runtime RUNS times, hands it COUNT events, and takes the time from exec to
 * the first `next`, of the first event, and of later events. Prints the medians: milliseconds to `next`, microseconds of
 * the first event, microseconds of a later one.
 *
 * usage: invocations RUNS COUNT EVENT-FILE COMMAND [ARGUMENT ...] */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static long long epoch_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double median(double *times, int count) {
    qsort(times, count, sizeof *times, ascending);
    return times[count / 2];
}

static _Noreturn void fail(const char *what, const char *command) {
    fprintf(stderr, "invocations: %s: %s\n", command, what);
    exit(1);
}

/* Reads a whole request; returns 0 if the connection has ended. */
static int receive(int client, char *message, size_t room) {
    size_t size = 0, length = 0;
    char *content = NULL;
    while (!content || size < (size_t)(content - message) + length) {
        ssize_t count = read(client, message + size, room - 1 - size);
        if (count <= 0) return 0;
        size += count;
        message[size] = 0;
        if (content || !(content = strstr(message, "\r\n\r\n"))) continue;
        content += 4;
        char *field = strcasestr(message, "\r\ncontent-length:");
        length = field ? strtoul(field + 17, NULL, 10) : 0;
    }
    return 1;
}

int main(int count, char **arguments) {
    if (count < 5) return fprintf(stderr, "usage: invocations RUNS COUNT EVENT-FILE COMMAND [ARGUMENT ...]\n"), 1;
    int runs = atoi(arguments[1]), events = atoi(arguments[2]), on = 1;
    static char event[1 << 20], answer[(1 << 20) + 1024], message[1 << 20];
    int file = open(arguments[3], O_RDONLY);
    ssize_t event_size = file < 0 ? -1 : read(file, event, sizeof event);
    if (event_size <= 0) fail("cannot be read", arguments[3]);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_size = sizeof address;
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 16)
        || getsockname(listener, (void *)&address, &address_size)) return perror("invocations"), 1;
    struct timeval limit = {.tv_sec = 10};
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char place[64];
    snprintf(place, sizeof place, "127.0.0.1:%d", ntohs(address.sin_port));
    setenv("AWS_LAMBDA_RUNTIME_API", place, 1);

    double *starts = calloc(runs, sizeof *starts), *firsts = calloc(runs, sizeof *firsts);
    double *warm = calloc((size_t)runs * events, sizeof *warm);
    int warm_count = 0;
    for (int run = 0; run < runs; run++) {
        double start = now();
        pid_t runtime = fork();
        if (runtime == 0) {
            int null = open("/dev/null", O_RDWR);
            dup2(null, 1);
            dup2(null, 2);
            execvp(arguments[4], arguments + 4);
            _exit(127);
        }
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) fail("did not connect within 10 s", arguments[4]);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (!receive(client, message, sizeof message)) fail("did not ask", arguments[4]);
        starts[run] = (now() - start) / 1000;
        for (int number = 0; number < events; number++) {
            int head = snprintf(answer, 1024, "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: %d-%d\r\n"
                                "Lambda-Runtime-Deadline-Ms: %lld\r\nContent-Type: application/json\r\n"
                                "Content-Length: %zd\r\n\r\n", run, number, epoch_ms() + 3000, event_size);
            memcpy(answer + head, event, event_size);
            double sent = now();
            if (write(client, answer, head + event_size) < 0 || !receive(client, message, sizeof message)) {
                fail("returned no response", arguments[4]);
            }
            double time = now() - sent;
            if (!strstr(message, "/response ") || !strstr(message, "\"statusCode\":200")) fail("did not respond with 200", arguments[4]);
            if (number == 0) firsts[run] = time; else warm[warm_count++] = time;
            static const char taken[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";
            if (write(client, taken, sizeof taken - 1) < 0 || !receive(client, message, sizeof message)) {
                fail("asked no more", arguments[4]);
            }
        }
        kill(runtime, SIGKILL);
        waitpid(runtime, NULL, 0);
        close(client);
    }
    double first = events > 0 ? median(firsts, runs) : 0, later = warm_count > 0 ? median(warm, warm_count) : 0;
    printf("%.3f %.1f %.1f\n", median(starts, runs), first, later);
}
