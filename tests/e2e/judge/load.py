"""Produces a log in the order that is asked for; each record carries its line number as header x-n.

    python load.py --log log.ndjson.gz --brokers 127.0.0.1:9092 --topic moderated-reviews --create --partitions 4
"""
import argparse
import random
import time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic

from fold import read_log


def create(admin, topic, partitions):
    """With `delete` at first: a compacted topic refuses null keys, one that is compacted later may hold them."""
    config = {"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": str(8 << 20)}
    admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1,
                                  config=config)])[topic].result(60)


def compact(admin, topic):
    change = ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.SET)
    for future in admin.incremental_alter_configs([ConfigResource(
            ConfigResource.Type.TOPIC, topic, incremental_configs=[change])]).values():
        future.result(60)


def produce(brokers, topic, records, rate):
    failed = []
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "partitioner": "murmur2_random",
                         "linger.ms": 5, "queue.buffering.max.messages": 1000000})
    began = time.monotonic()
    for sent, record in enumerate(records):
        producer.produce(topic, key=record.key, value=record.value,
                         headers=record.headers + [("x-n", str(record.n).encode())],
                         on_delivery=lambda error, _: error and failed.append(error))
        producer.poll(0)
        while rate and (ahead := began + sent / rate - time.monotonic()) > 0:
            producer.poll(ahead)
    producer.flush()
    if failed:
        raise SystemExit("%d records were not delivered: %s" % (len(failed), failed[0]))
    print("%d records" % len(records))


def main():
    parser = argparse.ArgumentParser(description="produce a log of events")
    parser.add_argument("--log", required=True)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--create", action="store_true")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--reverse", action="store_true")
    parser.add_argument("--shuffle", metavar="SEED")
    parser.add_argument("--repeat", action="store_true", help="all of it twice")
    parser.add_argument("--lines", metavar="A-B")
    parser.add_argument("--rate", type=float, default=0)
    arguments = parser.parse_args()
    first, last = (int(part) for part in (arguments.lines or "1-%d" % 2 ** 60).split("-"))
    records = [record for record in read_log(arguments.log) if first <= record.n <= last]
    if arguments.reverse:
        records.reverse()
    if arguments.shuffle:
        random.Random(arguments.shuffle).shuffle(records)
    records *= 2 if arguments.repeat else 1
    admin = AdminClient({"bootstrap.servers": arguments.brokers})
    if arguments.create:
        create(admin, arguments.topic, arguments.partitions)
    produce(arguments.brokers, arguments.topic, records, arguments.rate)
    if arguments.create:
        compact(admin, arguments.topic)


if __name__ == "__main__":
    main()
