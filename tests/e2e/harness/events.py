"""Events made by hand, for tests that need no whole log: (key, value, headers) as Topics.send takes them."""
import json


def review(name, version=1, product="hotel-1", status="published", **more):
    body = {"reviewId": name, "version": version, "productId": product, "status": status, "locale": "en",
            "submittedAt": "2026-01-31T09:30:00Z", "ratings": {"overall": 4}, "title": "t", "text": "some words", **more}
    return (name.encode(), json.dumps(body, ensure_ascii=False).encode(),
            [("type", b"review"), ("version", str(version).encode())])


def erasure(name, version):
    return name.encode(), None, [("type", b"review"), ("version", str(version).encode())]


def broken(name):
    return name.encode(), b'{"reviewId":', [("type", b"review")]


def reviews(count, first=1, version=1, products=5, **more):
    return [review("r-%d" % at, version, "hotel-%d" % (at % products), **more) for at in range(first, first + count)]


def headers(message):
    """The headers of a record as text; the suite's own have one value each."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in message.headers() or []}
