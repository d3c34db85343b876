"""confluent-kafka: prints "<partition> <value>" for every record of a topic."""
import sys

from confluent_kafka import Consumer, TopicPartition

address, topic, partitions = sys.argv[1], sys.argv[2], int(sys.argv[3])
consumer = Consumer({"bootstrap.servers": address, "group.id": "read-all", "enable.auto.commit": False})
ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), 30)[1] for p in range(partitions)}
consumer.assign([TopicPartition(topic, p, 0) for p in range(partitions)])
left = sum(ends.values())
while left > 0:
    for message in consumer.consume(10000, 30):
        assert message.error() is None, message.error()
        print(message.partition(), message.value().decode())
        left -= 1
consumer.close()
