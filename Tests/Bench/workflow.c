/* A workflow over HTTP/1.1 that sends events at a steady rate, or bytes as fast as they are read. script/bench has it
 * behind the stream function, and compares with reading it directly.
 *
 * usage: workflow PORT
 *
 * POST …/events-RATE-SECONDS  RATE events per second, each a chunk with one line: its number from 0 on, and the time
 *                             when it was sent (CLOCK_MONOTONIC, nanoseconds)
 * POST …/silent-SECONDS       nothing for so long, not even the response's head; then one such event
 * POST …/bytes-COUNT          COUNT bytes of a pattern that repeats every 89 bytes, so that a reader notices lost bytes
 *
 * One thread, one epoll loop. It exits after an hour. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD = 89, CHUNK = 64 * 1024, MOST_FILES = 1 << 16 };

struct connection {
    int file;
    char input[16 * 1024];
    size_t input_size;
    /* Output that is not written yet. */
    char output[CHUNK + 1024];
    size_t output_start, output_end;
    enum { IDLE, EVENTS, BYTES } answers;
    /* Events: the number of the next one, their count, when the next one is due, and the nanoseconds between. */
    long next, count;
    int has_no_head;
    int64_t due, interval;
    /* Bytes: how many were made, and how many there will be. */
    long made, total;
};

static const char head[] =
    "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
static struct connection *connections[MOST_FILES];
static char pattern[CHUNK + PERIOD];
static int epoll;

/* The connections that send events: a binary heap of descriptors, ordered by when they are due. */
static int heap[MOST_FILES];
static int heap_size;
static int heap_place[MOST_FILES];

static void die(const char *what) {
    fprintf(stderr, "workflow: %s: %s\n", what, strerror(errno));
    exit(3);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int is_before(int left, int right) { return connections[heap[left]]->due < connections[heap[right]]->due; }

static void swap(int left, int right) {
    int file = heap[left];
    heap[left] = heap[right];
    heap[right] = file;
    heap_place[heap[left]] = left;
    heap_place[heap[right]] = right;
}

/* Restores the order of the heap for the entry at `place`. */
static void settle(int place) {
    while (place > 0 && is_before(place, (place - 1) / 2)) {
        swap(place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
    for (;;) {
        int least = place;
        for (int child = 2 * place + 1; child <= 2 * place + 2 && child < heap_size; child++) {
            if (is_before(child, least)) least = child;
        }
        if (least == place) return;
        swap(place, least);
        place = least;
    }
}

static void enter(struct connection *connection) {
    heap[heap_size] = connection->file;
    heap_place[connection->file] = heap_size;
    settle(heap_size++);
}

static void leave(struct connection *connection) {
    int place = heap_place[connection->file];
    swap(place, --heap_size);
    if (place < heap_size) settle(place);
}

static void finish(struct connection *connection) {
    if (connection->answers == EVENTS) leave(connection);
    connections[connection->file] = NULL;
    close(connection->file);
    free(connection);
}

static void append(struct connection *connection, const char *bytes, size_t size) {
    memcpy(connection->output + connection->output_end, bytes, size);
    connection->output_end += size;
}

static void append_text(struct connection *connection, const char *text) { append(connection, text, strlen(text)); }

/* Writes as much output as the socket takes; returns whether the connection goes on. */
static int flush(struct connection *connection) {
    while (connection->output_start < connection->output_end) {
        ssize_t size = send(connection->file, connection->output + connection->output_start,
                            connection->output_end - connection->output_start, MSG_NOSIGNAL);
        if (size < 0) return errno == EAGAIN;
        connection->output_start += size;
    }
    connection->output_start = connection->output_end = 0;
    return 1;
}

/* Sends the event that is due. Closes the connection of a reader that is 64 KiB behind: it would see old times. */
static int send_event(struct connection *connection) {
    if (connection->output_end > CHUNK) return 0;
    if (connection->next == connection->count) {
        leave(connection);
        connection->answers = IDLE;
        append_text(connection, "0\r\n\r\n");
    } else {
        if (connection->has_no_head) append_text(connection, head);
        connection->has_no_head = 0;
        char line[64], chunk[80];
        int size = snprintf(line, sizeof line, "%ld %lld\n", connection->next++, (long long)now());
        append(connection, chunk, snprintf(chunk, sizeof chunk, "%x\r\n%s\r\n", size, line));
        connection->due += connection->interval;
        settle(heap_place[connection->file]);
    }
    return flush(connection);
}

static int send_bytes(struct connection *connection) {
    for (;;) {
        if (!flush(connection)) return 0;
        if (connection->output_end > 0) return 1;
        long rest = connection->total - connection->made;
        if (rest == 0) break;
        long size = rest < CHUNK ? rest : CHUNK;
        char head[16];
        append(connection, head, snprintf(head, sizeof head, "%lx\r\n", size));
        append(connection, pattern + connection->made % PERIOD, size);
        append_text(connection, "\r\n");
        connection->made += size;
    }
    connection->answers = IDLE;
    append_text(connection, "0\r\n\r\n");
    return flush(connection);
}

static void refuse(struct connection *connection, const char *status) {
    append_text(connection, "HTTP/1.1 ");
    append_text(connection, status);
    append_text(connection, "\r\ncontent-length: 0\r\n\r\n");
}

/* Begins the response to a request; its target ends at a space. */
static int answer(struct connection *connection, const char *target) {
    static double phase;
    const char *name = memrchr(target, '/', strchrnul(target, ' ') - target);
    long rate, seconds;
    if (name && sscanf(name, "/events-%ld-%ld ", &rate, &seconds) == 2 && rate > 0 && seconds > 0) {
        append_text(connection, head);
        /* Steps of the golden ratio spread any number of connections evenly over the interval. */
        phase += 0.6180339887498949;
        if (phase >= 1) phase -= 1;
        connection->answers = EVENTS;
        connection->next = 0;
        connection->count = rate * seconds;
        connection->interval = 1000000000LL / rate;
        connection->due = now() + (int64_t)(phase * connection->interval);
        enter(connection);
    } else if (name && sscanf(name, "/silent-%ld ", &seconds) == 1 && seconds > 0) {
        connection->has_no_head = 1;
        connection->answers = EVENTS;
        connection->next = 0;
        connection->count = 1;
        connection->interval = 0;
        connection->due = now() + seconds * 1000000000LL;
        enter(connection);
    } else if (name && sscanf(name, "/bytes-%ld ", &connection->total) == 1) {
        append_text(connection, head);
        connection->answers = BYTES;
        connection->made = 0;
        return send_bytes(connection);
    } else {
        refuse(connection, "404 Not Found");
    }
    return flush(connection);
}

/* Responds to the next request, if it is complete; returns whether the connection goes on. */
static int serve(struct connection *connection) {
    while (connection->answers == IDLE && connection->input_size > 0) {
        char *end = memmem(connection->input, connection->input_size, "\r\n\r\n", 4);
        if (!end) return connection->input_size < sizeof connection->input;
        end[2] = 0;
        char *length = strcasestr(connection->input, "\r\ncontent-length:");
        long body = length ? strtol(length + strlen("\r\ncontent-length:"), NULL, 10) : 0;
        size_t size = end + 4 - connection->input;
        if (body < 0 || size + body > sizeof connection->input || strncmp(connection->input, "POST ", 5)) {
            refuse(connection, "400 Bad Request");
            flush(connection);
            return 0;
        }
        end[2] = '\r';
        if (connection->input_size < size + body) return 1;
        if (!answer(connection, connection->input + 5)) return 0;
        connection->input_size -= size + body;
        memmove(connection->input, connection->input + size + body, connection->input_size);
    }
    return 1;
}

/* Reads all there is; returns whether the connection goes on. */
static int take_input(struct connection *connection) {
    for (;;) {
        size_t room = sizeof connection->input - connection->input_size;
        if (room == 0) return 0;
        ssize_t size = read(connection->file, connection->input + connection->input_size, room);
        if (size < 0) return errno == EAGAIN;
        if (size == 0) return 0;
        connection->input_size += size;
        if (!serve(connection)) return 0;
    }
}

static void take_connections(int listener) {
    for (;;) {
        int file = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
        if (file < 0 && (errno == EAGAIN || errno == ECONNABORTED)) return;
        if (file < 0 || file >= MOST_FILES) die("accept");
        setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!(connections[file] = calloc(1, sizeof *connections[file]))) die("calloc");
        connections[file]->file = file;
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = file};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event)) die("epoll_ctl");
    }
}

static void deliver(const struct epoll_event *event) {
    struct connection *connection = connections[event->data.fd];
    if (!connection) return;
    int goes_on = !(event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
    if (goes_on && event->events & EPOLLOUT) {
        goes_on = connection->answers == BYTES ? send_bytes(connection) : flush(connection);
        if (goes_on) goes_on = serve(connection);
    }
    if (goes_on && event->events & EPOLLIN) goes_on = take_input(connection);
    if (!goes_on) finish(connection);
}

/* Sends the events that are due; returns the time until the next one, or NULL if there is none. */
static struct timespec *send_due(void) {
    static struct timespec wait;
    while (heap_size > 0) {
        struct connection *connection = connections[heap[0]];
        int64_t rest = connection->due - now();
        if (rest > 0) {
            wait = (struct timespec){.tv_sec = rest / 1000000000, .tv_nsec = rest % 1000000000};
            return &wait;
        }
        if (!send_event(connection) || !serve(connection)) finish(connection);
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 2) return fprintf(stderr, "usage: workflow PORT\n"), 1;
    alarm(3600);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (size_t index = 0; index < sizeof pattern; index++) pattern[index] = ' ' + index % PERIOD;

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons(atoi(arguments[1]));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) die("listen");
    if ((epoll = epoll_create1(0)) < 0) die("epoll_create1");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) die("epoll_ctl");
    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_pwait2(epoll, events, 256, send_due(), NULL);
        if (ready < 0 && errno != EINTR) die("epoll_pwait2");
        for (int index = 0; index < ready; index++) {
            if (events[index].data.fd == listener) take_connections(listener);
            else deliver(&events[index]);
        }
    }
}
