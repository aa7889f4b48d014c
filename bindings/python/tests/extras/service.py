"""A model service on this machine: it answers as it is told, and keeps what it was asked."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Asked:
    """One request."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body


@contextlib.contextmanager
def serving(answer):
    """Serves until left; `answer` takes an `Asked` and returns a status, JSON, and headers if any.

    Gives the address and the list of what was asked.
    """
    asked = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = Asked(self.path, dict(self.headers), body)
            with lock:
                asked.append(request)
            status, said, *headers = answer(request)
            data = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in headers[0].items() if headers else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
