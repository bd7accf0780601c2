"""Between a program and a server: bytes that a test can hold back or cut, and HTTP answers that it can replace."""
import http.client
import http.server
import json
import select
import socket
import struct
import threading

PASS, BLACKHOLE, REFUSE, DROP_ANSWERS = "pass", "blackhole", "refuse", "drop answers"


class ByteProxy:
    """Forwards TCP to a port of 127.0.0.1, in one of the modes:
    pass; blackhole: takes connections and bytes and gives nothing, closing nothing; refuse: resets what is there and
    what comes; drop answers: requests arrive, answers do not."""

    def __init__(self, port):
        self.target = port
        self.mode = PASS
        self.pairs = set()
        self.ended = False
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def turn(self, mode):
        self.mode = mode
        if mode == REFUSE:
            self.cut()

    def cut(self):
        """Reset every connection there is."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            for peer in pair:
                reset(peer)

    def _accept(self):
        while not self.ended:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.mode == REFUSE:
                reset(client)
            else:
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            reset(client)
            return
        for peer in (client, server):
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.pairs.add((client, server))
        try:
            while self._forward(client, server):
                pass
        except (OSError, ValueError):
            pass
        with self.lock:
            self.pairs.discard((client, server))
        for peer in (client, server):
            peer.close()

    def _forward(self, client, server):
        for peer in select.select([client, server], [], [], 0.2)[0]:
            data = peer.recv(1 << 16)
            if not data:
                return False
            if self.mode == PASS or (self.mode == DROP_ANSWERS and peer is client):
                (server if peer is client else client).sendall(data)
        return True

    def close(self):
        self.ended = True
        self.listener.close()
        self.cut()


def reset(peer):
    try:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    peer.close()


class Gate:
    """HTTP before a search server. A test sets
    `whole(method, path)`: None, or (status, text) instead of the server's answer;
    `item(id, version, attempt)`: None, or (status, error) for this item of a bulk, which the server then never sees."""

    def __init__(self, url):
        self.upstream = url.removeprefix("http://")
        self.whole = lambda method, path: None
        self.item = lambda name, version, attempt: None
        self.attempts = {}  # (id, version) -> how often it came
        self.replaced = 0
        self.lock = threading.Lock()
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            log_message = lambda *_: None  # noqa: E731

            def do(self):
                gate._serve(self)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def _serve(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        answer = self.whole(request.command, request.path)
        if answer is not None:
            with self.lock:
                self.replaced += 1
        elif "_bulk" in request.path:
            answer = self._bulk(request, body)
        else:
            answer = self._ask(request, body)
        status, text = answer
        data = text.encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(data)

    def _ask(self, request, body):
        try:
            peer = http.client.HTTPConnection(self.upstream, timeout=60)
            peer.request(request.command, request.path, body or None,
                         {"Content-Type": request.headers.get("Content-Type", "application/json")})
            answer = peer.getresponse()
            text = answer.read().decode()
            peer.close()
            return answer.status, text
        except (OSError, http.client.HTTPException):
            return 502, '{"error":{"type":"bad_gateway","reason":"no server behind the gate"},"status":502}'

    def _bulk(self, request, body):
        lines = body.split(b"\n")
        kept, fake, order = [], {}, []
        for action, source in zip(lines[0::2], lines[1::2]):
            meta = json.loads(action)["index"]
            place = (meta["_id"], int(meta.get("version", 0)))
            with self.lock:
                self.attempts[place] = attempt = self.attempts.get(place, 0) + 1
            replaced = self.item(*place, attempt)
            order.append((meta, replaced))
            if replaced is None:
                kept += [action, source]
            else:
                with self.lock:
                    self.replaced += 1
        real = []
        if kept:
            status, text = self._ask(request, b"\n".join(kept) + b"\n")
            if status != 200:
                return status, text
            if not any(replaced for _, replaced in order):
                return status, text
            real = json.loads(text)["items"]
        items, real = [], iter(real)
        for meta, replaced in order:
            if replaced is None:
                items.append(next(real))
            else:
                items.append({"index": {"_index": meta.get("_index", request.path.split("/")[1]), "_type": "_doc",
                                        "_id": meta["_id"], "status": replaced[0], "error": replaced[1]}})
        return 200, json.dumps({"took": 1, "errors": True, "items": items})
