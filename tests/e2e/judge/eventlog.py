"""Makes a log of events, the same for the same seed: edits, withdrawals, erasures, moves, repeats, broken records.

    python eventlog.py --profile mixed --seed 1 --reviews 150 --events 1200 --out log.ndjson.gz
"""
import argparse
import gzip
import json
import random

#            edit withdraw erase move | share of repeats, of late ones, of broken ones, of other types
PROFILES = {"clean": (1, 0, 0, 0, 0, 0, 0, 0), "edits": (1, 0, 0, 0, 0, 0, 0, 0), "shuffled": (4, 1, 0, 1, 0, .5, 0, 0),
            "duplicates": (4, 1, 0, 1, .4, 0, 0, 0), "withdrawals": (2, 2, 0, 0, .05, 0, 0, 0),
            "erasures": (3, 0, 1, 0, .05, .05, 0, 0), "moves": (1, .3, 0, 3, .05, .05, 0, 0),
            "poison": (3, 1, .3, 1, 0, 0, .25, .1), "mixed": (4, 1, .3, 1, .1, .1, .05, .05),
            "hot": (4, 1, .3, 1, .1, .1, .05, .05)}
ODD = ["plain", "with space", "colon:colon", "{braces}", "}first", "per%cent", "quote\"s", "slash/..", "日本", "😀", "x" * 200]
WORDS = "a quiet clean room with the sea below and a breakfast that was worth the walk \\ \" é 部屋 \n 😀".split(" ")
ASPECTS = ["overall", "cleanliness", "service", "food_and_drink", "sleepQuality"]


class Maker:
    def __init__(self, arguments):
        self.draw = random.Random("%s %s" % (arguments.seed, arguments.profile))
        self.hot = arguments.profile == "hot"
        self.null_keys = not arguments.no_null_keys
        count = max(2, arguments.reviews // 20)
        self.products = ["h-%d %s" % (at, ODD[at % len(ODD)]) if at % 4 == 3 else "h-%d" % at for at in range(count)]
        self.reviews = [dict(id="r-%d %s" % (at, ODD[at % len(ODD)]) if at % 7 == 6 else "r-%d" % at,
                             version=0, product=self.product(), status="published") for at in range(arguments.reviews)]

    def product(self):
        return self.products[0] if self.hot and self.draw.random() < .6 else self.draw.choice(self.products)

    def body(self, review):
        draw = self.draw
        made = {"reviewId": review["id"], "version": review["version"], "productId": review["product"],
                "status": review["status"]}
        optional = {
            "productName": "Name of " + review["product"], "locale": draw.choice(["en", "de", "fr", "ja", "es", ""]),
            "submittedAt": "20%02d-%02d-%02dT%02d:30:00%s" % (
                draw.randrange(10, 26), draw.randrange(1, 13), draw.choice([1, 15, 28]), draw.randrange(24),
                draw.choice(["Z", "+14:00", "-11:30", ".250Z"])),
            "author": {"id": "a-%d" % draw.randrange(99), "country": draw.choice(["FR", "JP", "US", None])},
            "tripType": draw.choice(["family", "solo", "business"]),
            "ratings": {name: draw.choice([1, 2, 3, 4, 5, 4.3, 2.55, 3.5]) for name in draw.sample(ASPECTS, draw.randrange(5))},
            "title": " ".join(draw.choices(WORDS, k=3)), "text": " ".join(draw.choices(WORDS, k=draw.randrange(40))),
            "source": "site", "unknownMember": [1, {"deep": 1e30}, None]}
        made.update((name, value) for name, value in optional.items() if draw.random() < .9)
        return json.dumps(made, ensure_ascii=draw.random() < .5)

    def event(self, review, weights):
        change = self.draw.choices(["edit", "withdraw", "erase", "move"], weights)[0] if review["version"] else "edit"
        review["version"] += self.draw.choice([1, 1, 1, 9, 2 ** 53]) if review["version"] < 2 ** 62 else 1
        if change == "withdraw":
            review["status"] = "withdrawn" if review["status"] == "published" else "published"
        elif change == "move":
            review["product"] = self.product()
        headers = [("type", "review"), ("version", str(review["version"]))]
        if change == "erase":
            return {"key": review["id"], "value": None, "headers": headers}
        return {"key": review["id"], "value": self.body(review), "headers": headers[:self.draw.choice([1, 2, 2])]}

    def broken(self):
        """A record that can never be applied, of a review that has good ones too."""
        draw, review = self.draw, self.draw.choice(self.reviews)
        after = dict(review, version=review["version"] + 10 ** 6)
        good = json.loads(self.body(after))
        key, headers = review["id"], [("type", "review")]
        value = draw.choice([
            "{", "[]", "", '{"reviewId":1}', "\ufeff{}",
            json.dumps({**good, "version": draw.choice([0, -1, 1.5, "7", None, 2 ** 63])}),
            json.dumps({**good, "reviewId": "another"}), json.dumps({**good, "status": "hidden"}),
            json.dumps({**good, "ratings": {"overall": draw.choice([0, 5.01, 6, "5", None])}}),
            json.dumps({**good, "submittedAt": "2026-02-31T00:00:00Z"}),
            json.dumps(good)[:-1] + ',"version":1}', None])
        if draw.random() < .2:
            value, headers = json.dumps(good), [("type", "review"), ("version", str(good["version"] + 1))]
        elif self.null_keys and draw.random() < .1:
            key = None
        return {"key": key, "value": value, "headers": headers}


def make(arguments):
    maker = Maker(arguments)
    *weights, repeats, late, broken, others = PROFILES[arguments.profile]
    lines = []
    while len(lines) < arguments.events:
        chance = maker.draw.random()
        if len(lines) < len(maker.reviews):
            line = maker.event(maker.reviews[len(lines)], weights)
        elif (chance := chance - repeats) < 0:
            line = maker.draw.choice(lines)
        elif (chance := chance - broken) < 0:
            line = maker.broken()
        elif chance - others < 0:
            line = {"key": "h-1", "value": '{"notice":1}', "headers": [("type", "hotel-notice")]}
        else:
            line = maker.event(maker.draw.choice(maker.reviews), weights)
        lines.append(line)
    for at in range(len(lines)):
        if maker.draw.random() < late:
            other = maker.draw.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
    return lines


def main():
    parser = argparse.ArgumentParser(description="make a log of events")
    parser.add_argument("--profile", choices=PROFILES, default="mixed")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--reviews", type=int, default=150)
    parser.add_argument("--events", type=int, default=1200)
    parser.add_argument("--no-null-keys", action="store_true", help="a compacted topic refuses null keys")
    parser.add_argument("--large", help="has no meaning here")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    with gzip.open(arguments.out, "wt", encoding="utf-8") as file:
        for n, line in enumerate(make(arguments), 1):
            file.write(json.dumps({"n": n, **line}) + "\n")


if __name__ == "__main__":
    main()
