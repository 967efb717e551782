//! Links libholdfast, as `holdfast config` says. HOLDFAST names the command, if it is not on PATH.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=HOLDFAST");
    let holdfast = std::env::var("HOLDFAST").unwrap_or_else(|_| "holdfast".into());
    let asked = Command::new("sh")
        .args(["-c", &format!("{holdfast} config --c --libs")])
        .output()
        .expect("cannot run sh");
    assert!(
        asked.status.success(),
        "holdfast config failed: {}",
        String::from_utf8_lossy(&asked.stderr)
    );
    for option in String::from_utf8(asked.stdout).unwrap().split_whitespace() {
        println!("cargo:rustc-link-arg={option}");
    }
}
