import { Admin, Consumer, Producer } from '@platformatic/kafka'
import { bootstrap, run, versionOf } from './scenarios.mjs'

const READ_COMMITTED = 1
const TOPIC = 2
const base = { clientId: 'platformatic', bootstrapBrokers: [bootstrap], retries: 20, retryDelay: 250 }
const bytes = value => (value === null || value === undefined ? undefined : Buffer.from(value))

async function withAdmin(use) {
  const admin = new Admin(base)
  try {
    return await use(admin)
  } finally {
    await admin.close()
  }
}

const wire = topic => ({ key, value, headers, timestamp }) => ({
  topic,
  key: bytes(key),
  value: bytes(value),
  headers: headers && new Map(Object.entries(headers).map(([name, content]) => [Buffer.from(name), Buffer.from(content)])),
  timestamp: timestamp && BigInt(timestamp),
})

await run('@platformatic/kafka', versionOf('@platformatic/kafka'), {
  codecs: ['none', 'gzip', 'snappy', 'lz4', ...(process.versions.node.split('.')[0] >= 23 ? ['zstd'] : [])],
  createTopic: (topic, partitions) => withAdmin(admin => admin.createTopics({ topics: [topic], partitions, replicas: 1 })),
  producer: async (topic, { codec = 'none', idempotent = false }) => {
    const producer = new Producer({ ...base, idempotent, acks: -1, compression: codec })
    return {
      send: messages => producer.send({ messages: messages.map(wire(topic)) }),
      close: () => producer.close(),
    }
  },
  read: async (topic, count) => {
    const consumer = new Consumer({ ...base, groupId: `read-${topic}` })
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', isolationLevel: READ_COMMITTED, maxWaitTime: 100, autocommit: false })
    const messages = []
    for await (const { key, value, headers } of stream) {
      messages.push({ key, value, headers: Object.fromEntries([...headers].map(([name, content]) => [name.toString(), content])) })
      if (messages.length >= count) break
    }
    await consumer.close(true)
    return messages
  },
  transact: async (topic, transactions) => {
    const producer = new Producer({ ...base, idempotent: true, transactionalId: topic })
    for (const { value, commit } of transactions) {
      const transaction = await producer.beginTransaction()
      await transaction.send({ messages: [{ topic, value: Buffer.from(value) }] })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await producer.close()
  },
  join: async (groupId, topic, seen) => {
    const consumer = new Consumer({ ...base, groupId, sessionTimeout: 6_000, rebalanceTimeout: 6_000, heartbeatInterval: 300 })
    const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', maxWaitTime: 100, autocommit: false })
    const reading = (async () => {
      for await (const message of stream) {
        seen(message.value.toString())
        await message.commit()
      }
    })()
    return async () => {
      await stream.close()
      await reading
      await consumer.close(true)
    }
  },
  committed: async (group, topic) => {
    const [{ topics }] = await withAdmin(admin => admin.listConsumerGroupOffsets({ groups: [group] }))
    const { partitions } = topics.find(({ name }) => name === topic)
    return partitions.reduce((sum, { committedOffset }) => sum + Number(committedOffset), 0)
  },
  offsetAt: async (name, time) => {
    const partitions = [{ partitionIndex: 0, timestamp: BigInt(time) }]
    const [found] = await withAdmin(admin => admin.listOffsets({ topics: [{ name, partitions }] }))
    return Number(found.partitions[0].offset)
  },
  createPartitions: (name, count) => withAdmin(admin => admin.createPartitions({ topics: [{ name, count, assignments: null }] })),
  alterConfig: (resourceName, name, value) => withAdmin(admin => admin.incrementalAlterConfigs({
    resources: [{ resourceType: TOPIC, resourceName, configs: [{ name, configOperation: 0, value }] }],
  })),
  config: async (resourceName, key) => {
    const resources = [{ resourceType: TOPIC, resourceName, configurationKeys: [key] }]
    const [{ configs }] = await withAdmin(admin => admin.describeConfigs({ resources }))
    return configs[0].value
  },
  partitions: topic => withAdmin(async admin => {
    if (!(await admin.listTopics()).includes(topic)) return 0
    return (await admin.metadata({ topics: [topic] })).topics.get(topic).partitionsCount
  }),
  deleteTopic: topic => withAdmin(admin => admin.deleteTopics({ topics: [topic] })),
})
