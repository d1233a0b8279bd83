"""Answers POST /predict: python3 src/serve.py --model model.json --port 8080"""

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import classifier

LARGEST_BODY = 64 * 1024


class Handler(BaseHTTPRequestHandler):
    """One request. The server holds the model."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def answer(self, status, body):
        data = json.dumps(body).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, {"status": "ok"})
        else:
            self.answer(404, {"error": "not found"})

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST_BODY:
            self.close_connection = True
            return self.answer(413, {"error": "a body of at most 64 KiB is needed"})
        body = self.rfile.read(length)
        if self.path != "/predict":
            return self.answer(404, {"error": "not found"})
        try:
            flower = json.loads(body)
            features = [float(flower[name]) for name in classifier.FEATURES]
        except (ValueError, KeyError, TypeError) as error:
            return self.answer(400, {"error": f"a flower has {', '.join(classifier.FEATURES)}: {error}"})
        return self.answer(200, {"species": classifier.predict(self.server.model, features)})

    def log_message(self, format, *args):
        pass


def make_server(model, port, host="0.0.0.0"):
    """A server that is not running yet."""
    server = ThreadingHTTPServer((host, port), Handler)
    server.model = model
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    make_server(classifier.load(options.model), options.port).serve_forever()


if __name__ == "__main__":
    main()
