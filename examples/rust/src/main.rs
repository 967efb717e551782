//! Eight Rust threads call Python, and Python calls Rust.

mod holdfast;

use holdfast::{Python, Result, Value};
use std::thread;

const CODE: &str = "
import host

def score(text, weight):
    return len(text) * weight / 8 + host.bonus(len(text))
";

fn run() -> Result<()> {
    let python = Python::start()?;
    python.define("host", "bonus", |args| match args {
        [Value::Int(length)] => Value::Int(100 / length), // panics if it is 0
        _ => panic!("bonus() takes an int"),
    })?;
    python.attach()?.exec(CODE)?;
    let score = python.find("__main__", "score")?;

    thread::scope(|scope| {
        let threads: Vec<_> = (1..=8)
            .map(|weight| {
                let score = &score;
                scope.spawn(move || score.call(&[Value::Text("rust".into()), Value::Int(weight)]))
            })
            .collect();
        for one in threads {
            println!("{:?}", one.join().unwrap().unwrap());
        }
    });

    let failed = score
        .call(&[Value::Text(String::new()), Value::Int(1)])
        .unwrap_err();
    println!("an exception: {}", failed.message);

    python.finalize(5000)?;
    let late = score
        .call(&[Value::Text("late".into()), Value::Int(1)])
        .unwrap_err();
    println!("late: {}", late.is_late());
    Ok(())
}

fn main() {
    std::panic::set_hook(Box::new(|_| ())); // Python reports it
    if let Err(error) = run() {
        eprintln!("HF{}: {}", error.code, error.message);
        std::process::exit(1);
    }
}
