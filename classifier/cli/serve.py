"""`classify serve`: the HTTP service."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from typing import Any

from classifier.cli import parser, work
from classifier.errors import MissingExtraError, UnavailableError

HELP = "run the HTTP service"
EXAMPLES = """examples:
  classify serve
  classify serve --host 0.0.0.0 --port 8080 --workers 2
  curl -s localhost:8080/v1/clean -H 'content-type: text/plain' --data-binary @page.txt"""

BACKLOG = 2048


def add_arguments(arguments: argparse.ArgumentParser) -> None:
    arguments.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    arguments.add_argument("--port", type=_port, default=8080, help="the port, 0 for any that is free (default: 8080)")
    arguments.add_argument("--workers", type=parser.positive, default=1, metavar="N", help="processes (default: 1)")
    arguments.add_argument("--access-log", action="store_true", help="a line for each request on standard output")
    parser.add_model(arguments)


def run(args: argparse.Namespace) -> int:
    try:
        import uvicorn
        from uvicorn.supervisors import Multiprocess

        from classifier.service import Settings, create_app
    except ImportError as error:
        raise MissingExtraError("serve", error.name) from error
    topic = work.load_filter(args)  # a bad model is told before the port is taken
    listener = _listen(args.host, args.port)
    settings = Settings(args.model, args.threshold, args.recall)
    log_level = "info" if args.access_log else "warning"
    options: dict[str, Any] = {"http": "httptools", "lifespan": "on", "access_log": args.access_log, "log_level": log_level}
    host, port = listener.getsockname()[:2]
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    print(f"classify: serving {topic.model.full_name} on http://{where} (docs at /docs)", file=sys.stderr, flush=True)
    _end_well_on(signal.SIGTERM)
    if args.workers == 1:
        uvicorn.Server(uvicorn.Config(create_app(settings), **options)).run([listener])
        return 0
    os.environ.update(settings.to_environment())
    config = uvicorn.Config("classifier.service.app:create_from_environment", factory=True, workers=args.workers, **options)
    Multiprocess(config, [listener]).run()
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise UnavailableError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    listener.set_inheritable(True)
    return listener


def _end_well_on(signal_number: signal.Signals) -> None:
    """Have the server's own graceful end be the whole of it: it sends itself the signal again when it has finished."""
    signal.signal(signal_number, lambda *_: None)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a port from 0 to 65535")
    return int(text)
