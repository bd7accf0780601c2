"""What the analytics view must hold: the reference fold of a log, and what the library says in another process.

`Expected` is made from logs alone; `compare` asks any engine that knows the views for theirs.
"""
import gzip
import importlib
import json
import re
import sys
import zlib
from collections import Counter, defaultdict

from harness import judge
from harness.processes import run

VIEWS = ("reviews", "product_months", "product_month_aspects", "sentiment_trend", "rating_distribution",
         "product_changes", "moderation_latency")
WINDOW = 3  # months, of product_changes


def of_the_judge(*names):
    """Modules of the judge's folder, whatever else goes by their names."""
    kept = {name: sys.modules.pop(name) for name in ("fold", "contract", "record") if name in sys.modules}
    sys.path.insert(0, str(judge.FOLDER))
    try:
        return [importlib.import_module(name) for name in names if (judge.FOLDER / (name + ".py")).exists()]
    finally:
        sys.path.remove(str(judge.FOLDER))
        for name in ("fold", "contract", "record"):
            sys.modules.pop(name, None)
        sys.modules.update(kept)


FOLD, *CONTRACT = of_the_judge("fold", "contract")


def fold_of(logs):
    """The fold of the logs."""
    records = (record for log in logs for record in FOLD.read_log(log))
    return FOLD.fold(records) if hasattr(FOLD, "fold") else FOLD.Fold(records)


def instant(text):
    """Milliseconds; None for what is no date."""
    module = CONTRACT[0] if CONTRACT else FOLD
    try:
        return module.instant(text)[0]
    except module.Dead:
        return None


def analyse(bodies):
    """id -> what `reviewctl analyse --ndjson` says."""
    lines = []
    for name, body in bodies.items():
        review = {member: body[member] for member in ("title", "text", "locale", "productName") if body.get(member)}
        lines.append(json.dumps({"id": name, **review}))
    said = run("reviewctl", ["analyse", "--ndjson"], {}, input="\n".join(lines) + "\n", check=0, timeout=120).stdout
    return {found["id"]: found for found in map(json.loads, said.strip("\n").split("\n"))}


def month_of(event):
    return int(event.month.replace("-", "")) if event.month and re.fullmatch(r"\d{4}-\d\d", event.month) else 0


def row_of(event, body, found):
    """A row of the view `reviews`."""
    submitted = event.submitted if hasattr(event, "submitted") else event.at
    moderated = instant(body["moderatedAt"]) if isinstance(body.get("moderatedAt"), str) else None
    latency = None if moderated is None or submitted is None else moderated - submitted
    score = found["sentiment"]["score"]
    return {
        "reviewId": event.review, "version": event.version, "productId": event.product,
        "locale": event.locale or "", "tripType": event.trip or "", "country": event.country or "",
        "submittedMs": submitted or 0, "month": month_of(event), "overall": event.ratings.get("overall", 0),
        "aspects": list(event.ratings), "ratings": list(event.ratings.values()),
        "titleLength": len(body.get("title") or ""), "textLength": len(body.get("text") or ""),
        "language": found["language"], "polarity": found["sentiment"]["polarity"],
        "scored": int(score is not None), "score": round((score or 0) * 1000),
        "opinionAspects": [one["aspect"] for one in found["aspects"]],
        "opinionPolarities": [one["polarity"] for one in found["aspects"]],
        "opinionScores": [round(one["score"] * 1000) for one in found["aspects"]],
        "tags": [tag["tag"] for tag in found["tags"]],
        "tagPolarities": [tag["polarity"] or "none" for tag in found["tags"]],
        "moderated": int(latency is not None), "moderationMs": latency or 0,
    }


class Expected:
    def __init__(self, *logs):
        made = fold_of(logs)
        self.versions = {event.review: (event.version, event.state) for event in made.reviews.values()}
        bodies = {event.review: json.loads(event.body) for event in made.published()}
        found = analyse(bodies)
        self.reviews = [row_of(event, bodies[event.review], found[event.review]) for event in made.published()]
        self.ambiguous = getattr(made, "ambiguous", set())

    def rows(self, view):
        return getattr(self, view) if view == "reviews" else getattr(self, "_" + view)()

    def _product_months(self):
        made = defaultdict(Counter)
        for row in self.reviews:
            made[row["productId"], row["month"]].update(
                reviews=1, ratings=int(row["overall"] > 0), sumHundredths=row["overall"])
        return [{"productId": product, "month": month, **counts, "average": over(counts)}
                for (product, month), counts in made.items()]

    def _product_month_aspects(self):
        made = defaultdict(Counter)
        for row in self.reviews:
            for aspect, hundredths in zip(row["aspects"], row["ratings"]):
                made[row["productId"], row["month"], aspect].update(ratings=1, sumHundredths=hundredths)
        return [{"productId": product, "month": month, "aspect": aspect, **counts, "average": over(counts)}
                for (product, month, aspect), counts in made.items()]

    def _sentiment_trend(self):
        made = defaultdict(Counter)
        for row in self.reviews:
            opinions = list(zip(row["opinionAspects"], row["opinionPolarities"], row["opinionScores"]))
            opinions += [("", row["polarity"], row["score"])] if row["scored"] else []
            for aspect, polarity, score in opinions:
                made[row["productId"], aspect, row["month"]].update(
                    {"opinions": 1, polarity: 1, "sumThousandths": score})
        return [{"productId": product, "aspect": aspect, "month": month, "opinions": counts["opinions"],
                 **{name: counts[name] for name in ("positive", "negative", "neutral", "mixed", "sumThousandths")},
                 "score": counts["sumThousandths"] / counts["opinions"] / 1000}
                for (product, aspect, month), counts in made.items()]

    def _rating_distribution(self):
        made = Counter((row["country"], row["tripType"], (row["overall"] + 50) // 100)
                       for row in self.reviews if row["overall"])
        return [{"country": country, "tripType": trip, "stars": stars, "reviews": count}
                for (country, trip, stars), count in made.items()]

    def _product_changes(self):
        sums = defaultdict(Counter)
        for row in self.reviews:
            if row["overall"] and row["month"]:
                at = row["month"] // 100 * 12 + row["month"] % 100 - 1
                for shift in range(2 * WINDOW):
                    side = "" if shift < WINDOW else "Before"
                    sums[row["productId"], at + shift].update(
                        {"reviews" + side: 1, "sumHundredths" + side: row["overall"]})
        made = []
        for (product, at), counts in sums.items():
            if counts["reviews"] and counts["reviewsBefore"]:
                now = counts["sumHundredths"] / counts["reviews"] / 100
                before = counts["sumHundredthsBefore"] / counts["reviewsBefore"] / 100
                made.append({"productId": product, "month": at // 12 * 100 + at % 12 + 1, **counts,
                             "average": now, "averageBefore": before, "change": now - before})
        return made

    def _moderation_latency(self):
        made = defaultdict(list)
        for row in self.reviews:
            if row["moderated"]:
                made[row["month"]].append(row["moderationMs"])
        return [{"month": month, "reviews": len(all_), "sumMs": sum(all_), "medianMs": exact(all_, 0.5),
                 "p95Ms": exact(all_, 0.95), "maxMs": max(all_)} for month, all_ in made.items()]


def over(counts):
    return counts["sumHundredths"] / counts["ratings"] / 100 if counts["ratings"] else 0


def exact(values, level):
    """quantileExact: the value at the place that the level has among the sorted ones."""
    return sorted(values)[int(level * len(values))]


def keyed(view, rows):
    """A row by what it is of; numbers that were divided are rounded as no sum is."""
    keys = {"reviews": ("reviewId",), "product_months": ("productId", "month"),
            "product_month_aspects": ("productId", "month", "aspect"), "sentiment_trend": ("productId", "aspect", "month"),
            "rating_distribution": ("country", "tripType", "stars"), "product_changes": ("productId", "month"),
            "moderation_latency": ("month",)}[view]
    made = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        assert key not in made, f"{view} has {key} twice"
        made[key] = {name: round(value, 9) if isinstance(value, float) else value for name, value in row.items()}
    return made


def compare(expected, query, database, views=VIEWS):
    """`query(sql)` gives rows as dicts. Fails with what differs; returns how many rows were alike."""
    alike = 0
    for view in views:
        found = keyed(view, query(f"SELECT * FROM `{database}`.{view}"))
        wanted = keyed(view, expected.rows(view))
        for key in found.keys() | wanted.keys():
            if view == "reviews" and key[0] in expected.ambiguous:
                continue
            have, want = found.get(key), wanted.get(key)
            if have != want:
                differs = {name: (have[name], want[name]) for name in want if have[name] != want[name]} if have and want else (have, want)
                raise AssertionError(f"{view} {key}: found, wanted: {differs}")
            alike += 1
    return alike


def check(world, *logs, generation=None, views=VIEWS):
    """Views of readers, and the rows behind them, against the fold."""
    expected = Expected(*logs)
    generation = generation or world.generation
    active = world.clickhouse("SELECT generation FROM `%s`.active" % world.database)
    database = world.database if active == [{"generation": generation}] else "%s_%s" % (world.database, generation)
    alike = compare(expected, world.clickhouse, database, views)
    held = {row["reviewId"]: (row["version"], row["status"][0]) for row in world.clickhouse(
        "SELECT reviewId, version, status FROM `%s_%s`.rows FINAL WHERE status != 'mark'" % (world.database, generation))}
    assert held == expected.versions
    left = world.clickhouse("SELECT * FROM `%s_%s`.rows FINAL WHERE status IN ('withdrawn', 'erased')"
                            % (world.database, generation))
    for row in left:
        assert not any(value for name, value in row.items() if name not in ("reviewId", "version", "status")), row
    return alike


def with_moderation(log, folder):
    """The same log where most reviews say when they were moderated, some badly."""
    path = folder / ("moderated-" + log.name)
    words = ['"2026-02-01T10:00:00Z"', '"2031-12-31T23:59:60.5+02:00"', '"1969-07-20T20:17:40Z"', '"soon"', "null", "7",
             None]
    with gzip.open(log, "rt") as source, gzip.open(path, "wt") as out:
        for line in source:
            row = json.loads(line)
            value = row.get("value") or ""
            word = words[zlib.crc32(value.encode("utf-8", "surrogateescape")) % len(words)]  # repeated, it is the same
            if word and value and value.startswith("{") and value.endswith("}"):
                row["value"] = value[:-1] + ("," if len(value) > 2 else "") + '"moderatedAt":' + word + "}"
            out.write(json.dumps(row) + "\n")
    return path
