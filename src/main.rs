//! The binary: reads its arguments and runs the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    swas_emulator::run()
}
