"""A mail server for tests: aiosmtpd, answering as it is told, and reading each letter as a mail client would.

  mail.py FOLDER [--tls CERT KEY] [--starttls CERT KEY] [--login NAME PASSWORD]

Listens on a free loopback port and prints {"port":N}. FOLDER/answers.json, read anew each time, says what it answers
to a command in place of yes: {"RCPT": "550 no such user", "RCPT two@example.org": "451 later", "DATA": "451 full"};
DATA is the answer to the whole letter. Each accepted letter becomes FOLDER/NNNN.eml and NNNN.json (envelope, headers,
text, html, as Python's e-mail parser reads them) before it is acknowledged. Ends when its standard input does.
"""

import argparse
import asyncio
import email
import email.policy
import itertools
import json
import logging
import os
import pathlib
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Mailbox:
    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count(1)

    def told(self, *commands):
        """What the test wants answered to the first of these commands that it names."""
        try:
            answers = json.loads((self.folder / "answers.json").read_text())
        except FileNotFoundError:
            return None
        return next((answers[command] for command in commands if command in answers), None)

    async def handle_MAIL(self, server, session, envelope, address, options):
        if refusal := self.told("MAIL"):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refusal := self.told(f"RCPT {address}", "RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if refusal := self.told("DATA"):
            return refusal
        self.keep(envelope)
        return "250 kept"

    def keep(self, envelope):
        letter = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        read = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in letter.items()],
            "text": content(letter, "plain"),
            "html": content(letter, "html"),
            "defects": [repr(defect) for defect in letter.defects],
        }
        name = f"{next(self.numbers):04}"
        (self.folder / f"{name}.eml").write_bytes(envelope.original_content)
        unfinished = self.folder / f"{name}.part"
        unfinished.write_text(json.dumps(read))
        unfinished.rename(self.folder / f"{name}.json")


def content(letter, kind):
    """The part of this kind as it is shown, None without one."""
    part = letter.get_body((kind,))
    return part and part.get_content().replace("\r\n", "\n")


def context(files):
    if not files:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*files)
    return made


def authenticator(login):
    def check(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == login
        # Not handled means that aiosmtpd is to answer 535.
        return AuthResult(success=right, handled=right)

    return check


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--tls", nargs=2)
    arguments.add_argument("--starttls", nargs=2)
    arguments.add_argument("--login", nargs=2)
    told = arguments.parse_args()
    mailbox, starttls = Mailbox(told.folder), context(told.starttls)

    def conversation():
        return SMTP(
            mailbox,
            hostname="mail.example.org",
            ident="test mailbox",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=authenticator(told.login) if told.login else None,
            auth_required=told.login is not None,
            # aiosmtpd cannot tell that implicit TLS is there, and warns of a log-in without it.
            auth_require_tls=starttls is not None,
        )

    warnings.simplefilter("ignore")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(conversation, "127.0.0.1", 0, ssl=context(told.tls))
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
