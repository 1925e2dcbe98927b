//! How far the seed has come, for whoever waits: a line on a terminal, or now and then in the log.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use tokio::time::sleep;

use crate::emulator::SeedProgress;

/// A seed that takes no longer is not told of.
const PATIENCE: Duration = Duration::from_millis(300);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Images from one line of the log to the next.
const N_IMAGES_LOGGED: u64 = 100_000;

/// Clears the line of a terminal from the cursor on.
const CLEAR: &str = "\x1b[K";

/// Tells how far a seed has come until it is dropped.
pub(super) async fn tell(progress: &SeedProgress) -> ! {
    if io::stderr().is_terminal() {
        sleep(PATIENCE).await;
        let _erased = Line;
        loop {
            draw(progress);
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

/// Writes the line of a terminal anew.
fn draw(progress: &SeedProgress) {
    let told = told(progress.n_images(), progress.percent());
    // The cursor goes back to the start, so that a line of the log, which is longer, takes its place.
    write(&format!("{told}{CLEAR}\r"));
}

/// The line of a terminal. Dropped, it is erased.
struct Line;

impl Drop for Line {
    fn drop(&mut self) {
        write(CLEAR);
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    // Nobody is left to tell that the terminal is closed.
    stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush())
        .ok();
}

fn told(n_images: u64, percent: u64) -> String {
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
        assert_eq!(told(n_images, percent), expected);
    }
}
