"""How good tags are: gold aspect terms of hotel reviews, and YAKE and RAKE beside ours.

F1 of the mean precision and the mean recall over reviews, of the first 5 and 10 tags. Exact: the
same words without articles and outer signs. Partial: a content word in common, plural or not.
"""

import re

import numpy

RESTAURANTS = "absa_se16_restaurants"
STOP = set("""a an the and or but if of at by for with about to from up down in out on off over
under again then once here there when where why how all any both each few more most other some
such no nor not only own same so than too very s t can will just don should now i me my myself we
our ours ourselves you your yours he him his she her hers it its itself they them their theirs
what which who whom this that these those am is are was were be been being have has had having do
does did doing would could ought i'm you're it's we're they're i've we've i'd we'd i'll we'll
isn't aren't wasn't weren't don't doesn't didn't won't wouldn't couldn't also as because while
until during before after above below between into through us one get got go went really much
many lot""".split())
ARTICLES = r"^(the|a|an|our|my|their|his|her|its|this|that|your)\s+"


def normal(phrase):
    """Lower case, inner spaces single, articles and outer signs off."""
    phrase = re.sub(r"[^\w'&/+-]+", " ", phrase.lower()).strip(" '-/")
    return re.sub(r"\s+", " ", re.sub(ARTICLES, "", phrase))


def singular(phrase):
    words = phrase.split()
    if words:
        last = words[-1]
        if len(last) > 3 and last.endswith("ies"):
            last = last[:-3] + "y"
        elif len(last) > 4 and last.endswith(("sses", "shes", "ches", "xes")):
            last = last[:-2]
        elif len(last) > 3 and last.endswith("s") and not last.endswith(("ss", "us", "is")):
            last = last[:-1]
        words[-1] = last
    return " ".join(words)


def distinct(phrases):
    """Normal forms in order; of one thing in two numbers the first."""
    seen, out = set(), []
    for phrase in map(normal, phrases):
        if phrase and singular(phrase) not in seen:
            seen.add(singular(phrase))
            out.append(phrase)
    return out


def content(phrase):
    return set(singular(phrase).split()) - STOP


def exact(wanted, found):
    hits = len(wanted & set(found))
    return hits / len(found) if found else 0, hits / len(wanted) if wanted else 0


def partial(wanted, found):
    golds, founds = [content(p) for p in wanted], [content(p) for p in found]
    right = sum(any(f & g for g in golds) for f in founds)
    seen = sum(any(f & g for f in founds) for g in golds)
    return right / len(found) if found else 0, seen / len(wanted) if wanted else 0


def f1(golds, founds, most, measure=exact):
    pairs = [measure(wanted, found[:most]) for wanted, found in zip(golds, founds)]
    precision, recall = numpy.mean(pairs, axis=0)
    return 2 * precision * recall / max(1e-9, precision + recall)


def hotel_rows(rows):
    return [row for row in rows if row["source"] != RESTAURANTS]


def figures(rows, tags):
    """(exact F1@5, exact F1@10, partial F1@10). `tags`: for each row its phrases, best first."""
    golds = [{normal(phrase) for phrase in row["keyphrases"]} - {""} for row in rows]
    founds = [distinct(some) for some in tags]
    return (f1(golds, founds, 5), f1(golds, founds, 10), f1(golds, founds, 10, partial))


# --- what others make of the same reviews -------------------------------------------------------

def yake_tags(texts, words=1):
    import yake
    extractor = yake.KeywordExtractor(lan="en", n=words, top=20, dedupLim=.9)
    return [[phrase for phrase, _ in extractor.extract_keywords(text)] for text in texts]


def rake_tags(texts):
    from rake_nltk import Rake

    def sentences(text):
        return [s for s in re.split(r"(?<=[.!?])\s+|\n+|\s+-\s+-\s*", text) if s.strip()]

    def words(text):
        return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,:]\d+)*|[^\w\s]", text)

    rake = Rake(stopwords=STOP, punctuations=set(".,;:!?()-'\""), max_length=4,
                sentence_tokenizer=sentences, word_tokenizer=words)
    out = []
    for text in texts:
        rake.extract_keywords_from_text(text)
        out.append(rake.get_ranked_phrases()[:20])
    return out
