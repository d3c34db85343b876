"""confluent-kafka (librdkafka): idempotent produce, admin, group with commits."""
import sys

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

address = sys.argv[1]
topic = "confluent-python"

admin = AdminClient({"bootstrap.servers": address})
admin.create_topics([NewTopic(topic, 2, 1, config={"retention.ms": "123456"})])[topic].result(30)
configs = admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)])
assert list(configs.values())[0].result(30)["retention.ms"].value == "123456"

stored = []
producer = Producer({"bootstrap.servers": address, "enable.idempotence": True, "compression.type": "lz4", "linger.ms": 5})
for i in range(2000):
    producer.produce(topic, key=str(i), value="v%d" % i, partition=i % 2,
                     on_delivery=lambda error, message: stored.append((error, message.partition(), message.offset())))
    producer.poll(0)
producer.flush(30)
assert len(stored) == 2000 and all(error is None for error, _, _ in stored)

consumer = Consumer({"bootstrap.servers": address, "group.id": "confluent-python", "auto.offset.reset": "earliest",
                     "enable.auto.commit": False})
consumer.subscribe([topic])
seen = {0: [], 1: []}
while sum(map(len, seen.values())) < 2000:
    message = consumer.poll(30)
    assert message is not None and message.error() is None, message
    seen[message.partition()].append(message.value().decode())
for p in (0, 1):
    assert seen[p] == ["v%d" % i for i in range(p, 2000, 2)]
consumer.commit(asynchronous=False)
committed = consumer.committed([TopicPartition(topic, 0), TopicPartition(topic, 1)], 30)
assert [c.offset for c in committed] == [1000, 1000], committed
assert consumer.get_watermark_offsets(TopicPartition(topic, 0), 30) == (0, 1000)
consumer.close()
print("all well")
