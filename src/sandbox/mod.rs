//! One isolated world: its images and what it remembers of its clients.

mod client_tokens;

use std::sync::{Mutex, PoisonError};

use crate::domain::{ImageFilter, Page};
use crate::store::{Listing, Store, StoreError};

use client_tokens::ClientTokens;
pub use client_tokens::TokenUse;

/// A world of its own, which no other sandbox can see.
#[derive(Debug)]
pub struct Sandbox {
    store: Store,
    client_tokens: Mutex<ClientTokens>,
}

impl Sandbox {
    /// A sandbox over a store that is seeded or will be.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            client_tokens: Mutex::default(),
        }
    }

    /// The images.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Lists one page of the matching images.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn list(&self, filter: &ImageFilter, page: Page) -> Result<Listing, StoreError> {
        self.store.list(filter, page)
    }

    /// Remembers a client token with the parameters that it came with, told by `fingerprint`.
    pub fn use_client_token(&self, token: &str, fingerprint: u64) -> TokenUse {
        let mut tokens = self
            .client_tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        tokens.record(token, fingerprint)
    }
}
