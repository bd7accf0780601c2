"""The sets that models are trained on and judged with; the folder is that of shared data.

Rows are sorted as the files are; a group is a review, and all of its sentences lie in one fold.
"""

import collections
import gzip
import hashlib
import json
import os
import re

FOLDS = 5
# Published by the makers of the labels under MIT or Apache-2.0; see models/english.md.
SHIPPED_POLARITY = [("vader_amazon", 1.0), ("uci_yelp", 1.0), ("uci_amazon_cells", 1.0),
                    ("uci_imdb", 1.0), ("vader_movie", 0.5), ("vader_tweets", 1.0)]
SHIPPED_ASPECTS = ["mams_atsa", "mams_acsa"]
LICENCES = {
    "vader_amazon, vader_movie, vader_tweets":
        "MIT, C. J. Hutto and E. Gilbert, VADER (ICWSM 2014), by the makers of the labels",
    "uci_yelp, uci_amazon_cells, uci_imdb":
        "MIT as packaged; D. Kotzias et al., Sentiment Labelled Sentences (KDD 2015)",
    "mams_atsa, mams_acsa": "Apache-2.0, Q. Jiang et al., MAMS (EMNLP-IJCNLP 2019)",
}

Text = collections.namedtuple("Text", "title text label weight group set")
Case = collections.namedtuple("Case", "text aspect wanted place label weight group")


def load(folder, name):
    path = os.path.join(folder, "nlp", name + ".ndjson.gz")
    if name == "reviews":
        path = os.path.join(folder, "reviews.ndjson.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def fold_of(group):
    return hashlib.sha256(group.encode()).digest()[0] % FOLDS


def derive(aspects):
    """The polarity of a text from those of its aspects; one kind must be twice the other."""
    count = collections.Counter(a["polarity"] for a in aspects)
    positive, negative = count["pos"], count["neg"]
    if positive > negative and positive >= 2 * negative:
        return "pos"
    return "neg" if negative > positive and negative >= 2 * positive else "neu"


def shipped_polarity(folder):
    rows = [Text("", d["text"], d["label"], weight, d["group"], name)
            for name, weight in SHIPPED_POLARITY for d in load(folder, "polarity_" + name)]
    return rows + [Text("", d["text"], derive(d["aspects"]), 0.5, d["group"], name)
                   for name in SHIPPED_ASPECTS for d in load(folder, "absa_" + name)]


# ---- hotels, for the recipe and for judging ----

def stars(folder, language="en"):
    """Title, text and stars of reviews; of equal texts the first."""
    seen, rows = set(), []
    for d in load(folder, "reviews"):
        rating = (d.get("ratings") or {}).get("overall")
        title, text = (d.get("title") or "").strip(), (d.get("text") or "").strip()
        if d.get("locale") != language or rating is None or len(title + text) < 5:
            continue
        if (title, text) not in seen:
            seen.add((title, text))
            rows.append(Text(title, text, float(rating), 1.0, d["reviewId"], "stars"))
    return rows


def star_texts(folder, language="en"):
    out = []
    for row in stars(folder, language):
        label, weight = (("pos", 0.5) if row.label >= 4 else ("neg", 1.0) if row.label <= 2.5
                         else ("neu", 0.15))
        if label != "neu" or row.label < 3.6:
            out.append(row._replace(label=label, weight=weight))
    return out


def gold_polarity(folder):
    """Every set that bars P1 to P4 and P6 are judged on."""
    rows = [Text("", d["text"], d["label"], weight, d["group"], name)
            for name, weight in (("hotel_sentences_japan", 3.0), ("booking_proscons_weak", 1.0),
                                 ("ott_hotels", 1.0))
            for d in load(folder, "polarity_" + name)]
    return rows + [Text("", d["text"], derive(d["aspects"]), 1.0, d["group"], "oats_review")
                   for d in load(folder, "absa_oats_hotels_reviewlevel") if d["aspects"]]


def hotel_polarity(folder):
    rows = gold_polarity(folder)
    for name in ("oats_hotels", "opener_en", "se15_hotels"):
        for d in load(folder, "absa_" + name):
            if d["aspects"]:
                rows.append(Text("", d["text"], derive(d["aspects"]), 1.0, d["group"], name))
            elif len(d["text"].split()) > 4:
                rows.append(Text("", d["text"], "neu", 0.3, d["group"], name))
    return rows + star_texts(folder)


def other_polarity(folder, language):
    """Texts of another language."""
    def labelled(name):
        return [Text("", d["text"], d["label"], 1.0, d["group"], name)
                for d in load(folder, "polarity_" + name)]

    def derived(name):
        return [Text("", d["text"], derive(d["aspects"]), 1.0, d["group"], name)
                for d in load(folder, "absa_" + name)
                if d["aspects"] and d["lang"] == language]
    sources = {
        "zh": lambda: labelled("chnsenticorp_hotel_zh"),
        "es": lambda: derived("opener_es") + derived("se16_restaurants_multi"),
        "it": lambda: derived("absita_it_hotels"),
        "ar": lambda: derived("se16_hotels_ar"),
        "ca": lambda: derived("multibooked_ca"),
        "tr": lambda: star_texts(folder, "tr") + derived("se16_restaurants_multi"),
    }
    rows = sources[language]()
    more = [row._replace(weight=0.5) for row in derived("mabsa_hotel_21lang")]
    return rows + more


# ---- aspects ----

DETAILS = {
    "breakfast": r"break ?fasts?|breackfast|breakfeast|brunch|continental|buffet in the morning",
    "checkin": r"check(ed|ing)?[ -]?(in|out)|front desk|reception(ists?)?|concierges?|desk clerk",
    "noise": r"quiet\w*|nois\w+|loud\w*|thin walls|sound ?proof\w*|silen\w+|peaceful|street noise",
    "comfort": r"(un)?comfort\w*|comfy|cosy|cozy|relax\w*",
    "wifi": r"wi-?fi|internet|wireless|wlan",
    "bathroom": r"bath ?rooms?|showers?|bath(tub)?s?|tubs?|toilets?|towels?|toiletries|sinks?",
    "bed": r"beds?|mattress\w*|matress\w*|pillows?|bedding|linens?|sheets?",
    "parking": r"park\w*|valet|garage|shuttle",
    "wellness": r"pools?|spa|gym|sauna|beach|fitness\w*|jacuzzi|hot tub|massages?",
    "food": r"foods?|restaurants?|bars?|dining|dinner|lunch|drinks?|coffee|room service|cafe",
}


def says(detail, text):
    return re.search(r"\b(" + DETAILS[detail] + r")\b", text or "", re.I) is not None


def aspect_of(category, term, sentence):
    """The aspect of a category of OATS or SemEval-2015, after the table of section 4."""
    entity, attribute = category.replace("ROOMS_AMENITIES", "ROOM_AMENITIES").split("#")
    where = term or sentence
    fixed = {"PRICES": "value", "CLEANLINESS": "cleanliness"}.get(attribute)
    if fixed:
        return fixed
    if entity == "LOCATION":
        return "location"
    if entity == "FOOD_DRINKS":
        return "breakfast" if says("breakfast", where) else "food"
    if entity == "SERVICE":
        return "checkin" if says("checkin", where) else "staff"
    if attribute == "COMFORT" and says("noise", sentence) and not says("comfort", sentence):
        return "noise"
    if entity in ("ROOMS", "ROOM_AMENITIES"):
        for detail in ("wifi", "bathroom", "bed"):
            if says(detail, where if entity == "ROOM_AMENITIES" else term):
                return detail
        if attribute == "COMFORT":
            return "comfort"
        return "amenities" if entity == "ROOM_AMENITIES" else "room"
    if entity == "FACILITIES":
        for detail in ("wifi", "parking", "wellness", "breakfast", "food"):
            if says(detail, where):
                return detail
        return "property"
    if entity == "HOTEL" and attribute in ("COMFORT", "DESIGN_FEATURES"):
        return "comfort" if attribute == "COMFORT" else "property"
    return "overall"


def aspect_sentences(folder, name="absa_oats_hotels"):
    """(text, {aspect: polarities}, group); reviews without any annotation are left out."""
    rows = load(folder, name)
    annotated = {d["group"] for d in rows if d["aspects"]}
    out = []
    for d in rows:
        if d["group"] in annotated:
            gold = collections.defaultdict(set)
            for a in d["aspects"]:
                gold[aspect_of(a["category"], a.get("term"), d["text"])].add(a["polarity"])
            out.append((d["text"], dict(gold), d["group"]))
    return out


def term_cases(rows, weight):
    """Opinions about annotated terms: the cue is the term's last byte."""
    out = []
    for d in rows:
        for a in d["aspects"]:
            end = a.get("to")
            if not a.get("term") or end is None or a["polarity"] not in ("pos", "neg", "neu"):
                continue
            place = len(d["text"][:end].encode()) - 1
            scale = 0.5 if a["polarity"] == "neu" else 1.0
            out.append(Case(d["text"], 0, 0, place, a["polarity"], weight * scale, d["group"]))
    return out
