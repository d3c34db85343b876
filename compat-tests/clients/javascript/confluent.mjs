// @confluentinc/kafka-javascript, which is librdkafka behind the calls of kafkajs.
import confluent from '@confluentinc/kafka-javascript'
import { bootstrap, run, versionOf } from './scenarios.mjs'

const { CompressionTypes, Kafka, logLevel } = confluent.KafkaJS
const kafka = new Kafka({ kafkaJS: { brokers: [bootstrap], logLevel: logLevel.NOTHING } })

async function withAdmin(use) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

async function open(options, more = {}) {
  const producer = kafka.producer({ kafkaJS: { acks: -1, ...options }, ...more })
  await producer.connect()
  return producer
}

async function join(groupId, topic, eachMessage) {
  const consumer = kafka.consumer({ kafkaJS: { groupId, fromBeginning: true }, 'heartbeat.interval.ms': 300 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic] })
  await consumer.run({ eachMessage: async ({ message }) => eachMessage(message) })
  return () => consumer.disconnect()
}

// Of each key its last value: headers come as lists here.
const plain = message => ({
  ...message,
  headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([key, value]) => [key, [].concat(value).at(-1)])),
})

await run('@confluentinc/kafka-javascript', versionOf('@confluentinc/kafka-javascript'), {
  codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  createTopic: (topic, numPartitions) => withAdmin(admin => admin.createTopics({ topics: [{ topic, numPartitions }] })),
  producer: async (topic, { codec = 'none', idempotent = false }) => {
    const compression = CompressionTypes[{ gzip: 'GZIP', snappy: 'Snappy' }[codec] ?? codec.toUpperCase()] ?? codec
    const producer = await open({ idempotent, compression }, { partitioner: 'random' })
    const wire = message => ({ ...message, timestamp: message.timestamp?.toString() })
    return {
      send: messages => producer.send({ topic, messages: messages.map(wire) }),
      close: () => producer.disconnect(),
    }
  },
  read: async (topic, count) => {
    const messages = []
    let leave
    await new Promise((resolve, reject) => {
      join(`read-${topic}`, topic, message => messages.push(plain(message)) >= count && resolve()).then(it => { leave = it }, reject)
    })
    await leave()
    return messages
  },
  transact: async (topic, transactions) => {
    const producer = await open({ transactionalId: topic })
    for (const { value, commit } of transactions) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value }] })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
  },
  join: (group, topic, seen) => join(group, topic, message => seen(message.value.toString())),
  committed: async (groupId, topic) => {
    const [{ partitions }] = await withAdmin(admin => admin.fetchOffsets({ groupId, topics: [topic] }))
    return partitions.reduce((sum, { offset }) => sum + Number(offset), 0)
  },
  offsetAt: async (topic, time) => {
    const [{ offset }] = await withAdmin(admin => admin.fetchTopicOffsetsByTimestamp(topic, time))
    return Number(offset)
  },
  partitions: topic => withAdmin(async admin => {
    if (!(await admin.listTopics()).includes(topic)) return 0
    const [{ partitions }] = await admin.fetchTopicMetadata({ topics: [topic] })
    return partitions.length
  }),
  deleteTopic: topic => withAdmin(admin => admin.deleteTopics({ topics: [topic] })),
})
