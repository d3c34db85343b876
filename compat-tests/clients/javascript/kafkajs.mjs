import kafkajs from 'kafkajs'
import lz4 from 'kafkajs-lz4'
import snappy from 'kafkajs-snappy'
import { bootstrap, run, versionOf } from './scenarios.mjs'

const { CompressionCodecs, CompressionTypes, Kafka, logLevel, Partitioners } = kafkajs
CompressionCodecs[CompressionTypes.Snappy] = snappy
CompressionCodecs[CompressionTypes.LZ4] = new lz4().codec
const codecs = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy, lz4: CompressionTypes.LZ4 }
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const timeouts = { rebalanceTimeout: 3_000, sessionTimeout: 6_000, heartbeatInterval: 300 }

async function withAdmin(use) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

async function open(options) {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, maxInFlightRequests: 1, ...options })
  await producer.connect()
  return producer
}

async function join(groupId, topic, eachMessage) {
  const consumer = kafka.consumer({ groupId, ...timeouts })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => eachMessage(message) })
  return () => consumer.disconnect()
}

await run('kafkajs', versionOf('kafkajs'), {
  codecs: Object.keys(codecs),
  createTopic: (topic, numPartitions) => withAdmin(admin => admin.createTopics({ topics: [{ topic, numPartitions }] })),
  producer: async (topic, { codec = 'none', idempotent = false }) => {
    const producer = await open({ idempotent })
    const wire = message => ({ ...message, timestamp: message.timestamp?.toString() })
    return {
      send: messages => producer.send({ topic, acks: -1, compression: codecs[codec], messages: messages.map(wire) }),
      close: () => producer.disconnect(),
    }
  },
  read: async (topic, count) => {
    const messages = []
    let leave
    await new Promise((resolve, reject) => {
      join(`read-${topic}`, topic, message => messages.push(message) >= count && resolve()).then(it => { leave = it }, reject)
    })
    await leave()
    return messages
  },
  transact: async (topic, transactions) => {
    const producer = await open({ transactionalId: topic, idempotent: true })
    for (const { value, commit } of transactions) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value }] })
      const offsets = [{ topic, partitions: [{ partition: 0, offset: '1' }] }]
      await transaction.sendOffsets({ consumerGroupId: topic, topics: offsets })
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
  createPartitions: (topic, count) => withAdmin(admin => admin.createPartitions({ topicPartitions: [{ topic, count }] })),
  alterConfig: (name, key, value) =>
    withAdmin(admin => admin.alterConfigs({ resources: [{ type: 2, name, configEntries: [{ name: key, value }] }] })),
  config: async (name, key) => {
    const { resources } = await withAdmin(admin => admin.describeConfigs({ resources: [{ type: 2, name, configNames: [key] }] }))
    return resources[0].configEntries[0].configValue
  },
  partitions: topic => withAdmin(async admin => {
    if (!(await admin.listTopics()).includes(topic)) return 0
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0].partitions.length
  }),
  deleteTopic: topic => withAdmin(admin => admin.deleteTopics({ topics: [topic] })),
})
