"""kafka-python."""

import threading
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic

from scenarios import BOOTSTRAP, check, restart, run


def create(topic, partitions=1):
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    admin.create_topics([NewTopic(topic, partitions, 1)])
    admin.close()


def produce(topic, messages, **settings):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", **settings)
    for sent in [producer.send(topic, **message) for message in messages]:
        sent.get(30)
    producer.close()


def read(topic, count, **settings):
    consumer = KafkaConsumer(topic, bootstrap_servers=BOOTSTRAP, auto_offset_reset="earliest", **settings)
    messages = []
    while len(messages) < count:
        for some in consumer.poll(500).values():
            messages += some
    consumer.close()
    return messages


def compression():
    for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
        topic = f"kp-{codec}"
        create(topic)
        produce(topic, [{"value": b"v" * 1000}], compression_type=codec)
        check(read(topic, 1)[0].value == b"v" * 1000, codec)


def headers():
    create("kp-headers")
    produce("kp-headers", [{"key": b"k", "value": b"v", "headers": [("h", b"\x00\xff")]}, {"key": b"k", "value": None}])
    first, second = read("kp-headers", 2)
    check(first.key == b"k" and list(first.headers) == [("h", b"\x00\xff")], "keys or headers differ")
    check(second.value is None, "a tombstone has a value")


def idempotent():
    create("kp-idempotent")
    produce("kp-idempotent", [{"value": str(i).encode()} for i in range(500)], enable_idempotence=True)
    check([int(message.value) for message in read("kp-idempotent", 500)] == list(range(500)), "not once and in order")


def transactional():
    create("kp-transactional")
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id="kp")
    producer.init_transactions()
    producer.begin_transaction()
    producer.send("kp-transactional", b"aborted")
    producer.flush()
    producer.abort_transaction()
    producer.begin_transaction()
    producer.send("kp-transactional", b"committed")
    producer.commit_transaction()
    producer.close()
    messages = read("kp-transactional", 1, isolation_level="read_committed")
    check(messages[0].value == b"committed", "the aborted one was read")


def group():
    create("kp-group", 4)
    seen, lock = set(), threading.Lock()

    def member():
        stop = threading.Event()

        def work():
            consumer = KafkaConsumer(
                "kp-group", bootstrap_servers=BOOTSTRAP, group_id="kp-group", auto_offset_reset="earliest", heartbeat_interval_ms=300
            )
            while not stop.is_set():
                for some in consumer.poll(200).values():
                    with lock:
                        seen.update(message.value for message in some)
            consumer.close()

        thread = threading.Thread(target=work)
        thread.start()
        return lambda: (stop.set(), thread.join())

    leave_first = member()
    produce("kp-group", [{"value": str(i).encode()} for i in range(50)])
    leave_second = member()
    produce("kp-group", [{"value": str(i).encode()} for i in range(50, 100)])
    leave_first()
    produce("kp-group", [{"value": str(i).encode()} for i in range(100, 150)])
    end = time.monotonic() + 40
    while len(seen) < 150 and time.monotonic() < end:
        time.sleep(0.1)
    leave_second()
    check(len(seen) == 150, f"{len(seen)} of 150 were read")
    consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id="kp-group")
    committed = [consumer.committed(TopicPartition("kp-group", i)) or 0 for i in range(4)]
    consumer.close()
    check(sum(committed) == 150, "not all is committed")


def times():
    create("kp-times")
    produce("kp-times", [{"value": b"v", "timestamp_ms": 1_700_000_000_000 + time} for time in (10, 20, 30)])
    consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP)
    partition = TopicPartition("kp-times", 0)
    found = consumer.offsets_for_times({partition: 1_700_000_000_015})[partition]
    consumer.close()
    check(found.offset == 1, f"offset {found.offset}")


def admin():
    create("kp-admin", 2)
    client = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    client.create_partitions({"kp-admin": NewPartitions(3)})
    (topic,) = client.describe_topics(["kp-admin"])
    check(len(topic["partitions"]) == 3, "there are not three partitions")
    check(client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "kp-admin")]), "no configurations")
    client.delete_topics(["kp-admin"])
    check("kp-admin" not in client.list_topics(), "the topic is still there")
    client.close()


def large():
    create("kp-large")
    produce("kp-large", [{"value": b"\x07" * 900_000}])
    check(len(read("kp-large", 1)[0].value) == 900_000, "the message is shorter")


def after_a_restart():
    create("kp-restart")
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all")
    producer.send("kp-restart", b"before").get(30)
    restart()
    producer.send("kp-restart", b"after").get(30)
    producer.close()
    check([message.value for message in read("kp-restart", 2)] == [b"before", b"after"], "other messages")


run(
    "kafka-python",
    {
        "compression": compression,
        "keys and headers": headers,
        "idempotent": idempotent,
        "transactional": transactional,
        "a group with a join and a leave": group,
        "offsets by time": times,
        "admin": admin,
        "large messages": large,
        "restart of the broker": after_a_restart,
    },
)
