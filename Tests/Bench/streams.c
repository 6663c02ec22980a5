/* Reads many streams at once and measures the delay of their events, or reads one large body.
 *
 * usage: streams PORT COUNT RAMP_MS LIMIT_SECONDS EXPECTED REQUEST [TOKENS]
 *
 * Opens COUNT connections, spread over RAMP_MS, and sends REQUEST on each, with the word TOKEN replaced by a line of
 * the file TOKENS. EXPECTED is the content of each response, as workflow.c sends it, as text or as server-sent events:
 *   events:N        N lines in order
 *   bytes:N[:PAUSE] N bytes, with a pause of PAUSE milliseconds after every 16 MiB
 *
 * Prints a line "open" when every stream has begun. Then prints as JSON the number of events and bytes, the number of
 * failed streams, the seconds since "open", and the median, the 99th percentile and the maximum of the delays of events
 * in microseconds: once for events since "open", once for events before it. A delay is the time of receipt minus the
 * time in the line. Prints to standard error why streams failed.
 *
 * One thread, one epoll loop. A stream that is not complete after LIMIT_SECONDS has failed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD = 89, BUFFER = 256 * 1024, PAUSE_AFTER = 16 << 20 };

struct stream {
    int number, file;
    enum { HEAD, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, OVER } state;
    int is_event_stream, has_content, is_done;
    /* The head, later the incomplete line. */
    char text[2048];
    size_t text_size;
    long chunk_rest;
    long events, bytes;
};

static long expected_events = -1, expected_bytes = -1, pause_ms;
static struct stream *streams;
static int count, opened, over, failed;
static int64_t open_since;
/* Delays in microseconds, of events while streams opened and since. */
static struct delays {
    uint32_t *list;
    long count;
} while_opening, when_open;
static long event_count, byte_count;
static char pattern[BUFFER + PERIOD];

static void die(const char *what) {
    fprintf(stderr, "streams: %s: %s\n", what, strerror(errno));
    exit(3);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void count_open(void) {
    if (++opened < count) return;
    open_since = now();
    printf("open\n");
    fflush(stdout);
}

static void end(struct stream *stream) {
    if (!stream->has_content) count_open();
    stream->state = OVER;
    close(stream->file);
    over++;
}

__attribute__((format(printf, 2, 3)))
static void fail(struct stream *stream, const char *format, ...) {
    if (stream->state == OVER) return;
    if (failed++ < 5) {
        va_list values;
        va_start(values, format);
        fprintf(stderr, "stream %d: ", stream->number);
        vfprintf(stderr, format, values);
        fprintf(stderr, "\n");
        va_end(values);
    }
    end(stream);
}

static void take_line(struct stream *stream, char *line, int64_t received) {
    if (stream->is_event_stream) {
        if (!strcmp(line, "event: done")) stream->is_done = 1;
        if (!strncmp(line, "event: error", 12)) return fail(stream, "an event tells of an error");
        if (strncmp(line, "data: ", 6) || stream->is_done) return;
        line += 6;
        /* The event's data ends with a line end, so an empty data line follows. */
        if (!*line) return;
    }
    long number;
    long long sent;
    int size = 0;
    if (sscanf(line, "%ld %lld%n", &number, &sent, &size) != 2 || line[size]) return fail(stream, "no event: %s", line);
    if (number != stream->events) return fail(stream, "event %ld instead of %ld", number, stream->events);
    if (stream->events++ == expected_events) return fail(stream, "more than %ld events", expected_events);
    if (received < sent) return fail(stream, "event %ld comes before it was sent", number);
    struct delays *delays = open_since ? &when_open : &while_opening;
    delays->list[delays->count++] = (received - sent) / 1000;
    event_count++;
}

static void take_content(struct stream *stream, char *bytes, size_t size, int64_t received) {
    if (!stream->has_content) {
        count_open();
        stream->has_content = 1;
    }
    byte_count += size;
    if (expected_bytes >= 0) {
        if (memcmp(bytes, pattern + stream->bytes % PERIOD, size)) fail(stream, "wrong within %ld bytes", stream->bytes);
        stream->bytes += size;
        return;
    }
    while (size > 0 && stream->state != OVER) {
        char *line_end = memchr(bytes, '\n', size);
        size_t piece = line_end ? (size_t)(line_end - bytes) : size;
        if (stream->text_size + piece >= sizeof stream->text) return fail(stream, "a line without an end");
        memcpy(stream->text + stream->text_size, bytes, piece);
        stream->text_size += piece;
        if (!line_end) return;
        stream->text[stream->text_size] = 0;
        stream->text_size = 0;
        take_line(stream, stream->text, received);
        bytes += piece + 1;
        size -= piece + 1;
    }
}

static void take_end(struct stream *stream) {
    if (expected_bytes >= 0 ? stream->bytes != expected_bytes : stream->events != expected_events) {
        fail(stream, "ends after %ld events, %ld bytes", stream->events, stream->bytes);
    } else if (stream->is_event_stream && !stream->is_done) {
        fail(stream, "ends without the event done");
    } else {
        end(stream);
    }
}

/* Takes the response's head, or a part of it; returns the number of bytes taken. */
static size_t take_head(struct stream *stream, const char *bytes, size_t size) {
    for (size_t index = 0; index < size; index++) {
        if (stream->text_size + 1 == sizeof stream->text) return fail(stream, "the head is too long"), size;
        stream->text[stream->text_size++] = bytes[index];
        if (stream->text_size < 4 || memcmp(stream->text + stream->text_size - 4, "\r\n\r\n", 4)) continue;
        stream->text[stream->text_size] = 0;
        stream->text_size = 0;
        if (strncmp(stream->text, "HTTP/1.1 200 ", 13) || !strcasestr(stream->text, "\r\ntransfer-encoding: chunked\r\n")) {
            return fail(stream, "responded with %.*s", (int)strcspn(stream->text, "\r\n"), stream->text), size;
        }
        stream->is_event_stream = strcasestr(stream->text, "\r\ncontent-type: text/event-stream") != NULL;
        stream->state = CHUNK_SIZE;
        return index + 1;
    }
    return size;
}

/* Takes a byte of a chunk's frame. */
static void take_frame(struct stream *stream, char byte) {
    switch (stream->state) {
    case CHUNK_SIZE: {
        const char *digits = "0123456789abcdef", *digit = byte ? strchr(digits, byte | 0x20) : NULL;
        if (byte == '\n') stream->state = stream->chunk_rest > 0 ? CHUNK : TRAILER;
        else if (digit) stream->chunk_rest = stream->chunk_rest * 16 + (digit - digits);
        else if (byte != '\r') fail(stream, "no chunk's size");
        break;
    }
    case CHUNK_END:
    case TRAILER:
        if (byte != '\r' && byte != '\n') return fail(stream, "no chunk's end");
        if (byte == '\r') return;
        if (stream->state == TRAILER) return take_end(stream);
        stream->state = CHUNK_SIZE;
        break;
    default:
        break;
    }
}

static void take(struct stream *stream, char *bytes, size_t size, int64_t received) {
    while (size > 0 && stream->state != OVER) {
        size_t taken = 1;
        if (stream->state == HEAD) {
            taken = take_head(stream, bytes, size);
        } else if (stream->state == CHUNK) {
            taken = size < (size_t)stream->chunk_rest ? size : (size_t)stream->chunk_rest;
            take_content(stream, bytes, taken, received);
            stream->chunk_rest -= taken;
            if (stream->chunk_rest == 0 && stream->state == CHUNK) stream->state = CHUNK_END;
        } else {
            take_frame(stream, *bytes);
        }
        bytes += taken;
        size -= taken;
    }
}

static void take_readable(struct stream *stream) {
    static char buffer[BUFFER];
    static long since_pause;
    ssize_t size = read(stream->file, buffer, sizeof buffer);
    if (size < 0) return fail(stream, "read: %s", strerror(errno));
    if (size == 0) return fail(stream, "broken off after %ld events, %ld bytes", stream->events, stream->bytes);
    take(stream, buffer, size, now());
    since_pause += size;
    if (pause_ms > 0 && since_pause >= PAUSE_AFTER) {
        since_pause = 0;
        usleep(pause_ms * 1000);
    }
}

/* Connects, which takes no time on the loopback interface, and sends the request. */
static void start(struct stream *stream, int epoll, int port, const char *request, const char *token) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons(port);
    stream->file = socket(AF_INET, SOCK_STREAM, 0);
    if (stream->file < 0) die("socket");
    struct timeval limit = {.tv_sec = 5};
    int on = 1;
    setsockopt(stream->file, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(stream->file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(stream->file, (void *)&address, sizeof address)) return fail(stream, "connect: %s", strerror(errno));
    char text[4096];
    const char *place = strstr(request, "TOKEN");
    int size = place ? snprintf(text, sizeof text, "%.*s%s%s", (int)(place - request), request, token, place + 5)
                     : snprintf(text, sizeof text, "%s", request);
    if (size >= (int)sizeof text) return fail(stream, "the request is too long");
    if (send(stream->file, text, size, MSG_NOSIGNAL) != size) return fail(stream, "send: %s", strerror(errno));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, stream->file, &event)) die("epoll_ctl");
}

static int ascending(const void *left, const void *right) {
    uint32_t first = *(const uint32_t *)left, second = *(const uint32_t *)right;
    return (first > second) - (first < second);
}

static uint32_t percentile(const struct delays *delays, double part) {
    return delays->count ? delays->list[(long)(part * (delays->count - 1))] : 0;
}

static void print(const char *name, const struct delays *delays) {
    qsort(delays->list, delays->count, sizeof *delays->list, ascending);
    printf(", \"%s\": {\"p50\": %u, \"p99\": %u, \"max\": %u}", name, percentile(delays, 0.5), percentile(delays, 0.99),
           percentile(delays, 1));
}

int main(int argument_count, char **arguments) {
    if (argument_count < 7) {
        fprintf(stderr, "usage: streams PORT COUNT RAMP_MS LIMIT_SECONDS EXPECTED REQUEST [TOKENS]\n");
        return 1;
    }
    int port = atoi(arguments[1]);
    count = atoi(arguments[2]);
    int64_t ramp = atoll(arguments[3]) * 1000000, limit = atoll(arguments[4]) * 1000000000;
    int known = sscanf(arguments[5], "events:%ld", &expected_events) == 1
        || sscanf(arguments[5], "bytes:%ld:%ld", &expected_bytes, &pause_ms) >= 1;
    if (!known || count < 1) return fprintf(stderr, "streams: nothing to do\n"), 1;
    FILE *tokens = argument_count > 7 ? fopen(arguments[7], "r") : NULL;
    if (argument_count > 7 && !tokens) die(arguments[7]);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (size_t index = 0; index < sizeof pattern; index++) pattern[index] = ' ' + index % PERIOD;
    streams = calloc(count, sizeof *streams);
    long most = expected_events > 0 ? count * expected_events : 1;
    when_open.list = calloc(most, sizeof *when_open.list);
    while_opening.list = calloc(most, sizeof *while_opening.list);
    int epoll = epoll_create1(0);
    if (!streams || !when_open.list || !while_opening.list || epoll < 0) die("start");

    int64_t begin = now();
    int started = 0;
    while (over < count && now() < begin + limit) {
        while (started < count && now() >= begin + ramp * started / count) {
            char token[256] = "";
            if (tokens && !fgets(token, sizeof token, tokens)) die("too few tokens");
            token[strcspn(token, "\n")] = 0;
            streams[started].number = started;
            start(&streams[started++], epoll, port, arguments[6], token);
        }
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, started < count ? 1 : 100);
        if (ready < 0 && errno != EINTR) die("epoll_wait");
        for (int index = 0; index < ready; index++) take_readable(events[index].data.ptr);
    }
    for (int index = 0; index < started; index++) {
        fail(&streams[index], "not complete in time, after %ld events, %ld bytes", streams[index].events,
             streams[index].bytes);
    }
    double seconds = (now() - open_since) / 1e9;
    printf("{\"events\": %ld, \"bytes\": %ld, \"failed\": %d, \"seconds\": %.3f", event_count, byte_count, failed, seconds);
    print("delay", &when_open);
    print("delay while opening", &while_opening);
    printf("}\n");
}
