#!/usr/bin/python3
"""smtpsink.py PORT DIRECTORY: a mail server that keeps each message it is given as a file NUMBER.eml,
with the envelope in front of it. It refuses mail for nobody@ for good, and all while there is a file
"full" in the directory. Says "ready" once it listens."""

import asyncio
import itertools
import os
import signal
import sys

from aiosmtpd.smtp import SMTP

port, directory = int(sys.argv[1]), sys.argv[2]
numbers = itertools.count(1)


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if os.path.exists(f"{directory}/full"):
            return "452 4.3.1 no room"
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = f"{directory}/{next(numbers)}.eml"
        with open(name + ".new", "wb") as out:
            for to in envelope.rcpt_tos:
                out.write(b"RCPT " + to.encode() + b"\n")
            out.write(envelope.original_content.replace(b"\r\n", b"\n"))
        os.rename(name + ".new", name)
        return "250 OK"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="sink"), "127.0.0.1", port)
    print("ready", flush=True)
    done = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, done.set)
    await done.wait()
    server.close()


asyncio.run(main())
