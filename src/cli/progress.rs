//! Progress of a long seed: one line on a terminal, else a line of the log now and then.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use tokio::time::sleep;

use crate::emulator::SeedProgress;
use crate::telemetry::Outlet;

/// A seed that takes less time than this shows no progress.
const SILENCE: Duration = Duration::from_millis(300);

/// Time between two updates.
const PAUSE: Duration = Duration::from_millis(100);

/// Images between two lines of the log.
const N_IMAGES_LOGGED: u64 = 100_000;

/// Clears the line of a terminal from the cursor on.
const CLEAR: &str = "\x1b[K";

/// Shows the progress of a seed until the future is dropped.
pub(super) async fn show(progress: &SeedProgress, log: &Outlet) -> ! {
    if io::stderr().is_terminal() {
        sleep(SILENCE).await;
        let line = Line(log);
        loop {
            line.draw(progress);
            sleep(PAUSE).await;
        }
    }
    let mut n_logged = 0;
    loop {
        sleep(PAUSE).await;
        let n_images = progress.n_images() / N_IMAGES_LOGGED * N_IMAGES_LOGGED;
        if n_images > n_logged {
            let percent = progress.percent();
            tracing::info!(n_images, percent, "seeding");
            n_logged = n_images;
        }
    }
}

/// The line of a terminal; dropping it erases the line.
struct Line<'a>(&'a Outlet);

impl Line<'_> {
    /// Writes the line again.
    fn draw(&self, progress: &SeedProgress) {
        let line = progress_line(progress.n_images(), progress.percent());
        // The cursor goes back to the start, so that a line of the log, which is longer, replaces it.
        self.0.write(&format!("{line}{CLEAR}\r"));
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.0.write(CLEAR);
    }
}

fn progress_line(n_images: u64, percent: u64) -> String {
    format!("seeding: {} images, {percent} %", grouped(n_images))
}

/// A number with its digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, 0, "seeding: 0 images, 0 %")]
    #[case(999, 1, "seeding: 999 images, 1 %")]
    #[case(1_000, 12, "seeding: 1,000 images, 12 %")]
    #[case(1_000_000, 100, "seeding: 1,000,000 images, 100 %")]
    fn the_line_of_a_terminal_is_short(
        #[case] n_images: u64,
        #[case] percent: u64,
        #[case] expected: &str,
    ) {
        assert_eq!(progress_line(n_images, percent), expected);
    }
}
