// Runs the scenarios with a client one after the other and prints what became of each.
//
// A client is an object with these functions, all but the first of which return a promise:
//   codecs                                          the compressions that it knows
//   createTopic(topic, partitions)
//   producer(topic, { codec, idempotent })          { send(messages), close() }; it writes to the partitions in turn, and
//                                                   a message has key, value, headers, timestamp (a number)
//   read(topic, count)                              messages from the beginning, with committed transactions only
//   transact(topic, [{ value, commit }])            one transaction after the other
//   join(group, topic, seen)                        a member of a group that reads from the beginning; returns leave()
//   committed(group, topic)                         the sum of its offsets
//   offsetAt(topic, time)
//   partitions(topic)                               their number, 0 when the topic is not there
//   deleteTopic(topic)
//   createPartitions(topic, count), alterConfig(topic, key, value), config(topic, key)   where the client has them
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export const bootstrap = process.env.BOOTSTRAP

export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url))).version
}

export const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

function check(condition, what) {
  if (!condition) throw new Error(what)
}

async function produce(client, topic, messages, how = {}) {
  const producer = await client.producer(topic, how)
  await producer.send(messages)
  await producer.close()
}

const values = messages => messages.map(message => message.value?.toString())

const scenarios = {
  compression: async (client, topic) => {
    for (const codec of client.codecs) {
      await client.createTopic(`${topic}-${codec}`, 1)
      await produce(client, `${topic}-${codec}`, [{ value: codec.repeat(1000) }], { codec })
      check(values(await client.read(`${topic}-${codec}`, 1))[0] === codec.repeat(1000), `${codec}: the value differs`)
    }
    return client.codecs.length < 5 ? `ok (${client.codecs.join(', ')})` : 'ok'
  },
  'keys and headers': async (client, topic) => {
    await client.createTopic(topic, 1)
    await produce(client, topic, [{ key: 'k', value: 'v', headers: { h: 'x', n: Buffer.from([0, 255]) } }, { key: 'k', value: null }])
    const [first, second] = await client.read(topic, 2)
    check(first.key.toString() === 'k' && first.headers.h.toString() === 'x' && first.headers.n[1] === 255, 'headers differ')
    check(second.value === null || second.value === undefined, 'a tombstone has a value')
  },
  idempotent: async (client, topic) => {
    await client.createTopic(topic, 1)
    const producer = await client.producer(topic, { idempotent: true })
    for (let i = 0; i < 50; i++) await producer.send([{ value: String(i) }])
    await producer.close()
    check(values(await client.read(topic, 50)).every((value, i) => value === String(i)), 'not once and in order')
  },
  transactional: async (client, topic) => {
    await client.createTopic(topic, 1)
    await client.transact(topic, [{ value: 'aborted', commit: false }, { value: 'committed', commit: true }])
    const [read] = values(await client.read(topic, 1))
    check(read === 'committed', `read ${read}`)
  },
  'a group with a join and a leave': async (client, topic) => {
    await client.createTopic(topic, 4)
    const seen = new Set()
    const join = () => client.join(topic, topic, value => seen.add(value))
    const producer = await client.producer(topic, {})
    const send = async (from, to) => {
      for (let i = from; i < to; i++) await producer.send([{ value: String(i) }])
    }
    const leaveFirst = await join()
    await send(0, 50)
    const leaveSecond = await join()
    await send(50, 100)
    await leaveFirst()
    await send(100, 150)
    for (const end = Date.now() + 40_000; seen.size < 150 && Date.now() < end;) await pause(100)
    await leaveSecond()
    await producer.close()
    check(seen.size === 150, `${seen.size} of 150 were read`)
    const committed = await client.committed(topic, topic)
    check(committed === 150, `${committed} are committed`)
  },
  'offsets by time': async (client, topic) => {
    await client.createTopic(topic, 1)
    await produce(client, topic, [10, 20, 30].map(time => ({ value: 'v', timestamp: 1_700_000_000_000 + time })))
    const offset = await client.offsetAt(topic, 1_700_000_000_015)
    check(offset === 1, `offset ${offset}`)
  },
  admin: async (client, topic) => {
    await client.createTopic(topic, 2)
    const missing = ['createPartitions', 'alterConfig', 'config'].filter(name => !client[name])
    if (!missing.length) {
      await client.createPartitions(topic, 3)
      await client.alterConfig(topic, 'retention.ms', '1000')
      check((await client.config(topic, 'retention.ms')) === '1000', 'the configuration was not changed')
    }
    const count = await client.partitions(topic)
    check(count === (missing.length ? 2 : 3), `${count} partitions`)
    await client.deleteTopic(topic)
    check((await client.partitions(topic)) === 0, 'the topic is still there')
    return missing.length ? 'ok (it has no calls for partitions and configurations)' : 'ok'
  },
  'large messages': async (client, topic) => {
    await client.createTopic(topic, 1)
    await produce(client, topic, [{ value: Buffer.alloc(900_000, 7) }])
    check((await client.read(topic, 1))[0].value.length === 900_000, 'the message is shorter')
  },
  'restart of the broker': async (client, topic) => {
    await client.createTopic(topic, 1)
    const producer = await client.producer(topic, {})
    await producer.send([{ value: 'before' }])
    execFileSync(process.env.RESTART)
    await producer.send([{ value: 'after' }])
    await producer.close()
    const read = values(await client.read(topic, 2))
    check(read.join() === 'before,after', `read ${read}`)
  },
}

export async function run(name, version, client) {
  let failed = false
  for (const [scenario, play] of Object.entries(scenarios)) {
    let outcome
    try {
      const topic = `${name}-${scenario}`.replace(/[^a-z]+/g, '-')
      outcome = await Promise.race([play(client, topic), pause(60_000).then(() => check(false, 'not within a minute'))])
    } catch (e) {
      outcome = 'FAILED: ' + String(e.message ?? e).split('\n')[0]
      failed = true
    }
    console.log([name, version, scenario, outcome ?? 'ok'].join('\t'))
  }
  process.exit(failed ? 1 : 0)
}
