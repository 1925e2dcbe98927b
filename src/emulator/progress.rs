//! Progress of the seed of a starting emulator.

use std::sync::atomic::{AtomicU64, Ordering};

/// Progress of the seed; each method reads the present state.
#[derive(Debug, Default)]
pub struct SeedProgress {
    n_images: AtomicU64,
    n_bytes: AtomicU64,
    all_bytes: u64,
}

impl SeedProgress {
    /// Progress of a seed of `all_bytes` bytes, none of which has been read.
    pub(super) fn of(all_bytes: u64) -> Self {
        Self {
            all_bytes,
            ..Self::default()
        }
    }

    /// Images written so far.
    pub fn n_images(&self) -> u64 {
        self.n_images.load(Ordering::Relaxed)
    }

    /// The part of the fixtures' bytes that has been read, in percent; 100 when there are none.
    pub fn percent(&self) -> u64 {
        let n_bytes = self.n_bytes.load(Ordering::Relaxed);
        (n_bytes * 100)
            .checked_div(self.all_bytes)
            .map_or(100, |percent| percent.min(100))
    }

    /// Counts one more image, and notes how many bytes of the fixtures have been read.
    pub(super) fn written(&self, n_bytes: u64) {
        self.n_images.fetch_add(1, Ordering::Relaxed);
        self.n_bytes.store(n_bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_at_most_100_percent() {
        let progress = SeedProgress::of(3);
        assert_eq!((progress.n_images(), progress.percent()), (0, 0));
        progress.written(2);
        assert_eq!((progress.n_images(), progress.percent()), (1, 66));
        // A file that grew while it was read.
        progress.written(4);
        assert_eq!((progress.n_images(), progress.percent()), (2, 100));
        assert_eq!(SeedProgress::of(0).percent(), 100);
    }
}
