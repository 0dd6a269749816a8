//! `make bench`: what Strongroom does beside its peers on this machine, in this run.
//!
//! Each part measures a peer and us one after the other, several times in turn, and keeps medians: a machine that is
//! busy slows both. Ratios are what to look at; absolute times belong to the machine, which the table names.
//! Writes `target/bench/latest.json`, an array of `{name, value, unit, peer, peer_value, ratio}`.

mod bare;
mod etcd;
mod figure;
mod machine;
mod memory;
mod mounted;
mod reads;
mod writes;

use figure::Report;

fn main() {
    let only = std::env::args().nth(1);
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    let mut report = Report::default();
    println!("{}", machine::describe());
    if wanted("sizes") {
        memory::sizes(&mut report);
    }
    if wanted("writes") {
        writes::run(&mut report);
    }
    if wanted("reads") {
        reads::run(&mut report);
    }
    if wanted("mounted") {
        mounted::run(&mut report);
    }
    if wanted("memory") {
        memory::run(&mut report);
    }
    report.print();
    if only.is_none() {
        report.write();
    }
}
