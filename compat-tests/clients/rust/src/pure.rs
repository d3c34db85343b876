//! rskafka, which has neither groups nor producers with an id.
use crate::scenarios::{Client, Member, Message, NotOffered, Producer, Seen, bootstrap};
use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use rskafka::client::partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client as Rskafka, ClientBuilder};
use rskafka::record::Record;
use std::collections::BTreeMap;

const TIMEOUT_MS: i32 = 10_000;

pub struct Pure;

async fn client() -> Result<Rskafka> {
    Ok(ClientBuilder::new(vec![bootstrap()]).build().await?)
}

async fn partition(topic: &str) -> Result<PartitionClient> {
    Ok(client().await?.partition_client(topic, 0, UnknownTopicHandling::Retry).await?)
}

struct PureProducer {
    partition: PartitionClient,
    compression: Compression,
}

impl Producer for PureProducer {
    async fn send(&self, messages: Vec<Message>) -> Result<()> {
        let record = |message: Message| Record {
            key: message.key,
            value: message.value,
            headers: message.header.into_iter().collect::<BTreeMap<_, _>>(),
            timestamp: message.time.and_then(DateTime::from_timestamp_millis).unwrap_or_else(Utc::now),
        };
        self.partition.produce(messages.into_iter().map(record).collect(), self.compression).await?;
        Ok(())
    }
}

impl Client for Pure {
    async fn create_topic(&self, topic: &str, partitions: i32) -> Result<()> {
        Ok(client().await?.controller_client()?.create_topic(topic, partitions, 1, TIMEOUT_MS).await?)
    }

    async fn producer(&self, topic: &str, codec: &str, idempotent: bool) -> Result<impl Producer> {
        if idempotent {
            bail!(NotOffered);
        }
        let compression = match codec {
            "gzip" => Compression::Gzip,
            "snappy" => Compression::Snappy,
            "lz4" => Compression::Lz4,
            "zstd" => Compression::Zstd,
            _ => Compression::NoCompression,
        };
        Ok(PureProducer { partition: partition(topic).await?, compression })
    }

    async fn read(&self, topic: &str, count: usize) -> Result<Vec<Message>> {
        let partition = partition(topic).await?;
        let mut read = Vec::new();
        let mut offset = 0;
        while read.len() < count {
            let (records, _) = partition.fetch_records(offset, 1..10_000_000, 500).await?;
            for one in records {
                offset = one.offset + 1;
                let record = one.record;
                read.push(Message {
                    key: record.key,
                    value: record.value,
                    header: record.headers.into_iter().next(),
                    time: Some(record.timestamp.timestamp_millis()),
                });
            }
        }
        Ok(read)
    }

    async fn transact(&self, _: &str, _: &[(&str, bool)]) -> Result<()> {
        bail!(NotOffered)
    }

    async fn join(&self, _: &str, _: &str, _: Seen) -> Result<Member> {
        bail!(NotOffered)
    }

    async fn committed(&self, _: &str, _: &str, _: i32) -> Result<i64> {
        bail!(NotOffered)
    }

    async fn offset_at(&self, topic: &str, time: i64) -> Result<i64> {
        let time = DateTime::from_timestamp_millis(time).expect("a time");
        Ok(partition(topic).await?.get_offset(OffsetAt::Timestamp(time)).await?)
    }

    async fn partitions(&self, topic: &str) -> Result<usize> {
        let topics = client().await?.list_topics().await?;
        Ok(topics.iter().find(|one| one.name == topic).map_or(0, |one| one.partitions.len()))
    }

    async fn delete_topic(&self, topic: &str) -> Result<()> {
        Ok(client().await?.controller_client()?.delete_topic(topic, TIMEOUT_MS).await?)
    }
}
