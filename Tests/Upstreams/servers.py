"""The commands of workflow servers and proxies."""

import contextlib
import os
import socket
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
WORKFLOWS = os.path.join(HERE, "workflows")


def ports(count):
    """Ports that nothing listens on, found together so that they differ."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def workflow_commands(tools, go):
    """The commands that start workflow servers, each on its port and in the folder WORKFLOWS. `go` is the built one."""
    def tool(name):
        return os.path.join(tools, "bin", name)

    return {
        "FastAPI": lambda port: [
            tool("uvicorn"), "fastapi_workflow:app", "--port", str(port), "--log-level", "warning"],
        "aiohttp": lambda port: [tool("python"), "-B", "aiohttp_workflow.py", str(port)],
        "Flask": lambda port: [tool("gunicorn"), "--bind", f"127.0.0.1:{port}", "--threads", "4", "flask_workflow:app"],
        "Node": lambda port: ["node", "node_workflow.js", str(port)],
        "Go": lambda port: [go, str(port)],
    }


def nginx(folder, port, functions, *lines):
    """The command of an nginx with default settings and these lines; /NAME/… goes to the function NAME."""
    parts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    lines = [*lines, *(f"{each}_temp_path {folder}/nginx-{port}-{each};" for each in parts)]
    locations = [f"location /{name}/ {{ proxy_pass http://127.0.0.1:{each}/; }}" for name, each in functions.items()]
    path = write(folder, f"nginx-{port}.conf", f"""\
        daemon off; master_process off; pid {folder}/nginx-{port}.pid; error_log stderr;
        events {{}}
        http {{
            access_log off;
            {" ".join(lines)}
            server {{ listen 127.0.0.1:{port}; {" ".join(locations)} }}
        }}
        """)
    return ["/usr/sbin/nginx", "-c", path]


def haproxy(folder, port, functions):
    """The command of an HAProxy that compresses; /NAME/… goes to the function NAME."""
    path = write(folder, f"haproxy-{port}.cfg", f"""\
        defaults
            mode http
            timeout connect 5s
            timeout client 30s
            timeout server 30s
            compression algo gzip
            compression type text/plain text/event-stream
        frontend all
            bind 127.0.0.1:{port}
            http-request set-var(txn.name) path,field(2,/)
            http-request replace-path /[^/]+(/.*) \\1
            use_backend %[var(txn.name)]
        """, *(f"backend {name}\n    server function 127.0.0.1:{each}\n" for name, each in functions.items()))
    return ["/usr/sbin/haproxy", "-f", path]


def compressing_node(port, functions):
    """The command of a proxy in Node that compresses; /NAME/… goes to the function NAME."""
    pairs = [f"{name}={each}" for name, each in functions.items()]
    return ["node", os.path.join(HERE, "compressing_proxy.js"), str(port), *pairs]


def write(folder, name, text, *more):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(textwrap.dedent(text) + "".join(more))
    return path
