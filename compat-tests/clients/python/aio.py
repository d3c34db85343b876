"""aiokafka."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from scenarios import BOOTSTRAP, check, restart, run


async def create(topic, partitions=1):
    admin = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    await admin.start()
    await admin.create_topics([NewTopic(topic, partitions, 1)])
    await admin.close()


async def produce(topic, messages, **settings):
    producer = AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", **settings)
    await producer.start()
    for message in messages:
        await producer.send_and_wait(topic, **message)
    await producer.stop()


async def read(topic, count, **settings):
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=BOOTSTRAP, auto_offset_reset="earliest", **settings)
    await consumer.start()
    messages = [await consumer.getone() for _ in range(count)]
    await consumer.stop()
    return messages


async def compression():
    for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
        topic = f"aio-{codec}"
        await create(topic)
        await produce(topic, [{"value": b"v" * 1000}], compression_type=codec)
        check((await read(topic, 1))[0].value == b"v" * 1000, codec)


async def headers():
    await create("aio-headers")
    await produce("aio-headers", [{"key": b"k", "value": b"v", "headers": [("h", b"\x00\xff")]}])
    message = (await read("aio-headers", 1))[0]
    check(message.key == b"k" and list(message.headers) == [("h", b"\x00\xff")], "keys or headers differ")


async def idempotent():
    await create("aio-idempotent")
    await produce("aio-idempotent", [{"value": str(i).encode()} for i in range(200)], enable_idempotence=True)
    check([int(message.value) for message in await read("aio-idempotent", 200)] == list(range(200)), "not once and in order")


async def transactional():
    await create("aio-transactional")
    producer = AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id="aio")
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait("aio-transactional", b"aborted")
    await producer.abort_transaction()
    async with producer.transaction():
        await producer.send_and_wait("aio-transactional", b"committed")
    await producer.stop()
    messages = await read("aio-transactional", 1, isolation_level="read_committed")
    check(messages[0].value == b"committed", "the aborted one was read")


async def group():
    await create("aio-group", 4)
    seen = set()

    async def member():
        consumer = AIOKafkaConsumer(
            "aio-group", bootstrap_servers=BOOTSTRAP, group_id="aio-group", auto_offset_reset="earliest", heartbeat_interval_ms=300
        )
        await consumer.start()

        async def work():
            async for message in consumer:
                seen.add(message.value)

        task = asyncio.create_task(work())

        async def leave():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await consumer.stop()

        return leave

    leave_first = await member()
    await produce("aio-group", [{"value": str(i).encode()} for i in range(50)])
    leave_second = await member()
    await produce("aio-group", [{"value": str(i).encode()} for i in range(50, 100)])
    await leave_first()
    await produce("aio-group", [{"value": str(i).encode()} for i in range(100, 150)])
    for _ in range(400):
        if len(seen) == 150:
            break
        await asyncio.sleep(0.1)
    await leave_second()
    check(len(seen) == 150, f"{len(seen)} of 150 were read")


async def times():
    await create("aio-times")
    await produce("aio-times", [{"value": b"v", "timestamp_ms": 1_700_000_000_000 + time} for time in (10, 20, 30)])
    consumer = AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP)
    await consumer.start()
    partition = TopicPartition("aio-times", 0)
    found = (await consumer.offsets_for_times({partition: 1_700_000_000_015}))[partition]
    await consumer.stop()
    check(found.offset == 1, f"offset {found.offset}")


async def admin():
    await create("aio-admin", 2)
    client = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    await client.start()
    await client.create_partitions({"aio-admin": NewPartitions(3)})
    (topic,) = await client.describe_topics(["aio-admin"])
    check(len(topic["partitions"]) == 3, "there are not three partitions")
    check(await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "aio-admin")]), "no configurations")
    await client.delete_topics(["aio-admin"])
    check("aio-admin" not in await client.list_topics(), "the topic is still there")
    await client.close()


async def large():
    await create("aio-large")
    await produce("aio-large", [{"value": b"\x07" * 900_000}])
    check(len((await read("aio-large", 1))[0].value) == 900_000, "the message is shorter")


async def after_a_restart():
    await create("aio-restart")
    producer = AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all")
    await producer.start()
    await producer.send_and_wait("aio-restart", b"before")
    await asyncio.to_thread(restart)
    await producer.send_and_wait("aio-restart", b"after")
    await producer.stop()
    check([message.value for message in await read("aio-restart", 2)] == [b"before", b"after"], "other messages")


def scenario(coroutine):
    return lambda: asyncio.run(coroutine())


run(
    "aiokafka",
    {
        "compression": scenario(compression),
        "keys and headers": scenario(headers),
        "idempotent": scenario(idempotent),
        "transactional": scenario(transactional),
        "a group with a join and a leave": scenario(group),
        "offsets by time": scenario(times),
        "admin": scenario(admin),
        "large messages": scenario(large),
        "restart of the broker": scenario(after_a_restart),
    },
)
