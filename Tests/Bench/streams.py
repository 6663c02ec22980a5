"""Measurements of the stream function, compared with the same streams read directly from the workflow."""

import json
import os
import statistics
import subprocess
import time

from .processes import cpu_seconds, kib, running, say
from .rig import NGINX

RATE = 10


def fanout(rig):
    count, seconds = 1000, 2 * rig.options.seconds
    memory = []

    def watch(pid, idle):
        time.sleep(1)
        memory.append((pss(pid) - idle) / count)

    serving, workflow = rig.workflow()
    with serving:
        events = Events(rig, workflow, count, seconds)
        direct, text, sent = rig.rounds(
            events.direct, lambda: events.through("*/*", watch), lambda: events.through("text/event-stream"),
        )
    wanted = len(text + sent) * count * seconds * RATE
    came = sum(each["events"] for each in text + sent)
    failed = sum(each["failed"] for each in text + sent)
    rig.row(f"events of {count:,} streams at once that arrived in order",
            f"{came:,} of {wanted:,}, {failed} streams failed", "all", came == wanted and failed == 0)
    for form, ours in [("plain text", text), ("server-sent events", sent)]:
        rig.ratio(f"99th percentile of their delay, {form}, against the workflow read directly",
                  p99(ours), p99(direct), most=3, format="{:,.0f} µs")
    each = statistics.median(memory)
    rig.row("memory of a stream", f"{each / 1000:.1f} KB", "≤ 60 KB", each <= 60_000)


def silent(rig):
    count, seconds = 1000, max(10, 3 * rig.options.seconds)
    memory, redis, server = [], [], []

    def watch(pid, idle):
        time.sleep(1)
        memory.append((pss(pid) - idle) / count)
        before, began = (cpu_seconds(rig.redis_pid), cpu_seconds(pid)), time.monotonic()
        time.sleep(seconds - 5)
        share = 1e6 / count / (time.monotonic() - began)
        redis.append((cpu_seconds(rig.redis_pid) - before[0]) * share)
        server.append((cpu_seconds(pid) - before[1]) * share)

    serving, workflow = rig.workflow()
    with serving:
        settings = {"LOOPS": "1", "STREAM_OPENS": "at_once", "WORKFLOW_FIRST_BYTE_SECONDS": "600"}

        def read_all():
            # Redis would be busy with the expiry of tokens that other measurements left.
            rig.drop_tokens()
            with Stream(rig, workflow, count, **settings) as stream:
                idle = pss(stream.pid)
                check(stream.read(f"silent-{seconds}", "events:1", "text/event-stream", lambda: watch(stream.pid, idle)))

        rig.rounds(read_all)
    each, share = statistics.median(memory), statistics.median(redis)
    rig.row("memory of a stream that is opened at once and silent", f"{each / 1000:.1f} KB", "≤ 12 KB", each <= 12_000)
    rig.row("its Redis CPU per second, for 1,000 of them", f"{share:.1f} µs", "≤ 10 µs", share <= 10)
    rig.row("its server CPU per second", f"{statistics.median(server):.1f} µs")


def delay(rig):
    serving, workflow = rig.workflow()
    with serving:
        events = Events(rig, workflow, 100, 2 * rig.options.seconds)
        direct, ours = rig.rounds(events.direct, events.through)
    ours, direct = statistics.median(p99(ours)), statistics.median(p99(direct))
    rig.row("99th percentile of the delay of 100 streams, less that of the workflow read directly",
            f"{(ours - direct) / 1000:.2f} ms ({ours:,.0f} − {direct:,.0f} µs)", "≤ 1 ms", ours - direct <= 1000)


def proxy(rig):
    if not os.path.exists(NGINX):
        say("  nginx is not installed: left out")
        return
    # Opening so many takes two seconds, and the first to open end first.
    count, rate, seconds = 1000, 20, max(6, 2 * rig.options.seconds)
    memory = {}

    def measured(way, name):
        """The CPU time of an event and the 99th percentile of the delay, in microseconds. Notes the memory of a
        stream."""
        cpu = []

        def watch(pid, idle):
            # Opening the streams is not part of it.
            time.sleep(1)
            memory.setdefault(name, []).append((pss(pid) - idle) / count)
            before, began = cpu_seconds(pid), time.monotonic()
            time.sleep(seconds - 4)
            # All streams go on until later. Their rate is steady, and `check` finds out whether each event came.
            cpu.append((cpu_seconds(pid) - before) / (time.monotonic() - began) / count / rate * 1e6)

        reading = check(way(watch))
        return cpu[0], reading["delay"]["p99"]

    serving, workflow = rig.workflow()
    with serving:
        events = Events(rig, workflow, count, seconds, rate, LOOPS="1")
        results = rig.rounds(
            lambda: measured(lambda watch: events.past_nginx(watch), "nginx"),
            lambda: measured(lambda watch: events.through("*/*", watch), "plain text"),
            lambda: measured(lambda watch: events.through("text/event-stream", watch), "server-sent events"),
        )
    theirs, *ours = [list(zip(*result)) for result in results]
    for name, (cpu, p99) in zip(["plain text", "server-sent events"], ours):
        rig.ratio(f"CPU for an event of {count:,} streams, {rate} a second each, {name}, against nginx", cpu, theirs[0],
                  most=1.15 if name == "plain text" else None, format="{:.1f} µs")
        rig.ratio(f"99th percentile of its delay, {name}, against nginx", p99, theirs[1], format="{:,.0f} µs")
        rig.ratio(f"memory of a stream, {name}, against nginx", memory[name], memory["nginx"], format="{:,.0f} bytes")


def resume(rig):
    # Opening so many takes two seconds, and the first to open end first.
    count, rate, seconds = 1000, 20, max(8, 2 * rig.options.seconds)
    memory, redis = {}, {}

    def measured(events, name):
        """The function's CPU time of an event, in microseconds. Notes that of Redis, and the memory of a stream."""
        cpu = []

        def watch(pid, idle):
            # Opening the streams is not part of it.
            time.sleep(1)
            memory.setdefault(name, []).append((pss(pid) - idle) / count)
            before, began = (cpu_seconds(pid), cpu_seconds(rig.redis_pid)), time.monotonic()
            time.sleep(seconds - 4)
            # All streams go on until later. Their rate is steady, and `check` finds out whether each event came.
            share = 1e6 / (time.monotonic() - began) / count / rate
            cpu.append((cpu_seconds(pid) - before[0]) * share)
            redis.setdefault(name, []).append((cpu_seconds(rig.redis_pid) - before[1]) * share)

        rig.drop_tokens()
        check(events.through("text/event-stream", watch))
        return cpu[0]

    serving, workflow = rig.workflow()
    with serving:
        off = Events(rig, workflow, count, seconds, rate, LOOPS="2")
        on = Events(rig, workflow, count, seconds, rate, LOOPS="2", STREAM_RESUME_SECONDS="60")
        results = rig.rounds(lambda: measured(off, "off"), lambda: measured(on, "on"))
    rig.ratio(f"CPU for an event of {count:,} streams that can be resumed, {rate} a second each, against streams that "
              "cannot", results[1], results[0], most=1.5, format="{:.1f} µs")
    each = statistics.median(redis["on"])
    rig.row("Redis' CPU for such an event", f"{each:.2f} µs", "≤ 3 µs", each <= 3)
    each = statistics.median(memory["on"])
    rig.row("memory of a stream that can be resumed", f"{each / 1000:.1f} KB", "≤ 64 KB", each <= 64_000)


def slow(rig):
    size = 1 << 30
    serving, workflow = rig.workflow()

    def rate(reading):
        check(reading)
        return reading["bytes"] / reading["seconds"] / 1e6

    def direct():
        return rate(read(rig, workflow, ask(f"/base/bytes-{size}"), f"bytes:{size}"))

    def through(expected=f"bytes:{size}"):
        with Stream(rig, workflow) as stream:
            reading = stream.read(f"bytes-{size}", expected)
            return rate(reading), kib(f"/proc/{stream.pid}/status", "VmHWM") * 1024

    with serving:
        _, peak = through(f"bytes:{size}:100")
        theirs, ours = rig.rounds(direct, lambda: through()[0])
    rig.row("peak memory for a body of 1 GiB and a reader that pauses", f"{peak / 1e6:.1f} MB", "< 64 MB", peak < 64e6)
    rig.ratio("MB a second of that body to a reader that does not, against the workflow read directly",
              ours, theirs)


class Events:
    """Reads many streams with steady events at once: directly from the workflow, through the function, or through nginx."""

    def __init__(self, rig, workflow, count, seconds, rate=RATE, **environment):
        self.rig = rig
        self.workflow = workflow
        self.count = count
        self.environment = environment
        self.name = f"events-{rate}-{seconds}"
        self.expected = f"events:{rate * seconds}"

    def direct(self):
        return check(read(self.rig, self.workflow, ask(f"/base/{self.name}"), self.expected, self.count))

    def through(self, accept="*/*", watch=lambda pid, idle: None):
        with Stream(self.rig, self.workflow, self.count, **self.environment) as stream:
            idle = pss(stream.pid)
            return stream.read(self.name, self.expected, accept, lambda: watch(stream.pid, idle))

    def past_nginx(self, watch):
        serving, port = self.rig.nginx(self.workflow)
        with serving as pid:
            idle = pss(pid)
            request = ask(f"/base/{self.name}")
            return read(self.rig, port, request, self.expected, self.count, when_open=lambda: watch(pid, idle))


class Stream:
    """Starts a stream function before the workflow, and mints tokens for the streams."""

    def __init__(self, rig, workflow, count=1, **environment):
        self.rig = rig
        self.count = count
        self.tokens = f"{rig.folder}/tokens"
        with open(self.tokens, "w") as file:
            file.writelines(f"{token}\n" for token in rig.mint(count))
        self.serving, self.port = rig.stream(WORKFLOW_URL=f"http://127.0.0.1:{workflow}/base", **environment)

    def __enter__(self):
        self.pid = self.serving.__enter__()
        return self

    def __exit__(self, *exception):
        return self.serving.__exit__(*exception)

    def read(self, name, expected, accept="*/*", when_open=lambda: None):
        request = ask(f"/api/v1/run/{name}/stream?token=TOKEN", accept)
        return read(self.rig, self.port, request, expected, self.count, self.tokens, when_open)


def ask(target, accept="*/*"):
    return (f"POST {target} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n{}")


def read(rig, port, request, expected, count=1, tokens=None, when_open=lambda: None):
    """The results of streams.c for `count` streams; calls `when_open` when all of them have begun."""
    # After two seconds all streams are open, and none has ended yet.
    ramp, limit = 2 * count, 120
    command = [f"{rig.folder}/streams", str(port), str(count), str(ramp), str(limit), expected, request]
    with running(command + ([tokens] if tokens else []), stdout=subprocess.PIPE, text=True) as load:
        if load.stdout.readline() != "open\n":
            raise SystemExit("streams.c could not run")
        when_open()
        return json.loads(load.communicate()[0])


def check(reading):
    """Fails if the other program did not read all of it, because then there is nothing to compare with."""
    if reading["failed"]:
        raise SystemExit(f"{reading['failed']} streams failed")
    return reading


def p99(readings):
    return [reading["delay"]["p99"] for reading in readings]


def pss(pid):
    return kib(f"/proc/{pid}/smaps_rollup", "Pss") * 1024
