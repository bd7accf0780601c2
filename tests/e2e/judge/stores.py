"""What the stores hold, read by other clients than the suite's."""
import json
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal

import redis
from confluent_kafka import Consumer, KafkaError, TopicPartition


def connect(address):
    host, _, port = address.rpartition(":")
    return redis.Redis(host=host, port=int(port), socket_timeout=60)


def in_key(name):
    return "{%s}" % name.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")


def from_key(key, prefix):
    name = key.decode()[len(prefix) + 1:-1]
    return name.replace("%7B", "{").replace("%7D", "}").replace("%25", "%")


def dump(client, prefix, read):
    """id -> what `read` gives, of all keys with the prefix."""
    keys = sorted(set(client.scan_iter(match=prefix + "*", count=5000)))
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        read(pipeline, key)
    return {from_key(key, prefix): value for key, value in zip(keys, pipeline.execute())}


def call(url, method, path, body=None):
    request = urllib.request.Request(url + path, method=method, headers={"Content-Type": "application/json"},
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read(), parse_float=Decimal)


def documents(url, index):
    """id -> (version, source), all that a search finds."""
    name = urllib.parse.quote(index)
    made = {}
    page = call(url, "POST", "/%s/_search?scroll=1m" % name, {"size": 1000, "version": True, "sort": ["_doc"]})
    while page["hits"]["hits"]:
        made.update((hit["_id"], (int(hit["_version"]), hit["_source"])) for hit in page["hits"]["hits"])
        page = call(url, "POST", "/_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})
    return made


def records(brokers, topic):
    """Every record of a topic up to its ends of now."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "judge", "enable.auto.commit": False,
                         "enable.partition.eof": True, "auto.offset.reset": "earliest"})
    left = set()
    for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
        left |= {partition} if high > low else set()
    consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
    made = []
    while left:
        message = consumer.poll(30)
        if message is None:
            raise RuntimeError("topic %s: nothing came for 30 s" % topic)
        if not message.error():
            made.append(message)
        elif message.error().code() == KafkaError._PARTITION_EOF:
            left.discard(message.partition())
        else:
            raise RuntimeError("topic %s: %s" % (topic, message.error()))
    consumer.close()
    return made


