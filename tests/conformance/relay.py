"""Stands between a client and the local endpoint, and keeps every exchange; speaks for itself too,
signed by a signer of its own."""
import datetime
import hashlib
import hmac
import http.client
import http.server
import threading
import urllib.parse


class Relay:
    def __init__(self, url, rewrite=None):
        """rewrite(request body, answer body) gives the answer that is passed on, as text."""
        self.upstream = urllib.parse.urlsplit(url).netloc
        self.exchanges = []  # (request body, status, answer body), as text
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                upstream = http.client.HTTPConnection(relay.upstream, timeout=60)
                upstream.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    upstream.putheader(name, value)  # Host as well: it is signed
                upstream.endheaders(body)
                answer = upstream.getresponse()
                text = answer.read()
                upstream.close()
                relay.exchanges.append((body.decode(), answer.status, text.decode()))
                if rewrite:
                    text = rewrite(body.decode(), text.decode()).encode()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = "127.0.0.1:%d" % self.server.server_address[1]
        self.url = "http://" + self.host
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def call(self, keys, service, version, action, parameters):
        """One signed Query call through the relay; the answer is in exchanges."""
        body = urllib.parse.urlencode({"Action": action, "Version": version, **parameters})
        time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{time[:8]}/{keys['region']}/{service}/aws4_request"
        kind = "application/x-www-form-urlencoded"
        names = "content-type;host;x-amz-date"
        canonical = (f"POST\n/\n\ncontent-type:{kind}\nhost:{self.host}\nx-amz-date:{time}\n\n"
                     f"{names}\n{hashlib.sha256(body.encode()).hexdigest()}")
        text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = ("AWS4" + keys["secret"]).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.request("POST", "/", body, {
            "Content-Type": kind, "X-Amz-Date": time,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={keys['id']}/{scope}, "
                             f"SignedHeaders={names}, Signature={signature}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text
