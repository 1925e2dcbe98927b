//! The request: text parameters become a filter and a page, once.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::actions::parameters;
use crate::resources::{ImageFilter, Page, Regions, Sharing};
use crate::wire::{ApiError, Params};

/// A request that keeps every documented rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCustomImagesRequest {
    /// Which images.
    pub filter: ImageFilter,
    /// Which slice of them.
    pub page: Page,
    /// The client's token, at most 64 ASCII characters.
    pub client_token: Option<String>,
}

impl ListCustomImagesRequest {
    /// Reads the action's parameters, in the order in which the contract checks them.
    ///
    /// The checks, in this order: `MissingRegionId`, `InvalidRegionId`, `InvalidClientToken`,
    /// `InvalidImageIds`, `InvalidImageNames`, `InvalidPageSize`, `InvalidPageNumber`, `InvalidTag`,
    /// `InvalidTag.N.Key`, `InvalidTag.N.Value`, `InvalidShare`.
    #[expect(clippy::missing_errors_doc, reason = "public for the benches alone")]
    pub fn parse(params: &Params, regions: &Regions) -> Result<Self, ApiError> {
        let region_id = parameters::region(params, regions)?;
        let client_token = parameters::client_token(params)?.map(str::to_owned);
        let image_ids = parameters::list(params, "ImageIds")?;
        let image_names = parameters::list(params, "ImageNames")?;
        let page = parameters::page(params)?;
        let text = |name| parameters::text(params, name);
        let share = |is_shared| {
            if is_shared {
                Sharing::Shared
            } else {
                Sharing::NotShared
            }
        };
        let filter = ImageFilter {
            region_id,
            image_ids,
            image_names,
            system_snapshot_id: text("SystemSnapshotId"),
            data_snapshot_id: text("DataSnapshotId"),
            instance_id: text("InstanceId"),
            resource_group_id: text("ResourceGroupId"),
            tags: parameters::tags(params)?,
            share: parameters::flag(params, "Share")?.map(share),
        };
        Ok(Self {
            filter,
            page,
            client_token,
        })
    }

    /// A number that differs, but for chance, when the filter or the page size differs.
    ///
    /// The page number is left out: a client that walks the pages may keep its token.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.page.size.n_images().hash(&mut hasher);
        self.filter.hash(&mut hasher);
        hasher.finish()
    }
}
