"""Schema and views on a current engine too: chdb, in this process' own child, with the rows of a real run."""
import json
import re
import subprocess
import sys

import pytest

from harness import analytics
from harness.servers import ROOT

ENGINE = """
import json, sys
from chdb import session
made = session.Session(sys.argv[1])
for line in sys.stdin:
    try:
        said = {"rows": str(made.query(json.loads(line), "JSONEachRow"))}
    except Exception as error:
        said = {"error": str(error)[:600]}
    print(json.dumps(said), flush=True)
"""
TABLE = re.compile(r'\{"(\d+) ([A-Z_]+)"')


class Engine:
    def __init__(self, folder):
        self.process = subprocess.Popen([sys.executable, "-c", ENGINE, str(folder)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def query(self, sql):
        self.process.stdin.write(json.dumps(sql + (" SETTINGS output_format_json_quote_64bit_integers=0"
                                                   if sql.startswith("SELECT") else "")) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        assert "error" not in said, f"{sql}: {said['error']}"
        return [json.loads(line) for line in said["rows"].split("\n") if line]


@pytest.fixture
def engine(tmp_path):
    pytest.importorskip("chdb", reason="chdb is not installed: tools/setup/setup analytics")
    made = Engine(tmp_path / "chdb")
    yield made
    made.process.stdin.close()
    made.process.wait(30)


def statements(database, generation):
    text = re.sub(r"--[^\n]*", "", (ROOT / "config" / "analytics-schema.sql").read_text())
    for name, value in (("database", f"`{database}_{generation}`"), ("views", f"`{database}`"), ("generation", generation)):
        text = text.replace("{%s}" % name, value)
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def test_schema_and_views_hold_on_a_current_engine(world, logs, engine):
    log = logs.make("mixed", 48, reviews=120, extra=("--no-null-keys", "--large", "0"))
    log = analytics.with_moderation(log, world.folder)
    world.use_clickhouse().make_topics(source=False).load(log)
    world.start("analytics", batch__events=100, lanes=1)
    world.settle("analytics")
    analytics.check(world, log)
    for statement in ("CREATE DATABASE reviews", "CREATE DATABASE reviews_g1", *statements("reviews", "g1")):
        engine.query(statement)
    rows = world.clickhouse("SELECT * FROM `%s_%s`.rows" % (world.database, world.generation))
    for at in range(0, len(rows), 50):  # many parts, older versions among them
        engine.query("INSERT INTO reviews_g1.rows FORMAT JSONEachRow " + "\n".join(map(json.dumps, rows[at:at + 50])))
    assert analytics.compare(analytics.Expected(log), engine.query, "reviews") > 300
    assert engine.query("SELECT generation FROM reviews.active") == [{"generation": "g1"}]
    world.stop()


def test_names_of_exceptions_are_those_of_a_current_engine(engine):
    found = engine.query("SELECT code, errorCodeToName(code) AS name FROM (SELECT toInt32(number) AS code "
                         "FROM numbers(1100)) WHERE name != ''")
    names = {str(row["code"]): row["name"] for row in found}
    table = TABLE.findall((ROOT / "common" / "sink" / "clickhouse_reply.c").read_text())
    assert len(table) > 50
    assert {code: name for code, name in table if names.get(code) != name} == {}
