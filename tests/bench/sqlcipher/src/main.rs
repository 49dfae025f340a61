//! `fill FILE` makes a database of 10,000 documents of 4.4 KB with summaries of 200 bytes in a table of their own, under a raw
//! key; `open FILE` opens it, reads one document, lists the summaries twice, and prints the three times in nanoseconds and
//! the KiB that the most memory grew by meanwhile.

use rusqlite::Connection;
use std::time::Instant;

const DOCUMENTS: i64 = 10_000;

fn open(path: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    let key = "5a".repeat(32);
    connection.pragma_update(None, "key", format!("x'{key}'")).unwrap();
    connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection
}

fn id(number: i64) -> [u8; 16] {
    (number as u128)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        .to_be_bytes()
}

/// The most memory that this process had at once, in KiB; 0 where the system does not say.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments[1] == "fill" {
        let mut connection = open(&arguments[2]);
        let transaction = connection.transaction().unwrap();
        transaction
            .execute_batch(
                "CREATE TABLE document (id BLOB PRIMARY KEY, body BLOB); CREATE TABLE summary (id BLOB PRIMARY KEY, body BLOB);",
            )
            .unwrap();
        for number in 0..DOCUMENTS {
            transaction
                .execute(
                    "INSERT INTO document VALUES (?, ?)",
                    (id(number), [2_u8; 4400].as_slice()),
                )
                .unwrap();
            transaction
                .execute(
                    "INSERT INTO summary VALUES (?, ?)",
                    (id(number), [1_u8; 200].as_slice()),
                )
                .unwrap();
        }
        transaction.commit().unwrap();
        return;
    }
    let start = Instant::now();
    let connection = open(&arguments[2]);
    let body: Vec<u8> = connection
        .query_row("SELECT body FROM document WHERE id = ?", [id(47)], |row| row.get(0))
        .unwrap();
    let first = start.elapsed();
    assert_eq!(body.len(), 4400);
    let before = peak_memory();
    let mut lists = Vec::new();
    let mut grown = 0;
    for _ in 0..2 {
        let start = Instant::now();
        let mut statement = connection.prepare("SELECT id, body FROM summary").unwrap();
        let list: Vec<([u8; 16], Vec<u8>)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        lists.push(start.elapsed().as_nanos());
        grown = grown.max(peak_memory() - before);
        assert_eq!(list.len(), 10_000);
    }
    println!("{} {} {} {grown}", first.as_nanos(), lists[0], lists[1]);
}
