//! Lets a fresh clone build without Node: the console's folder may be empty, it must only be there.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=console/dist");
    let dist = Path::new("console/dist");
    if !dist.exists() {
        fs::create_dir_all(dist)?;
    }
    Ok(())
}
