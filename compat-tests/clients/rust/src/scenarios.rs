use anyhow::{Result, bail, ensure};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

/// A client has no code for something, which is not a matter of the broker.
#[derive(Debug)]
pub struct NotOffered;

impl std::fmt::Display for NotOffered {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("the client does not offer it")
    }
}

impl std::error::Error for NotOffered {}

pub fn bootstrap() -> String {
    std::env::var("BOOTSTRAP").expect("BOOTSTRAP is set")
}

#[derive(Clone, Default)]
pub struct Message {
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub header: Option<(String, Vec<u8>)>,
    pub time: Option<i64>,
}

impl Message {
    pub fn of(value: impl Into<Vec<u8>>) -> Self {
        Message { value: Some(value.into()), ..Default::default() }
    }
}

pub trait Producer {
    /// Returns when the broker has acknowledged all; they go to the partitions in turn.
    async fn send(&self, messages: Vec<Message>) -> Result<()>;
}

pub type Seen = Arc<Mutex<HashSet<Vec<u8>>>>;

/// A member of a group, which works until `stopped` is set.
pub struct Member {
    pub stopped: Arc<AtomicBool>,
    pub work: JoinHandle<Result<()>>,
}

impl Member {
    async fn leave(self) -> Result<()> {
        self.stopped.store(true, Ordering::Relaxed);
        self.work.await?
    }
}

/// What the scenarios need of a library.
pub trait Client {
    async fn create_topic(&self, topic: &str, partitions: i32) -> Result<()>;
    async fn producer(&self, topic: &str, codec: &str, idempotent: bool) -> Result<impl Producer>;
    /// Committed records of partition 0, from the beginning.
    async fn read(&self, topic: &str, count: usize) -> Result<Vec<Message>>;
    /// Each value in a transaction that is committed or aborted.
    async fn transact(&self, topic: &str, transactions: &[(&str, bool)]) -> Result<()>;
    /// Starts a member of a group that reads from the beginning, and commits and leaves when it is stopped.
    async fn join(&self, group: &str, topic: &str, seen: Seen) -> Result<Member>;
    async fn committed(&self, group: &str, topic: &str, partitions: i32) -> Result<i64>;
    async fn offset_at(&self, topic: &str, time: i64) -> Result<i64>;
    /// 0 for a topic that is not there.
    async fn partitions(&self, topic: &str) -> Result<usize>;
    async fn delete_topic(&self, topic: &str) -> Result<()>;
}

pub const NAMES: [&str; 9] = [
    "compression",
    "keys and headers",
    "idempotent",
    "transactional",
    "a group with a join and a leave",
    "offsets by time",
    "admin",
    "large messages",
    "restart of the broker",
];

pub async fn play<C: Client>(name: &str, client: &C, topic: &str) -> Result<()> {
    match name {
        "compression" => compression(client, topic).await,
        "keys and headers" => headers(client, topic).await,
        "idempotent" => idempotent(client, topic).await,
        "transactional" => transactional(client, topic).await,
        "a group with a join and a leave" => group(client, topic).await,
        "offsets by time" => times(client, topic).await,
        "admin" => admin(client, topic).await,
        "large messages" => large(client, topic).await,
        "restart of the broker" => restarted(client, topic).await,
        _ => bail!("there is no such scenario"),
    }
}

async fn there_and_back<C: Client>(client: &C, topic: &str, codec: &str, idempotent: bool, messages: Vec<Message>) -> Result<Vec<Message>> {
    client.create_topic(topic, 1).await?;
    let count = messages.len();
    client.producer(topic, codec, idempotent).await?.send(messages).await?;
    client.read(topic, count).await
}

async fn compression<C: Client>(client: &C, topic: &str) -> Result<()> {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let value = codec.repeat(1000);
        let read = there_and_back(client, &format!("{topic}-{codec}"), codec, false, vec![Message::of(value.clone())]).await?;
        ensure!(read[0].value == Some(value.into_bytes()), "{codec}: the value differs");
    }
    Ok(())
}

async fn headers<C: Client>(client: &C, topic: &str) -> Result<()> {
    let header = Some(("h".to_string(), vec![0, 255]));
    let first = Message { key: Some(b"k".into()), value: Some(b"v".into()), header: header.clone(), time: None };
    let second = Message { key: Some(b"k".into()), ..Default::default() };
    let read = there_and_back(client, topic, "none", false, vec![first, second]).await?;
    ensure!(read[0].key == Some(b"k".into()) && read[0].header == header, "keys or headers differ");
    ensure!(read[1].value.is_none(), "a tombstone has a value");
    Ok(())
}

async fn idempotent<C: Client>(client: &C, topic: &str) -> Result<()> {
    let messages: Vec<_> = (0..1000).map(|i| Message::of(i.to_string())).collect();
    let read = there_and_back(client, topic, "none", true, messages).await?;
    let in_order = read.iter().enumerate().all(|(i, message)| message.value == Some(i.to_string().into_bytes()));
    ensure!(in_order, "not once and in order");
    Ok(())
}

async fn transactional<C: Client>(client: &C, topic: &str) -> Result<()> {
    client.create_topic(topic, 1).await?;
    client.transact(topic, &[("aborted", false), ("committed", true)]).await?;
    let read = client.read(topic, 1).await?;
    ensure!(read[0].value == Some(b"committed".into()), "the aborted one was read");
    Ok(())
}

async fn group<C: Client>(client: &C, topic: &str) -> Result<()> {
    const PARTITIONS: i32 = 4;
    client.create_topic(topic, PARTITIONS).await?;
    let seen = Seen::default();
    let first = client.join(topic, topic, seen.clone()).await?;
    let producer = client.producer(topic, "none", false).await?;
    let send = async |from: usize, to: usize| producer.send((from..to).map(|i| Message::of(i.to_string())).collect()).await;
    send(0, 50).await?;
    let second = client.join(topic, topic, seen.clone()).await?;
    send(50, 100).await?;
    first.leave().await?;
    send(100, 150).await?;
    while seen.lock().unwrap().len() < 150 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    second.leave().await?;
    let committed = client.committed(topic, topic, PARTITIONS).await?;
    ensure!(committed == 150, "{committed} of 150 are committed");
    Ok(())
}

async fn times<C: Client>(client: &C, topic: &str) -> Result<()> {
    let at = |time: i64| Message { time: Some(1_700_000_000_000 + time), ..Message::of("v") };
    there_and_back(client, topic, "none", false, vec![at(10), at(20), at(30)]).await?;
    let offset = client.offset_at(topic, 1_700_000_000_015).await?;
    ensure!(offset == 1, "offset {offset}");
    Ok(())
}

async fn admin<C: Client>(client: &C, topic: &str) -> Result<()> {
    client.create_topic(topic, 2).await?;
    let before = client.partitions(topic).await?;
    client.delete_topic(topic).await?;
    let after = client.partitions(topic).await?;
    ensure!(before == 2 && after == 0, "{before} partitions, then {after}");
    Ok(())
}

async fn large<C: Client>(client: &C, topic: &str) -> Result<()> {
    let read = there_and_back(client, topic, "none", false, vec![Message::of(vec![7; 900_000])]).await?;
    ensure!(read[0].value.as_ref().map(Vec::len) == Some(900_000), "the message is shorter");
    Ok(())
}

async fn restarted<C: Client>(client: &C, topic: &str) -> Result<()> {
    client.create_topic(topic, 1).await?;
    let producer = client.producer(topic, "none", false).await?;
    producer.send(vec![Message::of("before")]).await?;
    let status = tokio::process::Command::new(std::env::var("RESTART")?).status().await?;
    ensure!(status.success(), "the broker was not restarted");
    producer.send(vec![Message::of("after")]).await?;
    let read = client.read(topic, 2).await?;
    ensure!(read[0].value == Some(b"before".into()) && read[1].value == Some(b"after".into()), "other messages");
    Ok(())
}
