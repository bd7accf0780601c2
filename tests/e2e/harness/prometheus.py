"""A real Prometheus that scrapes members of a test, with the project's rules."""
import json
import subprocess
import urllib.parse

import yaml

from harness.processes import get
from harness.servers import ROOT
from harness.wait import until

RULES = ROOT / "deploy" / "prometheus" / "rules"


class Prometheus:
    """Scrapes and evaluates each second; dies with us."""

    def __init__(self, folder, port, members):
        folder.mkdir(parents=True)
        self.url = f"http://127.0.0.1:{port}"
        targets = [{"targets": [member.address], "labels": {"service": member.processor}} for member in members]
        (folder / "prometheus.yml").write_text(yaml.safe_dump({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(RULES / "*.yml")],
            "scrape_configs": [{"job_name": "reviews", "static_configs": targets}]}))
        with open(folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "prometheus", f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self.ready, "Prometheus is ready", 60)

    def ready(self):
        try:
            return get(self.url + "/-/ready")[0] == 200
        except OSError:
            assert self.process.poll() is None, "Prometheus ended"
            return False

    def api(self, path, **query):
        status, text = get(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=30)
        answer = json.loads(text)
        assert status == 200 and answer["status"] == "success", (path, query, answer.get("error"))
        return answer["data"]

    def query(self, expression):
        """[(labels, value)]"""
        return [(row["metric"], float(row["value"][1])) for row in self.api("query", query=expression)["result"]]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
