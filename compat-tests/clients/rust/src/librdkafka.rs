//! rdkafka, which is librdkafka.
use crate::scenarios::{Client, Member, Message, Producer, Seen, bootstrap};
use anyhow::{Result, bail};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::{Header, Headers, Message as _, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

pub struct Librdkafka;

fn config(more: &[(&str, &str)]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap());
    more.iter().for_each(|(key, value)| {
        config.set(*key, *value);
    });
    config
}

fn admin() -> Result<AdminClient<DefaultClientContext>> {
    Ok(config(&[]).create()?)
}

fn consumer(more: &[(&str, &str)]) -> Result<BaseConsumer> {
    Ok(config(more).set("auto.offset.reset", "earliest").create()?)
}

struct LibrdkafkaProducer {
    topic: String,
    producer: FutureProducer,
}

impl Producer for LibrdkafkaProducer {
    async fn send(&self, messages: Vec<Message>) -> Result<()> {
        let mut sent = Vec::new();
        for message in &messages {
            let mut record = FutureRecord::<[u8], [u8]>::to(&self.topic);
            record.key = message.key.as_deref();
            record.payload = message.value.as_deref();
            record.timestamp = message.time;
            record.headers = message.header.as_ref().map(|(key, value)| OwnedHeaders::new().insert(Header { key, value: Some(value) }));
            sent.push(self.producer.send_result(record).map_err(|(error, _)| error)?);
        }
        for one in sent {
            one.await?.map_err(|(error, _)| error)?;
        }
        Ok(())
    }
}

impl Client for Librdkafka {
    async fn create_topic(&self, topic: &str, partitions: i32) -> Result<()> {
        let topics = [NewTopic::new(topic, partitions, TopicReplication::Fixed(1))];
        for result in admin()?.create_topics(&topics, &AdminOptions::new()).await? {
            result.map_err(|(topic, error)| anyhow::anyhow!("{topic}: {error}"))?;
        }
        Ok(())
    }

    async fn producer(&self, topic: &str, codec: &str, idempotent: bool) -> Result<impl Producer> {
        let idempotence = idempotent.to_string();
        let settings = [("compression.type", codec), ("enable.idempotence", &idempotence), ("partitioner", "random")];
        Ok(LibrdkafkaProducer { topic: topic.to_string(), producer: config(&settings).create()? })
    }

    async fn read(&self, topic: &str, count: usize) -> Result<Vec<Message>> {
        let consumer = consumer(&[("group.id", topic), ("enable.auto.commit", "false")])?;
        let mut from = TopicPartitionList::new();
        from.add_partition_offset(topic, 0, Offset::Beginning)?;
        consumer.assign(&from)?;
        let read = tokio::task::spawn_blocking(move || {
            let mut read = Vec::new();
            while read.len() < count {
                let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
                let message = message?;
                let first = message.headers().map(|headers| headers.get(0));
                read.push(Message {
                    key: message.key().map(Into::into),
                    value: message.payload().map(Into::into),
                    header: first.and_then(|header| Some((header.key.to_string(), header.value?.into()))),
                    time: message.timestamp().to_millis(),
                });
            }
            Ok(read)
        });
        read.await?
    }

    async fn transact(&self, topic: &str, transactions: &[(&str, bool)]) -> Result<()> {
        let producer: FutureProducer = config(&[("transactional.id", topic)]).create()?;
        producer.init_transactions(TIMEOUT)?;
        for (value, commit) in transactions {
            producer.begin_transaction()?;
            let within = LibrdkafkaProducer { topic: topic.to_string(), producer: producer.clone() };
            within.send(vec![Message::of(*value)]).await?;
            if *commit {
                producer.commit_transaction(TIMEOUT)?;
            } else {
                producer.abort_transaction(TIMEOUT)?;
            }
        }
        Ok(())
    }

    async fn join(&self, group: &str, topic: &str, seen: Seen) -> Result<Member> {
        let consumer = consumer(&[("group.id", group), ("heartbeat.interval.ms", "300")])?;
        consumer.subscribe(&[topic])?;
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = stopped.clone();
        let work = tokio::task::spawn_blocking(move || {
            while !stop.load(Ordering::Relaxed) {
                if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) {
                    seen.lock().unwrap().insert(message.payload().unwrap_or_default().to_vec());
                }
            }
            if consumer.position()?.elements().iter().any(|one| matches!(one.offset(), Offset::Offset(_))) {
                consumer.commit_consumer_state(CommitMode::Sync)?;
            }
            Ok(())
        });
        Ok(Member { stopped, work })
    }

    async fn committed(&self, group: &str, topic: &str, partitions: i32) -> Result<i64> {
        let mut all = TopicPartitionList::new();
        all.add_partition_range(topic, 0, partitions - 1);
        let committed = consumer(&[("group.id", group)])?.committed_offsets(all, TIMEOUT)?;
        Ok(committed.elements().iter().filter_map(|one| one.offset().to_raw()).filter(|offset| *offset > 0).sum())
    }

    async fn offset_at(&self, topic: &str, time: i64) -> Result<i64> {
        let mut asked = TopicPartitionList::new();
        asked.add_partition_offset(topic, 0, Offset::Offset(time))?;
        let found = consumer(&[("group.id", topic)])?.offsets_for_times(asked, TIMEOUT)?;
        match found.elements()[0].offset() {
            Offset::Offset(offset) => Ok(offset),
            other => bail!("{other:?}"),
        }
    }

    async fn partitions(&self, topic: &str) -> Result<usize> {
        let metadata = consumer(&[])?.fetch_metadata(None, TIMEOUT)?;
        Ok(metadata.topics().iter().find(|one| one.name() == topic).map_or(0, |one| one.partitions().len()))
    }

    async fn delete_topic(&self, topic: &str) -> Result<()> {
        for result in admin()?.delete_topics(&[topic], &AdminOptions::new()).await? {
            result.map_err(|(topic, error)| anyhow::anyhow!("{topic}: {error}"))?;
        }
        Ok(())
    }
}
