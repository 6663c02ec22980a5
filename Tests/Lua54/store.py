"""A server whose scripts run in Lua 5.4, as in Dragonfly and Garnet. It passes other commands to a real Redis.

usage: store.py PORT REDIS_PORT

Scripts see the differences of such servers: scores of a sorted set are floating-point numbers, and arguments that a
script passes to a command are text as Lua 5.4 writes it, so 1.0 is "1.0" and not an integer.
"""
import hashlib
import socket
import socketserver
import sys
import threading

import lupa.lua54

REDIS = int(sys.argv[2])
# A script is one command: no other command runs meanwhile.
LOCK = threading.Lock()
SCRIPTS = {}


class ReplyError(Exception):
    pass


def encode(arguments):
    return b"*%d\r\n" % len(arguments) + b"".join(b"$%d\r\n%s\r\n" % (len(each), each) for each in arguments)


def read_reply(file):
    """A reply of Redis: bytes, int, None, list, or a status as a tuple."""
    line = file.readline()
    if not line:
        raise EOFError
    kind, rest = line[:1], line[1:-2]
    if kind == b"+":
        return (rest,)
    if kind == b"-":
        raise ReplyError(rest.decode())
    if kind == b":":
        return int(rest)
    if int(rest) < 0:
        return None
    if kind == b"$":
        return file.read(int(rest) + 2)[:-2]
    return [read_reply(file) for _ in range(int(rest))]


def write_reply(value):
    if value is None or value is False:
        return b"$-1\r\n"
    if value is True:
        return b":1\r\n"
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, float):
        text = repr(value).encode()
        return b"$%d\r\n%s\r\n" % (len(text), text)
    if isinstance(value, tuple):
        return b"+" + value[0] + b"\r\n"
    if isinstance(value, bytes):
        return b"$%d\r\n%s\r\n" % (len(value), value)
    if not isinstance(value, list):
        value = [value[index] for index in range(1, len(value) + 1)]
    return b"*%d\r\n" % len(value) + b"".join(write_reply(each) for each in value)


class Client(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.upstream = socket.create_connection(("127.0.0.1", REDIS))
        self.replies = self.upstream.makefile("rb")

    def handle(self):
        try:
            while line := self.rfile.readline():
                arguments = []
                for _ in range(int(line[1:])):
                    count = int(self.rfile.readline()[1:])
                    arguments.append(self.rfile.read(count + 2)[:-2])
                self.wfile.write(self.reply(arguments))
        except (EOFError, OSError):
            pass
        finally:
            self.upstream.close()

    def reply(self, arguments):
        name = arguments[0].upper()
        try:
            if name == b"SCRIPT" and arguments[1].upper() == b"LOAD":
                return write_reply(self.keep(arguments[2]))
            with LOCK:
                if name not in (b"EVAL", b"EVALSHA"):
                    return write_reply(self.call(arguments))
                text = arguments[1] if name == b"EVAL" else SCRIPTS.get(arguments[1].lower())
                if text is None:
                    return b"-NOSCRIPT No matching script\r\n"
                self.keep(text)
                return write_reply(self.run(text, int(arguments[2]), arguments[3:]))
        except (ReplyError, lupa.lua54.LuaError) as error:
            return b"-" + str(error).split("\n")[0].encode() + b"\r\n"

    def keep(self, text):
        digest = hashlib.sha1(text).hexdigest().encode()
        SCRIPTS[digest] = text
        return digest

    def call(self, arguments):
        self.upstream.sendall(encode(arguments))
        return read_reply(self.replies)

    def run(self, text, key_count, arguments):
        lua = lupa.lua54.LuaRuntime(encoding=None)

        def table(value):
            if isinstance(value, list):
                return lua.table_from([table(each) for each in value])
            return False if value is None else value

        def redis_call(*given):
            words = [each if isinstance(each, bytes) else str(each).encode() for each in given]
            reply = self.call(words)
            if words[0] == b"ZRANGE":
                reply = [float(each) if index % 2 else each for index, each in enumerate(reply)]
            return table(reply[0] if isinstance(reply, tuple) else reply)

        world = lua.globals()
        world[b"redis"] = lua.table_from({b"call": redis_call})
        world[b"KEYS"] = lua.table_from(arguments[:key_count])
        world[b"ARGV"] = lua.table_from(arguments[key_count:])
        return lua.execute(text)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Client).serve_forever()
