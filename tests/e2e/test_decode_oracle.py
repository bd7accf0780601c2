"""The decoder against the acceptance contract: the same verdict and the same values for every record.

The contract (contract.py, eventlog.py, poison.py) lives outside of the project; without it the test is skipped.
DECODE_LINES names the helper (tests/tools/decode_lines.c), REVIEWS_ORACLE the folder of the contract;
DECODE_ORACLE_SEEDS is how many logs of 5,000 lines are compared.
"""
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORACLE = Path(os.environ.get("REVIEWS_ORACLE", ROOT.parent / "shared" / "tools"))
SEEDS = int(os.environ.get("DECODE_ORACLE_SEEDS", "3"))
PROFILES = ["poison", "poison", "mixed", "edits"]

if not (ORACLE / "contract.py").exists():
    pytest.skip("no contract.py at %s (REVIEWS_ORACLE)" % ORACLE, allow_module_level=True)
sys.path.insert(0, str(ORACLE))

import contract  # noqa: E402
import eventlog  # noqa: E402
import record as record_module  # noqa: E402


def helper():
    named = os.environ.get("DECODE_LINES")
    found = [Path(named)] if named else sorted(ROOT.glob("build/*/tests/decode_lines"))
    found = [path for path in found if path.is_file() and os.access(path, os.X_OK)]
    if not found:
        pytest.skip("decode_lines is not built (or name it in DECODE_LINES)")
    return str(found[0])


def field(data):
    return b"-" if data is None else b"%d:" % len(data) + data


def as_input(record):
    parts = [field(record.key), field(record.value), field(b"%d" % len(record.headers))]
    for name, value in record.headers:
        parts += [field(name.encode("utf-8")), field(value)]
    return b"".join(parts)


def opinions(records):
    """What our decoder says, a list of fields for each record."""
    answer = subprocess.run([helper()], input=b"".join(map(as_input, records)), stdout=subprocess.PIPE, check=True)
    lines = answer.stdout.decode("utf-8").splitlines()
    assert len(lines) == len(records)
    return [line.split("\t") for line in lines]


def text_hex(text):
    return "-" if text is None else text.encode("utf-8").hex()


def expected(record):
    verdict, what = contract.classify(record)
    if verdict != "event":
        return [verdict]
    return ["event", what.state, str(what.version), text_hex(what.review), text_hex(what.product),
            "-" if what.submitted is None else str(what.submitted), text_hex(what.month), text_hex(what.locale),
            text_hex(what.trip), text_hex(what.country), str(len(what.body or b"")),
            ",".join("%s=%d" % item for item in what.ratings.items())]


def compare(records):
    differences = []
    for record, ours in zip(records, opinions(records)):
        wanted = expected(record)
        if (ours[:1] if ours[0] == "dead" else ours) != wanted:
            differences.append((record, ours, wanted))
    for record, ours, wanted in differences[:5]:
        print("record %s\n  key %r\n  value %r\n  headers %r\n  ours   %s\n  wanted %s %s" % (
            record.n, record.key, (record.value or b"")[:600], record.headers, ours, wanted,
            contract.classify(record)[1] if wanted[0] == "dead" else ""))
    assert not differences, "%d of %d records differ" % (len(differences), len(records))


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_agrees_with_the_contract_on_a_log(seed, tmp_path):
    path = tmp_path / "log.ndjson"
    eventlog.main(["--seed", "oracle-%d" % seed, "--profile", PROFILES[seed % len(PROFILES)], "--edge",
                   "--reviews", "500", "--events", "5000", "--out", str(path)])
    compare(list(record_module.read_log(path)))


def test_agrees_with_the_contract_on_spoilt_records(tmp_path):
    """Good and bad records with bytes changed, cut and doubled, and members replaced by odd values."""
    path = tmp_path / "log.ndjson"
    eventlog.main(["--seed", "spoil", "--profile", "poison", "--edge", "--reviews", "300", "--events", "3000",
                   "--large", "0", "--out", str(path)])
    draw = random.Random(7)
    compare([spoil(draw, record) for record in record_module.read_log(path) for _ in range(4)])


ODD_VALUES = [b"null", b"true", b"0", b"1", b"5", b"5.0", b"5.000000000000000000001", b"4.999999999999999999999", b"1e0",
              b"100e-2", b"0.05e2", b"0.0500E+02", b"499e-2", b"4991e-3", b"500e-00002", b"1E400", b"1e-400", b"-0",
              b"-0.0", b"0.99", b"0.999", b"5.01", b"5.001", b"4.9", b"12345678901234567890", b"9223372036854775807",
              b"9223372036854775808", b'""', b'"x"', b'"\\u0000"', b'"\\ud83d\\ude00"', b'"\\ud83d"', b'"\\u0085"', b"[]",
              b"{}", b'"published"', b'"withdrawn"', b'"0000-01-01T00:00:00+00:01"', b'"0000-01-01T00:00:00-00:00"',
              b'"9999-12-31T23:59:60-23:59"', b'"2024-02-29T23:59:60.9999Z"', b'"1900-02-29T00:00:00Z"',
              b'"2000-02-29T00:00:00.1Z"', b'"2026-01-31T09:30:00.Z"', b'"2026-01-31T09:30:00+24:00"',
              b'"0000-02-29T12:00:00.0009+12:34"', b'"' + b"x" * 64 + b'"', b'"' + "é".encode() * 32 + b'x"',
              b'{"overall":5}', b'{"overall":5.00}', b'{"o":1,"o":1}', b'{"' + b"a" * 64 + b'":1}',
              b'{"' + b"a" * 65 + b'":1}', b'{"_a":1}', b'{"a1_":2.5}', b'{"":1}', b'{"id":"a","country":""}',
              b'{"country":"FR"}', b'{"country":5}', b'{"id":null}']
NAMES = [b"reviewId", b"version", b"productId", b"productName", b"status", b"locale", b"submittedAt", b"author",
         b"tripType", b"ratings", b"title", b"text", b"source", b"unknown"]


def spoil(draw, record):
    value, key, headers = record.value, record.key, list(record.headers)
    way = draw.randrange(8)
    if value and way < 3:
        name = draw.choice(NAMES)
        odd = draw.choice(ODD_VALUES)
        if name == b"ratings" or draw.random() < .3:
            name, odd = b"ratings", b'{"overall":' + odd + b"}"
        at = value.find(b'"' + name + b'":')
        if way == 0 or at < 0:
            value = value.replace(b"{", b'{"' + name + b'":' + odd + b",", 1)
        else:                                     # put the odd value in the place of the old one, which gets a new name
            value = value[:at] + b'"' + name + b'":' + odd + b',"was":' + value[at + len(name) + 3:]
    elif value and way < 6:
        changed = bytearray(value)
        for _ in range(draw.choice([1, 1, 2, 5])):
            at = draw.randrange(len(changed) + 1)
            piece = draw.choice([b"", bytes([draw.randrange(256)]), b"\\", b'"', b"{", b"}", b"[", b"]", b",", b":",
                                 b"\\u0000", b"\\ud800", b"\xc2\x85", b"\xed\xa0\x80", b"0", b"-", b"e1", b".5", b" "])
            changed[at:at + draw.choice([0, 0, 1])] = piece
        value = bytes(changed)
    elif way == 6:
        headers += draw.choice([[("type", None)], [("type", b"")], [("version", None)], [("version", b"1")],
                                [("version", b"0")], [("version", b" 1")], [("version", b"9223372036854775808")]])
        draw.shuffle(headers)
    elif key:
        changed = bytearray(key)
        changed[draw.randrange(len(key)):0] = draw.choice([b"\xc2\x85", b"\x7f", b"\xff", b"\xe2\x82", b"x", b"\x00"])
        key = bytes(changed)
        value = draw.choice([value, None])
    return record_module.Record(record.n, key, value, headers)
