"""What others make of the same texts: VADER, YAKE and RAKE (PyPI, pinned)."""

import judge
import quality_tags


def vader(judged):
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    analyser = SentimentIntensityAnalyzer()

    def answer(text):
        return {"sentiment": {"score": analyser.polarity_scores(text[:4000])["compound"]}}
    cells = []
    for name in ("hotel_sentences_japan", "booking_proscons_weak", "ott_hotels", "oats_review"):
        rows = [row for row in judged.gold if row.set == name]
        cells.append(judge.two_classes([r.label for r in rows], [answer(r.text) for r in rows]))
    scores = [judge.score(answer(r.title + " . " + r.text)) for r in judged.stars]
    return cells, judge.stars([r.label for r in judged.stars], scores)


def show(judged):
    cells, (pearson, balanced) = vader(judged)
    print("VADER        " + "  ".join(f"P{i + 1} {cell:.3f}" for i, cell in enumerate(cells))
          + f"  P5 {pearson:.3f} / {balanced:.3f}", flush=True)
    rows = quality_tags.hotel_rows(judged.load("keyphrase_review_terms"))
    texts = [row["text"] for row in rows]
    for name, make in (("YAKE", quality_tags.yake_tags), ("RAKE", quality_tags.rake_tags)):
        five, ten, partial = quality_tags.figures(rows, make(texts))
        print(f"{name:12} G1 {five:.3f} / {ten:.3f}  G2 {partial:.3f}", flush=True)
