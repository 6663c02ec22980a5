"""Adds TLS to a server that does not speak it, in the variants that the tests need.

usage: front.py PORT TARGET-PORT CERTIFICATE KEY [--least VERSION] [--most VERSION] [--abrupt]

Listens on PORT of 127.0.0.1, prints a line when it does, and forwards connections to TARGET-PORT there. VERSION is
TLSv1_2 or TLSv1_3. --abrupt closes connections without TLS' close_notify. Exits when its standard input ends.
"""

import argparse
import asyncio
import ssl
import sys


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("target", type=int)
    parser.add_argument("certificate")
    parser.add_argument("key")
    parser.add_argument("--least", default="TLSv1_2")
    parser.add_argument("--most", default="TLSv1_3")
    parser.add_argument("--abrupt", action="store_true")
    return parser.parse_args()


def context(options):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion[options.least]
    made.maximum_version = ssl.TLSVersion[options.most]
    made.load_cert_chain(options.certificate, options.key)
    return made


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        return True
    except OSError:
        return False


async def serve(options):
    async def accepted(reader, writer):
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", options.target)
        except OSError:
            writer.transport.abort()
            return
        up = asyncio.create_task(pump(reader, target_writer))
        down = asyncio.create_task(pump(target_reader, writer))
        done, _ = await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        is_orderly = all(task.result() for task in done)
        if down in done and is_orderly and not options.abrupt:
            writer.close()
        elif down in done:
            writer.transport.abort()
        else:
            target_writer.close()
            writer.close()
        up.cancel()
        down.cancel()
        target_writer.close()

    await asyncio.start_server(accepted, "127.0.0.1", options.port, ssl=context(options), backlog=256)
    print("listening", flush=True)
    # Standard input ends when the process that started this one does.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


arguments = options()
try:
    asyncio.run(serve(arguments))
except KeyboardInterrupt:
    pass
