"""Stands for Slack, PagerDuty and GitHub: catcher.py FILE. Prints its port; writes each request as a line of JSON."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            record = {"path": self.path, "authorization": self.headers.get("Authorization"), "body": json.loads(body)}
            file.write(json.dumps(record) + "\n")
        refused = self.path == "/slack" and self.headers.get("Authorization") != "Bearer good-token"
        answer = json.dumps({"ok": not refused, "error": "invalid_auth"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
