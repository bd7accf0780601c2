"""What texts say is in stores, topics and the index as the library says it in another process."""
import json

import pytest

from harness import language
from harness.processes import EXIT_BLOCKED
from harness.world import LANGUAGE


@pytest.fixture
def log(logs):
    return logs.make("mixed", 31, reviews=200, extra=("--no-null-keys", "--large", "0"))


@pytest.mark.parametrize("order", ["forward", "shuffled"])
def test_views_and_topics_are_what_the_library_says(world, log, order):
    world.make_topics(source=False).load(log, order)
    world.to_the_end(LANGUAGE, members=2)
    assert "sentiment: " in world.check(log, processors=LANGUAGE, dead_twice=True)


def test_a_product_shows_what_is_said_of_it_and_where(world, log):
    world.make_topics(source=False).load(log)
    world.to_the_end(("cache", *LANGUAGE))
    expected = language.Expected(log)
    wanted = expected.summaries("sentiment")
    product = max(wanted, key=lambda name: (wanted[name]["n"], name))
    shown = json.loads(world.ctl("get", "product", product, "--json"))
    aspects = {row["aspect"]: row for row in shown["sentiment"]["aspects"]}
    counts = {"a:%s:n:%s" % (name, polarity): row[polarity] for name, row in aspects.items()
              for polarity in ("positive", "neutral", "negative", "mixed") if row[polarity]}
    assert counts == {name: value for name, value in wanted[product].items() if name.startswith("a:") and ":n:" in name}
    assert shown["sentiment"]["reviews"] == wanted[product]["n"]
    places = [one for row in aspects.values() for side in row["evidence"].values() for one in side]
    assert places
    for one in places:
        text = json.loads(expected.events[one["reviewId"]]["body"])[one["field"]].encode()
        assert one["words"] == text[one["start"]:one["end"]].decode(), one
    tags = {"tag:%s:n:%s" % (row["tag"], polarity): count for row in shown["tags"]["tags"]
            for polarity, count in row.items() if polarity not in ("tag", "reviews")}
    assert tags == expected.summaries("tags")[product]


def of_document(found):
    """What the index holds of an analysis."""
    sentiment = {name: found["sentiment"][name] for name in ("polarity", "score", "confidence", "model")
                 if found["sentiment"][name] is not None}
    return {"sentiment": {**sentiment, "language": found["language"]},
            "aspects": {aspect["aspect"]: {"polarity": aspect["polarity"], "score": aspect["score"]}
                        for aspect in found["aspects"]},
            "tags": [tag["tag"] for tag in found["tags"]]}


def search(world, *arguments):
    return json.loads(world.ctl("search", *arguments, "--json"))


@pytest.mark.parametrize("store", ["elasticsearch", "opensearch"])
def test_reviews_are_found_and_counted_by_what_their_texts_say(world, log, store):
    world.use(store).make_topics(source=False).load(log)
    world.to_the_end(["search"])
    world.check(log, processors=["search"])
    said = {name: of_document(found) for name, found in language.Expected(log).said.items()}
    hits = search(world, "--size", "1000", "--facet", "tags", "--facet", "aspects", "--facet", "sentiment")
    assert {hit["id"]: {name: hit["review"][name] for name in ("sentiment", "aspects", "tags")}
            for hit in hits["reviews"]} == said

    def named(test):
        return {name for name, one in said.items() if test(one)}

    def found(*arguments):
        return {hit["id"] for hit in search(world, "--size", "1000", *arguments)["reviews"]}
    unhappy = named(lambda one: one["aspects"].get("room", {}).get("polarity") == "negative")
    assert unhappy and found("--filter", "aspects.room=negative") == unhappy
    assert found("--filter", "sentiment>=0.3") == named(lambda one: one["sentiment"].get("score", -1) >= 0.3)
    assert found("--filter", "sentiment=unknown") == named(lambda one: one["sentiment"]["polarity"] == "unknown")
    tag = max({tag for one in said.values() for tag in one["tags"]},
              key=lambda tag: (len(named(lambda one: tag in one["tags"])), tag))
    assert len(tag) and found("--filter", "tag=" + tag) == named(lambda one: tag in one["tags"])

    worst = search(world, "--sort", "aspects.room", "--size", "1000", "--filter", "aspects.room<=1")["reviews"]
    scores = [hit["review"]["aspects"]["room"]["score"] for hit in worst]
    assert len(scores) > 5 and scores == sorted(scores)
    assert len(scores) == len(named(lambda one: "room" in one["aspects"]))

    counted = {name: {row["value"]: row["reviews"] for row in rows} for name, rows in hits["facets"].items()}
    assert counted["tags"][tag] == len(named(lambda one: tag in one["tags"]))
    assert counted["aspects.room"]["negative"] == len(unhappy)
    assert sum(counted["sentiment"].values()) == len(said)
    shown = world.ctl("search", "--size", "0", "--facet", "aspects.room")
    assert "aspects.room  negative" in shown and "0 of %d reviews" % len(said) in shown


def test_search_without_language_is_another_view(world, log):
    world.use("elasticsearch").make_topics(source=False).load(log)
    world.to_the_end(["search"], search__language="false")
    world.check(log, processors=["search"])
    review = search(world, "--size", "1")["reviews"][0]["review"]
    assert not {"sentiment", "aspects", "tags"} & review.keys()
    member = world.start("search", arguments=["--until-end", "--timeout", "60"])
    assert member.wait(60) == EXIT_BLOCKED, member.tail()
    assert "reindex needed" in member.log()
