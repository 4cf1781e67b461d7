"""A mail server: as much of SMTP (RFC 5321) as Python's client speaks, and what it was given."""

import email
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class Mailbox:
    port: int = 0
    refuses: bool = False  # every recipient
    got: list[EmailMessage] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Mailbox]:
    mailbox = Mailbox()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline():
                match line.strip().upper().split(b" ")[0].split(b":")[0]:
                    case b"DATA":
                        self.say("354 go on")
                        mailbox.got.append(self.message())
                        self.say("250 taken")
                    case b"RCPT" if mailbox.refuses:
                        self.say("550 nobody of that name")
                    case b"QUIT":
                        self.say("221 bye")
                        return
                    case _:
                        self.say("250 well")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def message(self) -> EmailMessage:
            lines = iter(self.rfile.readline, b".\r\n")
            text = b"".join(line.removeprefix(b".") for line in lines)
            return email.message_from_bytes(text, policy=email.policy.default)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()
