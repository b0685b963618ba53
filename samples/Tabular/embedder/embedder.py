#!/usr/bin/env python3
"""Turns texts into vectors with a sentence-transformers model that is on disk already; nothing is downloaded.

The folder of the model is in SENTENCE_TRANSFORMERS_HOME, as the app sets it from CachedModel.Environment. On 127.0.0.1 alone:

    GET  /healthz   200 once the model is loaded; before that nothing listens
    POST /embed     {"texts": ["..."]} -> {"model": "...", "embeddings": [[...], ...]}
"""

import argparse
import http.server
import json
import os
import pathlib
import signal
import sys
import threading

MAX_BODY = 1 << 20
MAX_TEXTS = 256
MAX_CHUNK_LINE = 64
PREFIX = "models--"


def find_model(cache):
    """Returns the repository's name and the folder of its commit: one path, so that no library looks anything up."""
    folders = sorted(p for p in pathlib.Path(cache).glob(f"{PREFIX}*") if p.is_dir())
    if len(folders) != 1:
        raise SystemExit(f"SENTENCE_TRANSFORMERS_HOME={cache}: expected one folder {PREFIX}*, found {len(folders)}.")
    commit = (folders[0] / "refs" / "main").read_text(encoding="ascii").strip()
    snapshot = folders[0] / "snapshots" / commit
    # Without it sentence-transformers would silently embed in another way.
    if not (snapshot / "modules.json").is_file():
        raise SystemExit(f"{snapshot}: expected a modules.json, found none.")
    return folders[0].name[len(PREFIX):].replace("--", "/"), snapshot


def make_handler(name, model):
    one_at_a_time = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self):
            self.answer(*((200, {"status": "ready", "model": name}) if self.path == "/healthz" else (404, {"error": "expected GET /healthz"})))

        def do_POST(self):
            if self.path != "/embed":
                return self.answer(404, {"error": "expected POST /embed"})
            try:
                body = self.read_body()
                if body is None:
                    self.close_connection = True
                    return self.answer(413, {"error": f"expected a body of at most {MAX_BODY} bytes"})
                texts = json.loads(body)["texts"]
                if not (isinstance(texts, list) and 0 < len(texts) <= MAX_TEXTS and all(isinstance(t, str) for t in texts)):
                    raise ValueError
            except (ValueError, KeyError, TypeError):
                self.close_connection = True
                return self.answer(400, {"error": f'expected {{"texts": [...]}} with 1 to {MAX_TEXTS} texts'})
            # More at a time would only share the same cores.
            with one_at_a_time:
                vectors = model.encode(texts, normalize_embeddings=True)
            return self.answer(200, {"model": name, "embeddings": [[float(x) for x in vector] for vector in vectors]})

        def read_body(self):
            """Reads a body with its length, or in chunks, as HttpClient of .NET sends JSON; None when it is too long."""
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                length = int(self.headers.get("Content-Length", "0"))
                return self.rfile.read(length) if 0 <= length <= MAX_BODY else None
            body = b""
            while size := int(self.rfile.readline(MAX_CHUNK_LINE).split(b";")[0], 16):
                if size < 0 or len(body) + size > MAX_BODY:
                    return None
                body += self.rfile.read(size)
                self.rfile.readline(MAX_CHUNK_LINE)
            self.rfile.readline(MAX_CHUNK_LINE)
            return body

        def answer(self, status, body):
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_request(self, code="-", size="-"):
            """The app asks for /healthz every few seconds; errors are logged by log_error."""

    return Handler


def main():
    parser = argparse.ArgumentParser(prog="embedder", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8001, help="the TCP port on 127.0.0.1 (default 8001)")
    options = parser.parse_args()
    cache = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    if not cache or os.environ.get("HF_HUB_OFFLINE") != "1":
        raise SystemExit("Expected SENTENCE_TRANSFORMERS_HOME and HF_HUB_OFFLINE=1; `model-cache env` prints them.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    name, folder = find_model(cache)

    # Late: it takes seconds, and a wrong environment is told before.
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), make_handler(name, model))
    server.daemon_threads = True
    print(f"{name} is loaded from {folder}; listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
