//! Runs the scenarios of the Rust clients one after the other and prints what became of each.
mod librdkafka;
mod pure;
mod scenarios;

use scenarios::{Client, NotOffered};
use std::time::Duration;

#[tokio::main]
async fn main() {
    let librdkafka = play("rdkafka", &librdkafka::Librdkafka).await;
    let pure = play("rskafka", &pure::Pure).await;
    std::process::exit(if librdkafka && pure { 0 } else { 1 });
}

fn version_of(name: &str) -> &str {
    include_str!("../Cargo.lock")
        .split_once(&format!("name = \"{name}\"\nversion = \""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("unknown", |(version, _)| version)
}

async fn play<C: Client>(name: &str, client: &C) -> bool {
    let mut all_ok = true;
    for scenario in scenarios::NAMES {
        let topic = format!("{name}-{}", scenario.replace(' ', "-"));
        let played = tokio::time::timeout(Duration::from_secs(60), scenarios::play(scenario, client, &topic)).await;
        let outcome = match played {
            Ok(Ok(())) => "ok".to_string(),
            Ok(Err(error)) if error.is::<NotOffered>() => error.to_string(),
            Ok(Err(error)) => format!("FAILED: {error:#}"),
            Err(_) => "FAILED: not within a minute".to_string(),
        };
        all_ok &= !outcome.starts_with("FAILED");
        println!("{name}\t{}\t{scenario}\t{}", version_of(name), outcome.lines().next().unwrap_or_default());
    }
    all_ok
}
