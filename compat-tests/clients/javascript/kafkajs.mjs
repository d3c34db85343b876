import { execFileSync } from 'node:child_process'
import kafkajs from 'kafkajs'
import { bootstrap, check, restart, run, versionOf } from './scenarios.mjs'

const { CompressionTypes, Kafka, logLevel, Partitioners } = kafkajs
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const options = { createPartitioner: Partitioners.DefaultPartitioner }

async function withAdmin(use) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

const createTopic = (topic, partitions = 1) =>
  withAdmin(admin => admin.createTopics({ topics: [{ topic, numPartitions: partitions }] }))

async function produce(topic, messages, more = {}, producerOptions = {}) {
  const producer = kafka.producer({ ...options, ...producerOptions })
  await producer.connect()
  try {
    return await producer.send({ topic, messages, ...more })
  } finally {
    await producer.disconnect()
  }
}

// Reads until so many messages are there; the group is one of its own unless it is named.
async function consume(topic, count, groupId = `group-${topic}-${Date.now()}`) {
  const consumer = kafka.consumer({ groupId, rebalanceTimeout: 3_000, sessionTimeout: 6_000, heartbeatInterval: 500 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const messages = []
  await new Promise((resolve, reject) => {
    consumer.run({
      eachMessage: async ({ message }) => {
        messages.push(message)
        if (messages.length >= count) resolve()
      },
    }).catch(reject)
  })
  await consumer.disconnect()
  return messages
}

await run('kafkajs', versionOf('kafkajs'), {
  compression: async () => {
    await createTopic('js-codecs')
    await produce('js-codecs', [{ value: 'plain' }])
    await produce('js-codecs', [{ value: 'zipped' }], { compression: CompressionTypes.GZIP })
    const values = (await consume('js-codecs', 2)).map(message => message.value.toString())
    check(values.join() === 'plain,zipped', `read ${values}`)
  },
  'keys and headers': async () => {
    await createTopic('js-headers')
    await produce('js-headers', [{ key: 'k', value: 'v', headers: { h: 'x', n: Buffer.from([0, 255]) } }, { key: 'k', value: null }])
    const [first, second] = await consume('js-headers', 2)
    check(first.key.toString() === 'k' && first.headers.h.toString() === 'x' && first.headers.n[1] === 255, 'headers differ')
    check(second.value === null, 'a tombstone has a value')
  },
  idempotent: async () => {
    await createTopic('js-idempotent')
    const producer = kafka.producer({ ...options, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    for (let i = 0; i < 50; i++) await producer.send({ topic: 'js-idempotent', messages: [{ value: String(i) }] })
    await producer.disconnect()
    const values = (await consume('js-idempotent', 50)).map(message => Number(message.value))
    check(values.every((value, i) => value === i), 'not once and in order')
  },
  transactional: async () => {
    await createTopic('js-transactional')
    const producer = kafka.producer({ ...options, transactionalId: 'js', idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const aborted = await producer.transaction()
    await aborted.send({ topic: 'js-transactional', messages: [{ value: 'aborted' }] })
    await aborted.abort()
    const committed = await producer.transaction()
    await committed.send({ topic: 'js-transactional', messages: [{ value: 'committed' }] })
    await committed.sendOffsets({ consumerGroupId: 'js-transactional', topics: [{ topic: 'js-transactional', partitions: [{ partition: 0, offset: '1' }] }] })
    await committed.commit()
    await producer.disconnect()
    const values = (await consume('js-transactional', 1)).map(message => message.value.toString())
    check(values[0] === 'committed', `read ${values}`)
  },
  'a group with a join and a leave': async () => {
    await createTopic('js-group', 4)
    const seen = new Map()
    const member = async () => {
      const consumer = kafka.consumer({ groupId: 'js-group', rebalanceTimeout: 3_000, sessionTimeout: 6_000, heartbeatInterval: 300 })
      await consumer.connect()
      await consumer.subscribe({ topic: 'js-group', fromBeginning: true })
      await consumer.run({ eachMessage: async ({ message }) => { seen.set(message.value.toString(), true) } })
      return consumer
    }
    const first = await member()
    const producer = kafka.producer(options)
    await producer.connect()
    const send = i => producer.send({ topic: 'js-group', messages: [{ value: String(i), partition: i % 4 }] })
    for (let i = 0; i < 50; i++) await send(i)
    const second = await member()
    for (let i = 50; i < 100; i++) await send(i)
    await first.disconnect()
    for (let i = 100; i < 150; i++) await send(i)
    const end = Date.now() + 30_000
    while (seen.size < 150 && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 100))
    await second.disconnect()
    await producer.disconnect()
    check(seen.size === 150, `${seen.size} of 150 were read`)
    const [{ partitions }] = await withAdmin(admin => admin.fetchOffsets({ groupId: 'js-group', topics: ['js-group'] }))
    check(partitions.reduce((sum, { offset }) => sum + Number(offset), 0) === 150, 'not all is committed')
  },
  'offsets by time': async () => {
    await createTopic('js-times')
    await produce('js-times', [10, 20, 30].map(time => ({ value: 'v', timestamp: String(1_700_000_000_000 + time) })))
    const found = await withAdmin(admin => admin.fetchTopicOffsetsByTimestamp('js-times', 1_700_000_000_015))
    check(found[0].offset === '1', `offset ${found[0].offset}`)
  },
  admin: async () => {
    await createTopic('js-admin', 2)
    await withAdmin(async admin => {
      await admin.createPartitions({ topicPartitions: [{ topic: 'js-admin', count: 3 }] })
      await admin.alterConfigs({ resources: [{ type: 2, name: 'js-admin', configEntries: [{ name: 'retention.ms', value: '1000' }] }] })
      const { resources } = await admin.describeConfigs({ resources: [{ type: 2, name: 'js-admin', configNames: ['retention.ms'] }] })
      check(resources[0].configEntries[0].configValue === '1000', 'the configuration was not changed')
      const { topics } = await admin.fetchTopicMetadata({ topics: ['js-admin'] })
      check(topics[0].partitions.length === 3, 'there are not three partitions')
      check((await admin.describeCluster()).brokers.length === 1, 'there is not one broker')
      await admin.deleteTopics({ topics: ['js-admin'] })
      check(!(await admin.listTopics()).includes('js-admin'), 'the topic is still there')
    })
  },
  'large messages': async () => {
    await createTopic('js-large')
    await produce('js-large', [{ value: Buffer.alloc(900_000, 7) }])
    const [message] = await consume('js-large', 1)
    check(message.value.length === 900_000, 'the message is shorter')
  },
  'restart of the broker': async () => {
    await createTopic('js-restart')
    const producer = kafka.producer(options)
    await producer.connect()
    await producer.send({ topic: 'js-restart', acks: -1, messages: [{ value: 'before' }] })
    execFileSync(restart)
    await producer.send({ topic: 'js-restart', acks: -1, messages: [{ value: 'after' }] })
    await producer.disconnect()
    const values = (await consume('js-restart', 2)).map(message => message.value.toString())
    check(values.join() === 'before,after', `read ${values}`)
  },
})
