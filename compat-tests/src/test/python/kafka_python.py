"""kafka-python: produces, consumes in a group, commits, and goes on from there."""
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

address = sys.argv[1]
topic = "kafka-python"

producer = KafkaProducer(bootstrap_servers=address, acks="all", compression_type="gzip")
futures = [producer.send(topic, key=b"k%d" % i, value=b"v%d" % i, headers=[("h", b"x")]) for i in range(1000)]
for i, future in enumerate(futures):
    assert future.get(timeout=30).offset == i, (i, future.get())
producer.close()


def consumer():
    return KafkaConsumer(topic, bootstrap_servers=address, group_id="kafka-python", auto_offset_reset="earliest",
                         enable_auto_commit=False, consumer_timeout_ms=30000)


first = consumer()
for i in range(600):
    record = next(first)
    assert (record.offset, record.value) == (i, b"v%d" % i), record
    if i == 399:
        first.commit()
partition = TopicPartition(topic, 0)
assert first.committed(partition) == 400, first.committed(partition)
assert first.beginning_offsets([partition])[partition] == 0
assert first.end_offsets([partition])[partition] == 1000
first.close()

second = consumer()
for i in range(400, 1000):
    record = next(second)
    assert (record.offset, record.key) == (i, b"k%d" % i), record
second.close()
print("all well")
