//! `ListCustomImages`: the custom images of a region, filtered and paged.

mod explain;
mod nearness;
mod request;

use std::sync::Arc;

use crate::actions::action::{Access, Action, Parameter, Presence, Ram};
use crate::actions::explanation::funnel_line;
use crate::actions::{Answered, Call, Emptiness, Failure};
use crate::base::limits::EXPLAINED_IMAGES_MAX;
use crate::resources::Page;
use crate::sandbox::{Sandbox, TokenUse};
use crate::store::{Listing, StoreError};
use crate::wire::{Answer, Field, Warning};

use explain::{funnel, page_note};
pub use request::ListCustomImagesRequest;

/// The action's row.
pub(super) static ACTION: Action = Action {
    name: "ListCustomImages",
    access: Access::Reads,
    parameters: &PARAMETERS,
    ram: Ram {
        action: "swas-open:ListCustomImages",
        resources: &[
            "acs:swas-open:{#regionId}:{#accountId}:customimage/*",
            "acs:swas-open:{#regionId}:{#accountId}:customimage/{#CustomImageId}",
        ],
    },
    answer,
    explain: Some(explain::findings),
};

const REFERENCE: &str = "`ListCustomImages` reference, request parameters";

const fn optional(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter {
        name,
        presence: Presence::Optional,
        meaning,
        source: REFERENCE,
    }
}

const EXACTLY: &str = "images with exactly this value";
const ONE_OF: &str = "images with one of these, byte for byte";
const TOKEN: &str = "changes nothing: a read has no effect to repeat";
const SHARE: &str = "by InShareUser: true keeps images shared across accounts, false the others";
const TAG: &str = "images with this tag, and all other tags asked for";

static PARAMETERS: [Parameter; 13] = [
    Parameter {
        presence: Presence::Required,
        ..optional("RegionId", "images of this region")
    },
    optional("ClientToken", TOKEN),
    optional("ImageIds", ONE_OF),
    optional("ImageNames", ONE_OF),
    optional("PageSize", "images per page"),
    optional("PageNumber", "which page, from 1"),
    optional("SystemSnapshotId", EXACTLY),
    optional("DataSnapshotId", EXACTLY),
    optional("InstanceId", EXACTLY),
    optional("ResourceGroupId", EXACTLY),
    optional("Tag.N.Key", TAG),
    optional("Tag.N.Value", TAG),
    optional("Share", SHARE),
];

/// Answers a request from the sandbox's images, as they are or as if a fault had changed them.
fn answer(call: &Call<'_>) -> Result<Answered, Failure> {
    let request = ListCustomImagesRequest::parse(call.params, call.sandbox.regions())?;
    let warnings = note_client_token(call.sandbox, &request);
    call.laps.parsed();
    tracing::trace!(region_id = request.filter.region_id.as_str(), "listing");
    let listing = call
        .sandbox
        .list(&request.filter, request.page, call.paging, call.effort)?;
    let emptiness = emptiness(call, &request, listing.total_count)?;
    call.laps.stored();
    Ok(Answered {
        answer: document(&listing, request.page),
        total_count: Some(listing.total_count),
        ids: Arc::clone(&listing.image_ids),
        warnings: warnings.into_iter().collect(),
        emptiness,
    })
}

/// The answer in the documented form; count, page size and page number are strings.
///
/// Source: `ListCustomImages` reference, the documented example.
fn document(listing: &Listing, page: Page) -> Answer {
    let count = |number: u32| Field::Count(u64::from(number));
    Answer::new(vec![
        ("RequestId", Field::RequestId),
        (
            "CustomImages",
            Field::Documents(Arc::clone(&listing.documents)),
        ),
        ("TotalCount", Field::Count(listing.total_count)),
        ("PageSize", count(page.size.n_images())),
        ("PageNumber", count(page.number.number())),
    ])
}

/// Notes the request's client token; a warning when it was used with other parameters before.
fn note_client_token(sandbox: &Sandbox, request: &ListCustomImagesRequest) -> Option<Warning> {
    let token = request.client_token.as_deref()?;
    let now_unix_ms = sandbox.clock().now_unix_ms();
    let mut tokens = sandbox.tokens();
    match tokens.note(ACTION.name, token, request.fingerprint(), now_unix_ms) {
        TokenUse::Consistent => None,
        TokenUse::Reused => Some(Warning::ClientTokenReused {
            token: token.to_owned(),
        }),
    }
}

/// Why an answer has no images; `None` when it has some.
fn emptiness(
    call: &Call<'_>,
    request: &ListCustomImagesRequest,
    total_count: u64,
) -> Result<Option<Emptiness>, StoreError> {
    if total_count > 0 {
        return Ok(page_note(request.page, total_count).map(Emptiness::PastTheEnd));
    }
    let n_images = call.sandbox.count_all()?;
    if n_images > EXPLAINED_IMAGES_MAX {
        return Ok(Some(Emptiness::NotExplained));
    }
    let funnel = funnel(call.sandbox, &request.filter, call.effort)?;
    let line = funnel_line(n_images, &funnel);
    Ok(Some(Emptiness::NothingMatches(line)))
}
