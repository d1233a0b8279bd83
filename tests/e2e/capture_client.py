"""Talks to `mlc capture` before a service that misbehaves on request: capture_client.py MLC FOLDER.

Prints one line a check that fails, and totals last. Used by tests/e2e/serving.sh. No check depends on how fast the
machine is: what waits, waits for an event, and limits of time stand far off, but for the one proxy that must give up.
"""

import http.client
import json
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time

MLC, FOLDER = sys.argv[1], sys.argv[2]
PATIENCE = 240  # seconds: a check that waits so long has failed
passed = failed = 0
started = []
gave_up = threading.Event()  # the client of a service that never answers has its answer from the proxy


def check(name, good, found=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {name}: {found!r}")


class Misbehaving(socketserver.StreamRequestHandler):
    """Answers by the path of the request."""

    def body(self, headers):
        if headers.get("transfer-encoding") == "chunked":
            out = b""
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                out += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    return out
        return self.rfile.read(int(headers.get("content-length", 0)))

    def say(self, data, status=b"200 OK", extra=b""):
        self.wfile.write(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
            % (status, extra, len(data), data)
        )

    def handle(self):
        while self.one():
            pass

    def one(self):
        line = self.rfile.readline()
        if not line:
            return False
        method, path, _ = line.decode().split()
        headers = {}
        while (header := self.rfile.readline().strip()) != b"":
            name, value = header.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        if headers.get("expect") == "100-continue" and path != "/refuse":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if path == "/refuse":
            self.say(b'{"error":"large"}', b"413 Too Large", b"Connection: close\r\n")
            return False
        if path == "/upgrade":
            self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
            while data := self.connection.recv(1000):
                self.wfile.write(data)
            return False
        body = self.body(headers)
        if path == "/echo":
            self.say(json.dumps({"length": len(body), "headers": headers}).encode())
        elif path == "/chunks":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for i in range(100):
                self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        elif path == "/old":
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")
            return False
        elif path == "/nothing":
            self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        elif path == "/same":
            self.wfile.write(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n")
        elif path == "/length" and method == "HEAD":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        elif path == "/garbage":
            self.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
            return False
        elif path == "/vanish":
            return False
        elif path == "/cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")
            return False
        elif path == "/slow":
            gave_up.wait(PATIENCE)
            return False
        elif path == "/large":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n")
            for _ in range(200):
                self.wfile.write(b"y" * 100000)
        else:
            self.say(b"{}")
        return True


class Server(socketserver.ThreadingTCPServer):
    """Has its port before it takes connections: until `listen`, they are refused."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Misbehaving, bind_and_activate=False)
        self.server_bind()

    def listen(self):
        self.server_activate()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Proxy:
    """`mlc capture` before the service; it picks its port."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [MLC, "capture", "--listen", "127.0.0.1:0", "--upstream", str(service.server_address[1]), *options],
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(self.process)
        self.port = int(self.process.stderr.readline().rsplit(" ", 1)[1])

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=PATIENCE)
        check("the proxy ends well", (self.process.returncode, said) == (0, ""), (self.process.returncode, said))


def connect():
    return proxy.connect()


def request(method, path, body=None, headers=None, connection=None):
    own = connection or connect()
    own.request(method, path, body, headers or {})
    answer = own.getresponse()
    return answer.status, answer.read(), answer


def raw(data, end=True):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE) as s:
        s.sendall(data)
        if end:
            s.shutdown(socket.SHUT_WR)
        out = b""
        while piece := s.recv(65536):
            out += piece
        return out


def before_the_service_is_there():
    status, body, _ = request("GET", "/echo")
    check("no service: 502", status == 502, status)
    check("and why", b"does not take connections" in body, body)
    status, body, _ = request("GET", "/-/ready")
    check("ready all the same", (status, body) == (200, b"ready\n"), body)


def good_requests():
    own = connect()
    for i in range(20):
        status, body, _ = request("POST", "/echo", json.dumps({"a": i}), {"Content-Type": "application/json"}, own)
        check("keep-alive", status == 200, status)
    status, body, _ = request("GET", "/nothing", connection=own)
    check("204", (status, body) == (204, b""), status)
    status, body, _ = request("GET", "/same", connection=own)
    check("304", (status, body) == (304, b""), status)
    status, body, answer = request("HEAD", "/length", connection=own)
    check("HEAD", (status, body, answer.getheader("Content-Length")) == (200, b"", "1000"), status)
    status, body, _ = request("GET", "/chunks", connection=own)
    check("chunks", body == b"x" * 102400, len(body))
    status, body, _ = request("GET", "/large", connection=own)
    check("a large answer", len(body) == 20000000, len(body))
    status, body, _ = request("POST", "/echo", b"z" * 5000000, connection=own)
    check("a large request", json.loads(body)["length"] == 5000000, body[:100])
    status, body, _ = request("POST", "/echo", iter([b"a" * 1000] * 50), connection=own)
    check("a chunked request", json.loads(body)["length"] == 50000, body[:100])
    status, body, _ = request("GET", "/old", connection=own)
    check("until the end", (status, body) == (200, b"until the end"), body)
    status, body, _ = request("GET", "/echo", headers={"Connection": "close, x-hop", "X-Hop": "1", "X-End": "2"})
    headers = json.loads(body)["headers"]
    check("headers of one hop stay", "x-hop" not in headers and headers.get("x-end") == "2", headers)


def slow_readers():
    """A client that reads late: every station between service and client fills up, and empties again."""
    for late in (0.1, 0.2, 0.3):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.settimeout(PATIENCE)
            s.connect(("127.0.0.1", proxy.port))
            s.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            count = 0
            time.sleep(late)
            while piece := s.recv(1 << 20):
                count += len(piece)
            check("a slow reader gets all", count > 20000000, count)


def pipelines():
    one = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    out = raw(one * 30 + b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    check("pipelined requests", out.count(b"HTTP/1.1 200 OK") == 31, out.count(b"HTTP/1.1 200 OK"))
    out = raw(b"GET /echo HTTP/1.0\r\n\r\n")
    check("HTTP/1.0", out.startswith(b"HTTP/1.1 200 OK") and b"Connection: close" in out, out[:200])


def expectations():
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE) as s:
        s.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        first = s.recv(1000)
        check("100-continue", first.startswith(b"HTTP/1.1 100"), first)
        s.sendall(b"abc")
        second = b""
        while b'"length": 3' not in second and (piece := s.recv(10000)):
            second += piece
        check("and the answer", second.startswith(b"HTTP/1.1 200") and b'"length": 3' in second, second)
    out = raw(b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + b"q" * 2000000, end=False)
    check("an answer before the end of the request", out.startswith(b"HTTP/1.1 413"), out[:100])


def tunnels():
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE) as s:
        s.sendall(b"GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        first = s.recv(1000)
        check("an upgrade", first.startswith(b"HTTP/1.1 101") and b"pgrade: echo" in first, first)
        s.sendall(b"\x00\xffhello")
        check("passes bytes", s.recv(100) == b"\x00\xffhello")


def faults():
    status, body, _ = request("GET", "/garbage")
    check("garbage is 502", status == 502 and b"not HTTP/1.1" in body, body)
    status, body, _ = request("POST", "/vanish", b"{}")
    check("a service that goes away is 502", status == 502, status)
    try:
        request("GET", "/cut")
        check("a cut answer is not taken for whole", False)
    except http.client.IncompleteRead:
        check("a cut answer is not taken for whole", True)
    bad = {
        b"GARBAGE\r\n\r\n": 400,
        b"GET / HTTP/1.1\r\n\r\n": 400,
        b"GET / HTTP/2.0\r\nHost: x\r\n\r\n": 505,
        b"GET / HTTP/1.1\nHost: x\n\n": 400,
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n": 400,
        b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n": 400,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n": 400,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n": 501,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n": 400,
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n": 405,
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40000: 431,
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n": 431,
    }
    for data, status in bad.items():
        out = raw(data, end=False)
        check(f"refused {data[:60]!r}", out.startswith(b"HTTP/1.1 %d" % status), out[:60])
    status, _, _ = request("GET", "/-/ready")
    check("it goes on", status == 200, status)


def patience():
    hasty = Proxy("--to", f"{FOLDER}/hasty", "--drain", "0", "--timeout", "1")
    status, body, _ = request("GET", "/slow", connection=hasty.connect())
    gave_up.set()
    check("a service that never answers is 504", status == 504 and b"did not answer in time" in body, body)
    errors = metrics_of(hasty)['mlc_capture_service_errors_total{reason="timeout"}']
    check("and is counted", errors == 1, errors)
    hasty.stop()


def many():
    def work():
        own = connect()
        for i in range(50):
            answer = request("POST", "/echo", b'{"n": 1}', {"Content-Type": "application/json"}, own)
            results.append(answer[0])

    results = []
    threads = [threading.Thread(target=work) for _ in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    check("16 clients at once", results == [200] * 800, len(results))


def metrics_of(which):
    _, body, _ = request("GET", "/-/metrics", connection=which.connect())
    lines = [line.rsplit(" ", 1) for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def metrics():
    values = metrics_of(proxy)
    check("requests are counted", values['mlc_capture_requests_total{status="2xx"}'] > 800, values)
    errors = {reason: values[f'mlc_capture_service_errors_total{{reason="{reason}"}}'] for reason in ("refused", "timeout")}
    check("errors are", errors == {"refused": 1, "timeout": 0}, values)
    check("samples are", values["mlc_capture_samples_total"] == 820, values["mlc_capture_samples_total"])
    dropped = sum(v for k, v in values.items() if "dropped" in k)
    check("none was dropped", dropped == 0, dropped)


service = Server()
proxy = Proxy("--to", f"{FOLDER}/odd", "--drain", "0")
try:
    before_the_service_is_there()
    service.listen()
    for part in (good_requests, slow_readers, pipelines, expectations, tunnels, faults, patience, many, metrics, proxy.stop):
        part()
finally:
    for process in started:
        process.kill()
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
