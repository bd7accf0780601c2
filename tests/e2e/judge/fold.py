"""What a record means and what the views must hold at the end; written from the promises, not from the suite's code.

It knows the cases that eventlog.py and the project's sample make; it is no list of all malformed ones.
"""
import gzip
import json
import re
from collections import Counter, defaultdict, namedtuple
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

Event = namedtuple("Event", "review version state product at month locale trip country ratings body")
Record = namedtuple("Record", "n key value headers")  # key, value: bytes or None; headers: [(str, bytes)]
LAST = 2 ** 63 - 1
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class Dead(Exception):
    """The record can never be applied."""


def read_log(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield Record(row["n"], as_bytes(row["key"]), as_bytes(row["value"]),
                         [(name, value.encode()) for name, value in row["headers"]])


def as_bytes(text):
    return None if text is None else text.encode("utf-8", "surrogateescape")


def once(pairs):
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Dead("duplicate members")
    return made


def version_of(headers):
    text = headers.get("version")
    if text is None:
        return None
    if not re.fullmatch(rb"[1-9][0-9]*", text) or int(text) > LAST:
        raise Dead("version in the header")
    return int(text)


def instant(text):
    """(milliseconds, month in UTC); a leap second is the first one of the next minute"""
    leap = re.match(r"(.{17})60", text)
    try:
        at = datetime.fromisoformat((text if not leap else leap[1] + "59" + text[19:]).replace("Z", "+00:00"))
    except ValueError:
        raise Dead("submittedAt") from None
    at += timedelta(seconds=1 if leap else 0)
    if at.tzinfo is None:
        raise Dead("submittedAt without an offset")
    at = at.astimezone(timezone.utc)
    return round(at.timestamp() * 1000), at.strftime("%Y-%m")


def hundredths(value):
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Dead("a rating is no number")
    exact = Decimal(value) * 100
    if exact != exact.to_integral_value() or not 100 <= exact <= 500:
        raise Dead("a rating out of range")
    return int(exact)


def classify(record):
    """An Event, None for what is of no interest, or Dead."""
    headers = dict(record.headers)
    if headers.get("type", b"review") != b"review":
        return None
    if record.key is None:
        raise Dead("null key")
    version = version_of(headers)
    key = record.key.decode("utf-8")
    if record.value is None:
        if version is None:
            raise Dead("null value without a version")
        return Event(key, version, "e", None, None, None, None, None, None, {}, None)
    try:
        body = json.loads(record.value, object_pairs_hook=once, parse_float=Decimal)
    except ValueError:
        raise Dead("not JSON") from None
    if not isinstance(body, dict) or body.get("reviewId") != key:
        raise Dead("key is not reviewId")
    number = body.get("version")
    if type(number) is not int or not 1 <= number <= LAST or version not in (None, number):
        raise Dead("version")
    if not isinstance(body.get("productId"), str) or body.get("status") not in ("published", "withdrawn"):
        raise Dead("productId or status")
    author = body.get("author") or {}
    ratings = {name: hundredths(value) for name, value in (body.get("ratings") or {}).items() if NAME.fullmatch(name)}
    at, month = instant(body["submittedAt"]) if body.get("submittedAt") else (None, None)
    return Event(key, number, "p" if body["status"] == "published" else "w", body["productId"], at, month,
                 body.get("locale") or None, body.get("tripType") or None, author.get("country") or None, ratings,
                 record.value)


class Fold:
    """The greatest version of each review; of an equal one the first."""

    def __init__(self, records):
        self.reviews, self.dead, self.counts = {}, {}, Counter()
        for record in records:
            self.counts["consumed"] += 1
            try:
                event = classify(record)
            except Dead as why:
                self.dead[record.n] = (record, str(why))
                self.counts["dead"] += 1
                continue
            if event is None:
                self.counts["skipped"] += 1
            elif event.review not in self.reviews or event.version > self.reviews[event.review].version:
                self.reviews[event.review] = event

    def published(self):
        return (event for event in self.reviews.values() if event.state == "p")

    def counters(self):
        """product -> {name: integer} as the summary hash has them."""
        made = defaultdict(Counter)
        for event in self.published():
            of = made[event.product]
            of["n"] += 1
            for name, value in event.ratings.items():
                of["n:" + name] += 1
                of["sum:" + name] += value
                of["h:%s:%d" % (name, (value + 50) // 100)] += 1
            for kind, value in (("locale", event.locale), ("trip", event.trip), ("country", event.country),
                                ("month", event.month)):
                if value:
                    of["%s:%s" % (kind, value)] += 1
        return made


def summary(product, counters):
    """The value of a product's record in product-summaries, without its revision."""
    made = {"productId": product, "reviews": counters.get("n", 0), "ratings": {},
            "locales": {}, "tripTypes": {}, "countries": {}, "months": {}}
    maps = {"locale": "locales", "trip": "tripTypes", "country": "countries", "month": "months"}
    for name, value in counters.items():
        kind, _, rest = name.partition(":")
        if kind in maps:
            made[maps[kind]][rest] = value
        elif kind == "n" and rest:
            total = counters["sum:" + rest]
            average = (Decimal(total) / value / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
            made["ratings"][rest] = {"count": value, "sumHundredths": total, "average": average, "histogram": {
                str(stars): counters.get("h:%s:%d" % (rest, stars), 0) for stars in range(1, 6)}}
    return made
