/// A bootstrap in Python. It first does what the variable INIT says, and then what each event's `do` says.
enum ScriptedBootstrap {
    static let text = #"""
        #!/usr/bin/env -S python3 -I -S
        import base64, json, os, signal, socket, sys, threading, time

        host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
        seen = []  # the statuses and error types of the API's responses

        def connect():
            return socket.create_connection((host, int(port)))

        def read_response(file):
            status = int(file.readline().split()[1])
            headers = {}
            while (line := file.readline().strip()):
                name, value = line.decode().split(":", 1)
                headers[name.lower()] = value.strip()
            return status, headers, file.read(int(headers.get("content-length", 0)))

        def call(method, path, body=b"", headers=()):
            connection = connect()
            lines = [f"{method} /{path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {len(body)}", *headers]
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            status, fields, content = read_response(connection.makefile("rb"))
            if method == "POST":
                kind = json.loads(content).get("errorType") if status >= 400 else None
                seen.append([status, kind])
            return status, fields, content

        def respond(id, body, headers=()):
            return call("POST", f"2018-06-01/runtime/invocation/{id}/response", body, headers)

        def stream(id, event):
            connection = connect()
            head = [
                f"POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1", f"Host: {host}:{port}",
                "Lambda-Runtime-Function-Response-Mode: streaming", "Transfer-Encoding: chunked",
                "Content-Type: " + event.get("type", "application/vnd.awslambda.http-integration-response"),
                "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
            ]
            connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
            for piece in event["pieces"]:
                if isinstance(piece, (int, float)):
                    time.sleep(piece)
                    continue
                data = piece.encode() * event.get("times", 1)
                connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))
            if "exit" in event:  # in the middle, once the pieces are sent
                time.sleep(0.2)
                os._exit(event["exit"])
            trailers = "".join(f"{name}: {value}\r\n" for name, value in event.get("trailers", {}).items())
            connection.sendall(b"0\r\n" + trailers.encode() + b"\r\n")
            seen.append([read_response(connection.makefile("rb"))[0], None])

        def obey(id, headers, content):
            event = json.loads(content)
            if "body" in event and "requestContext" in event:  # from a gateway: the order is the body
                event = json.loads(event["body"])
            order = event["do"]
            print("told to", order, flush=True)
            if order == "echo": respond(id, content)
            elif order == "respond": respond(id, event["text"].encode())
            elif order == "seen": respond(id, json.dumps(seen).encode())
            elif order == "headers": respond(id, json.dumps(headers).encode())
            elif order == "environment": respond(id, json.dumps(dict(os.environ, PWD=os.getcwd())).encode())
            elif order == "say":  # before the response, and after it
                print(event["text"] * event.get("times", 1), flush=True)
                respond(id, b'"said"')
                print("after the response", flush=True)
            elif order == "leave a child":  # which keeps the output open, in a session of its own
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(20)
                    os._exit(0)
                os._exit(1)
            elif order == "pid": respond(id, str(os.getpid()).encode())
            elif order == "exit": os._exit(event["code"])
            elif order == "signal": os.kill(os.getpid(), event["number"])
            elif order == "hang": time.sleep(1000)
            elif order == "sleep":
                time.sleep(event["seconds"])
                respond(id, str(os.getpid()).encode())
            elif order == "child":  # hangs, with a child that hangs
                child = os.fork()
                if child == 0:
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                    time.sleep(1000)
                print("child", child, flush=True)
                time.sleep(1000)
            elif order == "wrong id":
                respond("00000000-0000-0000-0000-000000000000", b"{}")
                respond(id, json.dumps(seen).encode())
            elif order == "twice":
                respond(id, b'"first"')
                respond(id, b'"second"')
            elif order == "large": respond(id, b"x" * event["count"])
            elif order == "mode": respond(id, b"{}", ["Lambda-Runtime-Function-Response-Mode: sideways"])
            elif order == "ask twice":  # as after a lost response
                again = call("GET", "2018-06-01/runtime/invocation/next")
                respond(id, json.dumps(again[1]["lambda-runtime-aws-request-id"] == id).encode())
            elif order == "error":
                body = json.dumps({"errorMessage": event["message"], "errorType": "Own", "stackTrace": []}).encode()
                call("POST", f"2018-06-01/runtime/invocation/{id}/error", body,
                     ["Lambda-Runtime-Function-Error-Type: " + event["type"]])
            elif order == "stream": stream(id, event)
            elif order == "break":
                connection = connect()
                connection.sendall(f"POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: {host}\r\n"
                                   "Content-Length: 9\r\n\r\nhalf".encode())
                connection.close()
            elif order == "respond and exit":
                respond(id, b'"last words"')
                os._exit(0)

        def work():
            while True:
                _, headers, content = call("GET", "2018-06-01/runtime/invocation/next")
                obey(headers["lambda-runtime-aws-request-id"], headers, content)

        def leave(*_):
            print("told to end", flush=True)
            sys.exit(0)

        init = os.environ.get("INIT")
        if init: print("begins to", init, flush=True)
        if init == "exit": sys.exit(7)
        if init == "chatter":  # after each request for the next event
            inner = obey
            def obey(id, headers, content):
                inner(id, headers, content)
                threading.Timer(0.1, lambda: print("chatters", flush=True)).start()
        if init == "hang": time.sleep(1000)
        if init == "error":
            call("POST", "2018-06-01/runtime/init/error", b'{"errorMessage":"no store","errorType":"Own"}',
                 ["Lambda-Runtime-Function-Error-Type: Runtime.NoStore"])
            sys.exit(1)
        if init == "once":  # fails only the first time
            try:
                open(os.environ["MARK"], "x")
                sys.exit(7)
            except FileExistsError:
                pass
        if init == "extension":
            signal.signal(signal.SIGTERM, leave)
            call("POST", "2020-01-01/extension/register", b'{"events":[]}', ["Lambda-Extension-Name: bootstrap"])
        if init == "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            call("POST", "2020-01-01/extension/register", b"", ["Lambda-Extension-Name: bootstrap"])
        count = int(os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY", 1))
        for _ in range(count - 1):
            threading.Thread(target=work, daemon=True).start()
        work()
        """#
}
