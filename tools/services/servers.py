"""What each service is: its files, its command and how it shows that it answers."""
import base64
import glob
import http.client
import json
import os
import re
import secrets
import shutil
import socket
import ssl
import struct
import subprocess
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DEPS = os.path.join(ROOT, ".deps")
SETUP = os.path.join(ROOT, "tools", "setup", "setup")
NAMES = ("kafka", "redis", "elasticsearch", "opensearch", "clickhouse", "gateway")


class Problem(Exception):
    """What went wrong and what to do about it, for the person who called."""


# ---- what must be installed ----

def program(name, package):
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not path:
        raise Problem(f"{name} is missing: it comes with Debian's package {package}.\n"
                      f"remedy: tools/setup/setup packages")
    return path


def java():
    home = os.environ.get("JAVA_HOME")
    for path in sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*/bin/java")) + (
            [os.path.join(home, "bin", "java")] if home else []):
        if os.access(path, os.X_OK):
            return path
    return program("java", "openjdk-17-jre-headless")


def jars(part):
    """The class path of a fetched server; fetches it if it is not there."""
    if not os.path.isdir(os.path.join(DEPS, part, "libs")):
        java()
        print(f"services: {part} is not fetched yet: tools/setup/setup {part}", flush=True)
        if subprocess.run([SETUP, part], stdin=subprocess.DEVNULL).returncode != 0:
            raise Problem(f"{part} could not be fetched.\nremedy: tools/setup/setup packages {part}")
    return os.path.join(DEPS, part, "libs", "*")


def java_command(heap, folder):
    temporary = os.path.join(folder, "tmp")
    os.makedirs(temporary, exist_ok=True)
    return [java(), f"-Xmx{heap}", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError",
            f"-XX:ErrorFile={folder}/crash-%p.log", f"-Djava.io.tmpdir={temporary}",
            "-Djava.net.preferIPv4Stack=true", "-Dfile.encoding=UTF-8"]


def write(path, text, mode=0o644):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    os.chmod(path, mode)


# ---- services: prepare(folder, ports) gives the command; answers(port, folder) probes it ----

class Kafka:
    needs = ("kafka", "controller")
    stop_seconds = 20

    def prepare(self, folder, ports):
        classes, data = jars("kafka"), os.path.join(folder, "data")
        properties = os.path.join(folder, "server.properties")
        write(properties, KAFKA.format(data=data, port=ports["kafka"],
                                       controller=ports["controller"]))
        base = java_command("512m", folder) + [
            "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS", "-cp", classes]
        if not os.path.exists(os.path.join(data, "meta.properties")):
            self._format(base, properties, data)
        return base + ["kafka.Kafka", properties]

    @staticmethod
    def _format(base, properties, data):
        shutil.rmtree(data, ignore_errors=True)
        cluster = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
        quick = ["-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        done = subprocess.run(base[:1] + quick + base[1:] + ["kafka.tools.StorageTool", "format",
                              "-t", cluster, "-c", properties], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Problem(f"Kafka's storage could not be formatted:\n{done.stdout[-2000:]}")

    def answers(self, port, _folder):
        """A broker is in service once metadata list it, and groups work once a coordinator is
        known: asking for one makes Kafka create the topic for offsets."""
        with socket.create_connection(("127.0.0.1", port), timeout=2) as peer:
            metadata = self._ask(peer, 3, 4, struct.pack(">ib", 0, 0))
            if struct.unpack(">i", metadata[4:8])[0] < 1:
                return False
            coordinator = self._ask(peer, 10, 2, struct.pack(">h", 1) + b"g" + b"\0")
        return struct.unpack(">h", coordinator[4:6])[0] == 0

    @staticmethod
    def _ask(peer, kind, version, body):
        request = struct.pack(">hhih", kind, version, 1, 1) + b"s" + body
        peer.sendall(struct.pack(">i", len(request)) + request)
        answer = receive(peer, struct.unpack(">i", receive(peer, 4))[0])
        if len(answer) < 12:
            raise OSError("a short answer")
        return answer[4:]  # without the correlation id


class Redis:
    needs = ("redis",)
    stop_seconds = 20

    def prepare(self, folder, ports):
        data = os.path.join(folder, "data")
        os.makedirs(data, exist_ok=True)
        config = os.path.join(folder, "redis.conf")
        write(config, REDIS.format(port=ports["redis"], data=data))
        return [program("redis-server", "redis-server"), config]

    def answers(self, port, _folder):
        with socket.create_connection(("127.0.0.1", port), timeout=2) as peer:
            peer.sendall(b"PING\r\n")
            return peer.recv(64).startswith(b"+PONG")


class Search:
    stop_seconds = 20

    def __init__(self, name, main_class):
        self.name, self.main_class, self.needs = name, main_class, (name,)

    def prepare(self, folder, ports):
        config = os.path.join(folder, "config")
        os.makedirs(config, exist_ok=True)
        write(os.path.join(config, f"{self.name}.yml"), SEARCH)
        write(os.path.join(config, "log4j2.properties"), LOG4J)
        return java_command("1g", folder) + [
            "-Dlog4j2.disable.jmx=true", "-cp", jars(self.name), self.main_class,
            "-numOfNode", "1", "-basePath", folder, "-confPath", config,
            "-dataPath", os.path.join(folder, "data"), "-logsPath", os.path.join(folder, "logs"),
            "-baseHttpPort", str(ports[self.name] - 1),
            "-clusterName", f"reviews-{self.name}"]

    def answers(self, port, _folder):
        peer = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
        try:
            peer.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
            answer = peer.getresponse()
            health = json.loads(answer.read())
        finally:
            peer.close()
        return answer.status == 200 and health["status"] in ("yellow", "green")


class ClickHouse:
    needs = ("clickhouse",)
    stop_seconds = 20

    def prepare(self, folder, ports):
        server = program("clickhouse-server", "clickhouse-server")
        for name in ("data", "tmp"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        config = os.path.join(folder, "config.xml")
        write(config, CLICKHOUSE.format(folder=folder, port=ports["clickhouse"]))
        write(os.path.join(folder, "users.xml"), CLICKHOUSE_USERS)
        return [server, f"--config-file={config}"]

    def answers(self, port, _folder):
        peer = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
        try:
            peer.request("GET", "/?query=SELECT%201")
            return peer.getresponse().read() == b"1\n"
        finally:
            peer.close()


class Gateway:
    """https, passwords and API keys before Elasticsearch, by Debian's nginx."""
    needs = ("gateway",)
    stop_seconds = 5

    def prepare(self, folder, ports):
        nginx = program("nginx", "nginx")
        for name in ("tmp", "tls"):
            os.makedirs(os.path.join(folder, name), mode=0o700, exist_ok=True)
        if not os.path.exists(os.path.join(folder, "ca.pem")):
            self._certificates(folder)
        user = "reviews"
        password = self._secret(folder, "password", secrets.token_urlsafe(18))
        key = self._secret(folder, "api_key", base64.b64encode(
            f"{secrets.token_hex(10)}:{secrets.token_urlsafe(16)}".encode()).decode())
        self._secret(folder, "user", user)
        write(os.path.join(folder, "url"), f"https://127.0.0.1:{ports['gateway']}\n", 0o600)
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        config = os.path.join(folder, "nginx.conf")
        write(config, GATEWAY.format(
            folder=folder, port=ports["gateway"], upstream=ports["elasticsearch"],
            basic=re.escape(basic), key=re.escape(key),
            user="user root;" if os.getuid() == 0 else ""), 0o600)
        return [nginx, "-e", "stderr", "-p", folder, "-c", config, "-g", "daemon off;"]

    @staticmethod
    def _secret(folder, name, fresh):
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            write(path, fresh + "\n", 0o600)
        with open(path) as file:
            return file.read().strip()

    @staticmethod
    def _certificates(folder):
        openssl = program("openssl", "openssl")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"]
        commands = (
            [openssl, "req", "-x509", *curve, "-keyout", "tls/ca.key", "-out", "tls/ca.pem",
             "-subj", "/CN=reviews test CA", "-addext", "keyUsage=critical,keyCertSign"],
            [openssl, "req", "-x509", *curve, "-keyout", "tls/server.key",
             "-out", "tls/server.pem", "-subj", "/CN=localhost",
             "-CA", "tls/ca.pem", "-CAkey", "tls/ca.key",
             "-addext", "basicConstraints=critical,CA:FALSE",
             "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])
        for command in commands:
            done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                raise Problem(f"openssl could not make certificates:\n{done.stdout[-2000:]}")
        shutil.copy(os.path.join(folder, "tls", "ca.pem"), os.path.join(folder, "ca.pem"))
        os.chmod(os.path.join(folder, "ca.pem"), 0o600)

    def answers(self, port, folder):
        """Without credentials it says 401: that needs no Elasticsearch behind it."""
        trust = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))
        peer = http.client.HTTPSConnection("127.0.0.1", port, timeout=3, context=trust)
        try:
            peer.request("GET", "/")
            return peer.getresponse().status == 401
        finally:
            peer.close()


def receive(peer, size):
    data = b""
    while len(data) < size:
        part = peer.recv(size - len(data))
        if not part:
            raise OSError("closed")
        data += part
    return data


SERVICES = {
    "kafka": Kafka(),
    "redis": Redis(),
    "elasticsearch": Search("elasticsearch",
                            "org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner"),
    "opensearch": Search("opensearch", "org.codelibs.opensearch.runner.OpenSearchRunner"),
    "clickhouse": ClickHouse(),
    "gateway": Gateway(),
}

KAFKA = """\
# written by tools/services at each start
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={data}

# topics are made on purpose, never by accident
auto.create.topics.enable=false
num.partitions=4
default.replication.factor=1
message.max.bytes=16777216
replica.fetch.max.bytes=16777216
offsets.topic.num.partitions=8
offsets.topic.replication.factor=1
offsets.topic.segment.bytes=16777216
transaction.state.log.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# groups form at once; tests use short sessions
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.max.session.timeout.ms=1800000

# one small machine; back in service soon after a kill
num.network.threads=2
num.io.threads=4
background.threads=2
num.recovery.threads.per.data.dir=2
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.backoff.ms=1000
log.retention.check.interval.ms=60000
"""

REDIS = """\
# written by tools/services at each start
bind 127.0.0.1
protected-mode yes
port {port}
daemonize no
dir {data}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
enable-debug-command local
"""

SEARCH = """\
# written by tools/services at each start
network.host: 127.0.0.1
transport.port: 0
discovery.type: single-node
# disks of test machines may be nearly full
cluster.routing.allocation.disk.threshold_enabled: false
cluster.max_shards_per_node: 5000
# an index of the suite is made on purpose: one made by accident would block the switch of alias
action.auto_create_index: "-reviews*,+*"
"""

CLICKHOUSE = """\
<yandex>
    <!-- written by tools/services at each start -->
    <logger><level>information</level><console>1</console></logger>
    <listen_host>127.0.0.1</listen_host>
    <http_port>{port}</http_port>
    <path>{folder}/data/</path>
    <tmp_path>{folder}/tmp/</tmp_path>
    <users_config>{folder}/users.xml</users_config>
    <default_profile>default</default_profile>
    <default_database>default</default_database>
    <max_concurrent_queries>100</max_concurrent_queries>
    <keep_alive_timeout>10</keep_alive_timeout>
    <mark_cache_size>67108864</mark_cache_size>
    <uncompressed_cache_size>0</uncompressed_cache_size>
    <umask>022</umask>
</yandex>
"""

CLICKHOUSE_USERS = """\
<yandex>
    <profiles>
        <default><max_memory_usage>2000000000</max_memory_usage><max_threads>2</max_threads></default>
        <readonly><readonly>1</readonly></readonly>
    </profiles>
    <quotas><default/></quotas>
    <users>
        <default>
            <password></password>
            <networks><ip>127.0.0.1</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
        </default>
        <reader>
            <password></password>
            <networks><ip>127.0.0.1</ip></networks>
            <profile>readonly</profile>
            <quota>default</quota>
        </reader>
    </users>
</yandex>
"""

LOG4J = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""

GATEWAY = """\
# written by tools/services at each start
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/tmp/body;
    proxy_temp_path {folder}/tmp/proxy;
    fastcgi_temp_path {folder}/tmp/fastcgi;
    uwsgi_temp_path {folder}/tmp/uwsgi;
    scgi_temp_path {folder}/tmp/scgi;
    client_max_body_size 100m;
    client_body_buffer_size 1m;
    server_tokens off;
    map_hash_bucket_size 256;
    map $http_authorization $allowed {{
        default 0;
        "~^(?i:Basic) +{basic}$" 1;
        "~^(?i:ApiKey) +{key}$" 1;
    }}
    upstream elasticsearch {{
        server 127.0.0.1:{upstream} max_fails=0;
        keepalive 16;
    }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/tls/server.pem;
        ssl_certificate_key {folder}/tls/server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        keepalive_timeout 75s;
        error_page 401 @unauthorized;
        location / {{
            if ($allowed = 0) {{ return 401; }}
            proxy_pass http://elasticsearch;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Authorization "";
            proxy_set_header Host $host:$server_port;
            proxy_read_timeout 120s;
        }}
        location @unauthorized {{
            internal;
            default_type application/json;
            add_header WWW-Authenticate 'Basic realm="security" charset="UTF-8"' always;
            add_header WWW-Authenticate 'ApiKey' always;
            return 401 '{{"error":{{"root_cause":[{{"type":"security_exception","reason":"unable to authenticate user for REST request"}}],"type":"security_exception","reason":"unable to authenticate user for REST request"}},"status":401}}';
        }}
    }}
}}
"""
