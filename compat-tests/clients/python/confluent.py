"""confluent-kafka, which is librdkafka."""

import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

from scenarios import BOOTSTRAP, check, restart, run

ADMIN = AdminClient({"bootstrap.servers": BOOTSTRAP})


def create(topic, partitions=1):
    ADMIN.create_topics([NewTopic(topic, partitions, 1)])[topic].result(30)


def produce(topic, messages, **settings):
    errors = []
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "acks": "all", **settings})
    for message in messages:
        producer.produce(topic, on_delivery=lambda error, _: error and errors.append(error), **message)
    check(producer.flush(30) == 0 and not errors, f"not delivered: {errors}")


def read(topic, count, **settings):
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": f"read-{topic}", "auto.offset.reset": "earliest", **settings})
    consumer.subscribe([topic])
    messages = []
    while len(messages) < count:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        messages.append(message)
    consumer.close()
    return messages


def compression():
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
        topic = f"py-{codec}"
        create(topic)
        produce(topic, [{"value": codec * 1000}], **{"compression.codec": codec})
        check(read(topic, 1)[0].value() == codec.encode() * 1000, codec)


def headers():
    create("py-headers")
    produce("py-headers", [{"key": "k", "value": "v", "headers": {"h": b"\x00\xff"}}, {"key": "k", "value": None}])
    first, second = read("py-headers", 2)
    check(first.key() == b"k" and first.headers() == [("h", b"\x00\xff")], "keys or headers differ")
    check(second.value() is None, "a tombstone has a value")


def idempotent():
    create("py-idempotent")
    produce("py-idempotent", [{"value": str(i)} for i in range(1000)], **{"enable.idempotence": True, "linger.ms": 0})
    values = [int(message.value()) for message in read("py-idempotent", 1000)]
    check(values == list(range(1000)), "not once and in order")


def transactional():
    create("py-transactional")
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "transactional.id": "py"})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce("py-transactional", "aborted")
    producer.flush(30)
    producer.abort_transaction(30)
    producer.begin_transaction()
    producer.produce("py-transactional", "committed")
    producer.commit_transaction(30)
    check(read("py-transactional", 1)[0].value() == b"committed", "the aborted one was read")


def group(protocol, topic):
    create(topic, 4)
    seen, lock = set(), threading.Lock()

    def member():
        stop = threading.Event()

        def work():
            settings = {"bootstrap.servers": BOOTSTRAP, "group.id": topic, "auto.offset.reset": "earliest", "group.protocol": protocol}
            if protocol == "classic":
                settings["heartbeat.interval.ms"] = 300
            consumer = Consumer(settings)
            consumer.subscribe([topic])
            while not stop.is_set():
                message = consumer.poll(0.2)
                if message is not None and not message.error():
                    with lock:
                        seen.add(message.value())
            consumer.close()

        thread = threading.Thread(target=work)
        thread.start()
        return lambda: (stop.set(), thread.join())

    leave_first = member()
    produce(topic, [{"value": str(i)} for i in range(50)])
    leave_second = member()
    produce(topic, [{"value": str(i)} for i in range(50, 100)])
    leave_first()
    produce(topic, [{"value": str(i)} for i in range(100, 150)])
    end = time.monotonic() + 40
    while len(seen) < 150 and time.monotonic() < end:
        time.sleep(0.1)
    leave_second()
    check(len(seen) == 150, f"{len(seen)} of 150 were read")
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": topic})
    committed = consumer.committed([TopicPartition(topic, i) for i in range(4)], 30)
    consumer.close()
    check(sum(partition.offset for partition in committed if partition.offset > 0) == 150, "not all is committed")


def times():
    create("py-times")
    produce("py-times", [{"value": "v", "timestamp": 1_700_000_000_000 + time} for time in (10, 20, 30)])
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": "py-times"})
    found = consumer.offsets_for_times([TopicPartition("py-times", 0, 1_700_000_000_015)], 30)
    consumer.close()
    check(found[0].offset == 1, f"offset {found[0].offset}")


def admin():
    create("py-admin", 2)
    ADMIN.create_partitions([NewPartitions("py-admin", 3)])["py-admin"].result(30)
    check(len(ADMIN.list_topics("py-admin", 30).topics["py-admin"].partitions) == 3, "there are not three partitions")
    configs = ADMIN.describe_configs([ConfigResource("topic", "py-admin")])
    check(all("retention.ms" in config.result(30) for config in configs.values()), "no configurations")
    check(ADMIN.describe_cluster().result(30).controller is not None, "no controller")
    ADMIN.list_consumer_groups().result(30)
    ADMIN.delete_topics(["py-admin"])["py-admin"].result(30)


def large():
    create("py-large")
    produce("py-large", [{"value": b"\x07" * 900_000}])
    check(len(read("py-large", 1)[0].value()) == 900_000, "the message is shorter")


def after_a_restart():
    create("py-restart")
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "acks": "all"})
    producer.produce("py-restart", "before")
    producer.flush(30)
    restart()
    producer.produce("py-restart", "after")
    check(producer.flush(30) == 0, "not delivered")
    check([message.value() for message in read("py-restart", 2)] == [b"before", b"after"], "other messages")


run(
    "confluent-kafka",
    {
        "compression": compression,
        "keys and headers": headers,
        "idempotent": idempotent,
        "transactional": transactional,
        "a group with a join and a leave": lambda: group("classic", "py-classic"),
        "a group of the consumer protocol": lambda: group("consumer", "py-consumer"),
        "offsets by time": times,
        "admin": admin,
        "large messages": large,
        "restart of the broker": after_a_restart,
    },
)
