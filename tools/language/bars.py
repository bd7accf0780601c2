"""The bars: what each is, its limit for the shipped model (B) and the recipe (T), its figure."""

import collections
import json
import os
import random
import subprocess
import time

import numpy

import data
import judge
import linear
import model
import quality_tags

Row = collections.namedtuple("Row", "bar what cells holds")

# bar, what, limit of B, limit of T; None: not asked. Figures are to be at least the limit, those
# of MOST at most.
BARS = [
    ("P1", "hotel_sentences_japan, two classes", 0.875, 0.90),
    ("P2", "booking_proscons, two classes", 0.865, 0.915),
    ("P3", "ott, two classes", 0.93, 0.935),
    ("P4", "OATS reviews, two classes", 0.95, 0.97),
    ("P5a", "stars, English: Pearson", 0.65, 0.68),
    ("P5b", "stars, English: balanced accuracy", 0.87, 0.895),
    ("P6", "hotel_sentences_japan, three classes, macro F1", 0.70, 0.77),
    ("P7a", "other languages with a locale: unsupported", 0.99, None),
    ("P7b", "other languages, 40 bytes: detected", 0.95, None),
    ("P7c", "English that is refused", 0.01, None),
    ("P7zh", "Chinese hotels, two classes", None, 0.88),
    ("P7es", "Spanish hotels, two classes", None, 0.88),
    ("P7it", "Italian hotels, two classes", None, 0.915),
    ("P7ar", "Arabic hotels, two classes", None, 0.88),
    ("P7ca", "Catalan hotels, two classes", None, 0.82),
    ("P7tr", "Turkish stars, Pearson", None, 0.55),
    ("A1", "aspects, detection, micro F1", 0.675, 0.755),
    ("A2", "aspects, detection, macro F1", None, 0.68),
    ("A3a", "polarity of an aspect, positive and negative", 0.895, 0.925),
    ("A3b", "polarity of an aspect, F1 of negative", 0.68, 0.72),
    ("A4", "aspect and polarity, F1", 0.60, 0.69),
    ("G1a", "tags of hotels, exact F1@5", 0.64, 0.70),
    ("G1b", "tags of hotels, exact F1@10", 0.645, 0.715),
    ("G2", "tags of hotels, partial F1@10", 0.735, 0.78),
    ("J1", "junk bodies: unknown, no tags", 0.99, 0.99),
    ("J2", "real reviews that the gate stops", 0.001, 0.001),
    ("J3", "hostile strings: sound answers, linear time", 1, 1),
    ("S1", "reviews a second, one core, without JSON", 40000, 40000),
    ("S2", "the English model's MB", 4.0, 4.0),
    ("S3", "training again gives the same bytes", 1, None),
    ("S3b", "C and Python differ by at most (score)", 0.001, 0.001),
    ("E1", "least share of a score that evidence carries", 0.5, 0.5),
]
MOST = {"P7c", "J2", "S2", "S3b"}
OTHERS = {"zh": "chnsenticorp_hotel_zh", "es": "opener_es", "it": "absita_it_hotels",
          "ar": "se16_hotels_ar", "ca": "multibooked_ca"}


class Judged:
    """Answers of one model, or of the five of the recipe, each for the fold it has not seen."""

    def __init__(self, args, models):
        self.args, self.models = args, models
        self.gold = data.gold_polarity(args.data)
        self.stars = data.stars(args.data)

    def load(self, name):
        return data.load(self.args.data, name)

    def analyse(self, rows, groups):
        """Answers to rows, in their order."""
        out = [None] * len(rows)
        for k, path in enumerate(self.models):
            mine = [i for i, group in enumerate(groups)
                    if len(self.models) == 1 or data.fold_of(group) == k]
            answers = judge.analyse(self.args.reviewctl, path, [rows[i] for i in mine])
            for i, answer in zip(mine, answers):
                out[i] = answer
        return out

    def figures(self):
        out = {}
        for part in (self.polarity, self.languages, self.aspects, self.tags, self.junk,
                     self.hostile, self.speed):
            out.update(part())
        return out

    # ---- P ----

    def polarity(self):
        out, least = {}, 1.0
        answers = self.analyse([{"text": r.text} for r in self.gold], [r.group for r in self.gold])
        names = ["hotel_sentences_japan", "booking_proscons_weak", "ott_hotels", "oats_review"]
        for i, name in enumerate(names):
            mine = [k for k, row in enumerate(self.gold) if row.set == name]
            labels, said = [self.gold[k].label for k in mine], [answers[k] for k in mine]
            out[f"P{i + 1}"] = judge.two_classes(labels, said)
            if i == 0:
                out["P6"] = judge.three_classes(labels, said)
                out["S3b"] = self.difference([self.gold[k] for k in mine], said)
        least = min(map(judge.carried, answers))
        said = self.analyse([{"title": r.title, "text": r.text, "locale": "en"}
                             for r in self.stars], [r.group for r in self.stars])
        out["P5a"], out["P5b"] = judge.stars([r.label for r in self.stars],
                                             [judge.score(a) for a in said])
        out["E1"] = min(least, *map(judge.carried, said))
        return out

    def difference(self, rows, answers):
        """Scores of Python from the same features and weights, against those of C."""
        path = self.models[0] or os.path.join(os.path.dirname(self.args.build), os.pardir,
                                              "models", "english.model")
        rows, answers = zip(*[(r, a) for r, a in zip(rows, answers)
                              if a["sentiment"]["score"] is not None
                              and (len(self.models) == 1 or data.fold_of(r.group) == 0)])
        with open(path, "rb") as file:
            sections = model.unpack(file.read())
        table = model.read_table(sections["polarity.en"])
        width = float(model.read_settings(sections)["polarity.en.score_width"]) / 1000
        matrix = linear.features(os.path.join(self.args.build, "language_features"), path,
                                 ["polarity", "en"],
                                 [linear.blob("") + linear.blob(r.text) for r in rows],
                                 table.weights.shape[0].bit_length() - 1)
        margin = table.margins(matrix)[:, 0]
        mine = margin / numpy.sqrt(margin ** 2 + width ** 2)
        return round(float(numpy.abs(mine - [judge.score(a) for a in answers]).max()), 3)

    def languages(self):
        if len(self.models) > 1:
            return self.other_languages()
        rows = [d for d in self.load("absa_mabsa_hotel_21lang") + self.load(
            "polarity_chnsenticorp_hotel_zh") + self.load("polarity_smsa_id")]
        rows = [(d["text"], d["lang"]) for d in rows if d["lang"] != "en"]
        rows += [(d.get("text") or "", d["locale"]) for d in self.load("reviews")
                 if d.get("locale") in ("zh", "tr")]
        groups = [""] * len(rows)
        known = self.analyse([{"text": t, "locale": lang} for t, lang in rows], groups)
        rows = [row for row in rows if len(row[0].encode()) >= 40]
        bare = self.analyse([{"text": t} for t, _ in rows], [""] * len(rows))
        texts = [r.text for r in self.gold] + [t for t, _, _ in data.aspect_sentences(
            self.args.data)]
        english = self.analyse([{"text": t} for t in texts], [""] * len(texts))

        def rate(answers):
            states = [a["sentiment"]["polarity"] for a in answers]
            worded = [s for s in states if s != "unknown"]
            return sum(s == "unsupported" for s in worded) / len(worded)
        return {"P7a": rate(known), "P7b": rate(bare), "P7c": rate(english)}

    def other_languages(self):
        out = {}
        for language, name in OTHERS.items():
            rows = [r for r in data.other_polarity(self.args.data, language) if r.set == name]
            said = self.analyse([{"text": r.text, "locale": language} for r in rows],
                                [r.group for r in rows])
            out["P7" + language] = judge.two_classes([r.label for r in rows], said)
        rows = data.stars(self.args.data, "tr")
        said = self.analyse([{"title": r.title, "text": r.text, "locale": "tr"} for r in rows],
                            [r.group for r in rows])
        out["P7tr"] = judge.stars([r.label for r in rows], [judge.score(a) for a in said])[0]
        return out

    # ---- A and G ----

    def aspects(self):
        rows = data.aspect_sentences(self.args.data)
        said = self.analyse([{"text": t} for t, _, _ in rows], [g for _, _, g in rows])
        found = judge.aspects([gold for _, gold, _ in rows], said)
        return {"A1": found["detection"], "A2": found["macro"], "A3a": found["polarity"],
                "A3b": found["negative"], "A4": found["joint"]}

    def tags(self):
        rows = quality_tags.hotel_rows(self.load("keyphrase_review_terms"))
        said = self.analyse([{"text": row["text"]} for row in rows], [r["group"] for r in rows])
        five, ten, partial = quality_tags.figures(rows, [[t["tag"] for t in a["tags"]]
                                                         for a in said])
        return {"G1a": five, "G1b": ten, "G2": partial}

    # ---- J ----

    def junk(self):
        rows = self.load("misc_junk_reviews")
        said = self.analyse([{"text": row["text"]} for row in rows], [r["id"] for r in rows])
        stopped = [a["sentiment"]["polarity"] == "unknown" and not a["tags"] and not a["aspects"]
                   for a in said]
        rows = [d for d in self.load("reviews") if any(c.isalpha() for c in d.get("text") or "")]
        said = self.analyse([{"text": d["text"]} for d in rows], [d["reviewId"] for d in rows])
        lost = sum(a["sentiment"]["polarity"] == "unknown" for a in said)
        return {"J1": sum(stopped) / len(stopped), "J2": lost / len(rows)}

    def hostile(self):
        texts = [d["text"] for name in ("misc_naughty_strings", "misc_unicode_reviews",
                                        "misc_emoji") for d in self.load(name)]
        rows = [{"text": t, "title": t[:50], "productName": t[:20]} for t in texts]
        said = self.analyse(rows, texts)
        good = all(sound(row, a) for row, a in zip(rows, said))
        return {"J3": float(good and self.is_linear())}

    def is_linear(self):
        """1 MB takes at most 30 times what 100 kB take, and never a second."""
        noise = random.Random(1)
        words = ["great", "staff", "not", "room", "but", ",", ".", "\u4e2d", "\U0001f600", "x" * 50]
        for unit in ([" ".join(noise.choice(words) for _ in range(200))], ["a"], ["!"], ["not "]):
            times = []
            for size in (100_000, 1_000_000):
                text = (unit[0] * (size // len(unit[0]) + 1))[:size]
                start = time.time()
                judge.analyse(self.args.reviewctl, self.models[0], [{"text": text}])
                times.append(time.time() - start)
            if times[1] > 30 * times[0] or times[1] > 3:
                return False
        return True

    # ---- S ----

    def speed(self):
        path = self.models[0] or os.path.join(os.path.dirname(self.args.build), os.pardir,
                                              "models", "english.model")
        given = b"".join(linear.blob(d.get("title") or "") + linear.blob(d.get("text") or "")
                         for d in self.load("reviews"))
        runs = [subprocess.run([os.path.join(self.args.build, "language_speed"), path],
                               input=given, stdout=subprocess.PIPE, check=True).stdout
                for _ in range(3)]
        with open(path, "rb") as file:
            sections = model.unpack(file.read())
        english = sum(len(s) for name, s in sections.items()
                      if not name.startswith("polarity.") or name == "polarity.en")
        return {"S1": max(float(run.split()[0]) for run in runs), "S2": english / (1 << 20)}


def sound(row, answer):
    """Every span lies on characters of its field."""
    spans = list(answer["sentiment"]["evidence"]) + answer["aspects"]
    spans += [s for tag in answer["tags"] for s in tag["spans"]]
    try:
        json.dumps(answer, ensure_ascii=False).encode()
        for span in spans:
            field = row[span["field"]].encode("utf-8", "surrogatepass")
            if not 0 <= span["start"] < span["end"] <= len(field):
                return False
            field[span["start"]:span["end"]].decode()
    except UnicodeError:
        return False
    return True


def rows(figures):
    for bar, what, *limits in BARS:
        cells, holds = [], True
        for name, limit in zip("BT", limits):
            figure = figures.get(name, {}).get(bar)
            if figure is None or limit is None:
                if name in figures:
                    cells.append(f"{name} {'':9} {'':10} {'':4}")
                continue
            good = figure <= limit if bar in MOST else figure >= limit
            holds &= good
            sign = "<=" if bar in MOST else ">="
            shown = f"{figure:.0f}" if limit > 1000 else f"{figure:.4f}"
            cells.append(f"{name} {shown:>9} {sign} {limit:<7} {'ok' if good else 'FAIL':4}")
        if cells:
            yield Row(bar, what, cells, holds)
