"""Kafka by another client than the suite's: topics, ends, what a group has committed."""
from confluent_kafka import (Consumer, ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaError, KafkaException,
                             Producer, TopicPartition)
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic

from harness.wait import until

KEPT = {"cleanup.policy": "compact", "retention.ms": "-1", "max.message.bytes": str(8 << 20)}
DEAD = {"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": str(16 << 20)}
OUTPUT = {"cleanup.policy": "compact", "retention.ms": "-1", "message.timestamp.before.max.ms": "60000"}


class Topics:
    def __init__(self, brokers):
        self.brokers = brokers
        self.admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
        self.groups = {}  # group -> a consumer that only asks
        self.made = set()

    def create(self, name, partitions=1, config=None):
        self.admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1,
                                           config=config or {})])[name].result(60)
        self.made.add(name)
        until(lambda: self.partitions(name) == partitions, f"topic {name} is there")

    def delete(self, *names):
        for future in self.admin.delete_topics(list(names)).values():
            future.result(60)
        until(lambda: not any(self.partitions(name) for name in names), f"topics {names} are gone")

    def configure(self, name, **config):
        resource = ConfigResource(ConfigResource.Type.TOPIC, name, incremental_configs=[
            ConfigEntry(key.replace("_", "."), value, incremental_operation=AlterConfigOpType.SET)
            for key, value in config.items()])
        for future in self.admin.incremental_alter_configs([resource]).values():
            future.result(60)

    def partitions(self, name):
        found = self.admin.list_topics(name, timeout=30).topics.get(name)
        return 0 if found is None or found.error else len(found.partitions)

    def _asker(self, group="e2e-asks"):
        if group not in self.groups:
            self.groups[group] = Consumer({"bootstrap.servers": self.brokers, "group.id": group, "log_level": 0,
                                           "enable.auto.commit": False})
        return self.groups[group]

    def bounds(self, name):
        """[(first, next)] by partition."""
        return [self._asker().get_watermark_offsets(TopicPartition(name, partition), timeout=30)
                for partition in range(self.partitions(name))]

    def count(self, name):
        """Records between the bounds, where nothing was compacted or deleted."""
        return sum(high - low for low, high in self.bounds(name))

    def committed(self, group, name):
        """By partition; None where there is none."""
        asked = [TopicPartition(name, partition) for partition in range(self.partitions(name))]
        return [found.offset if found.offset >= 0 else None
                for found in self._asker(group).committed(asked, timeout=30)]

    def commit(self, group, name, offsets):
        """Set the offsets of a group without members, one for each partition."""
        wanted = [TopicPartition(name, partition, offset) for partition, offset in enumerate(offsets)]
        request = ConsumerGroupTopicPartitions(group, wanted)
        self.admin.alter_consumer_group_offsets([request])[group].result(30)

    def behind(self, group, name):
        """How many records of the topic the group has not committed yet."""
        total = 0
        for (low, high), offset in zip(self.bounds(name), self.committed(group, name)):
            total += high - max(low, offset or 0)
        return total

    def members(self, group):
        """(state, ids of the members with how many partitions each has)"""
        found = self.admin.describe_consumer_groups([group])[group].result(30)
        held = {member.member_id: len(member.assignment.topic_partitions) if member.assignment else 0
                for member in found.members}
        return found.state, held

    def stable(self, group, members):
        """Whether so many members share the group and nothing moves."""
        try:
            state, held = self.members(group)
        except KafkaException:
            return False
        return state == ConsumerGroupState.STABLE and len(held) == members

    def read(self, name):
        """Every record up to the ends of now."""
        ends = {partition: high for partition, (low, high) in enumerate(self.bounds(name)) if high > low}
        consumer = Consumer({"bootstrap.servers": self.brokers, "group.id": "e2e-reads", "enable.auto.commit": False,
                             "auto.offset.reset": "earliest", "enable.partition.eof": True,
                             "fetch.message.max.bytes": 16 << 20})
        consumer.assign([TopicPartition(name, partition, 0) for partition in ends])
        records = []
        while ends:
            message = consumer.poll(30)
            assert message is not None, f"topic {name}: nothing came for 30 s"
            if message.error() and message.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(message.error())
            if message.error():
                ends.pop(message.partition(), None)
            elif message.partition() in ends:
                records.append(message)
                if message.offset() + 1 >= ends[message.partition()]:
                    ends.pop(message.partition())
        consumer.close()
        return records

    def send(self, name, records, **settings):
        """(key, value, headers[, partition]) in their order; all are acknowledged."""
        failed = []
        producer = Producer({"bootstrap.servers": self.brokers, "enable.idempotence": True, "linger.ms": 5,
                             "partitioner": "murmur2_random", "message.max.bytes": 16 << 20,
                             "queue.buffering.max.kbytes": 1 << 20, **settings})
        for key, value, headers, *where in records:
            while True:
                try:
                    producer.produce(name, key=key, value=value, headers=headers,
                                     on_delivery=lambda error, _: error and failed.append(error),
                                     **({"partition": where[0]} if where else {}))
                    break
                except BufferError:
                    producer.poll(0.2)
            producer.poll(0)
        producer.flush(120)
        assert not failed, failed[0]

    def close(self):
        for consumer in self.groups.values():
            consumer.close()
        if self.made:
            self.admin.delete_topics(list(self.made))
