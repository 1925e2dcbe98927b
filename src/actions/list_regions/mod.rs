//! `ListRegions`: every region that the emulator knows, with its name and its endpoint.

mod names;

use std::sync::Arc;

use serde::Serialize;

use crate::actions::action::{Access, Action, Parameter, Presence, Ram};
use crate::actions::{Answered, Call, Failure};
use crate::wire::{Answer, ApiError, Field, Params};

use names::{Language, NAMES};

/// The action's row.
pub(super) static ACTION: Action = Action {
    name: "ListRegions",
    access: Access::Reads,
    parameters: &[
        Parameter {
            name: "AcceptLanguage",
            presence: Presence::Optional,
            meaning: "the language of the names: zh-CN, which is the default, or en-US",
            source: "`ListRegions` reference, request parameters",
        },
        Parameter {
            name: "RegionId",
            presence: Presence::Optional,
            meaning: "changes nothing: every region is listed",
            source: "the older official SDKs, which send it with every action",
        },
    ],
    ram: Ram {
        action: "swas-open:ListRegions",
        resources: &["*"],
    },
    answer,
    explain: None,
};

/// A region as the API writes it.
///
/// Source: `ListRegions` reference, the documented example.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RegionDocument<'a> {
    local_name: &'a str,
    region_endpoint: String,
    region_id: &'a str,
}

/// Answers with every known region; an added one has its id as its name.
fn answer(call: &Call<'_>) -> Result<Answered, Failure> {
    let language = language(call.params)?;
    call.laps.parsed();
    let known = NAMES
        .iter()
        .map(|region| (region.id, region.name(language)));
    let is_added = |id: &&str| NAMES.iter().all(|region| region.id != *id);
    let added = call.sandbox.regions().iter().filter(is_added);
    let documents = known
        .chain(added.map(|id| (id, id)))
        .map(|(region_id, local_name)| {
            serde_json::to_string(&RegionDocument {
                local_name,
                region_endpoint: format!("swas.{region_id}.aliyuncs.com"),
                region_id,
            })
        });
    let documents: Vec<String> = documents
        .collect::<Result<_, _>>()
        .map_err(Failure::internal)?;
    Ok(Answered {
        answer: Answer::new(vec![
            ("RequestId", Field::RequestId),
            ("Regions", Field::Documents(Arc::new(documents.join(",")))),
        ]),
        ..Answered::default()
    })
}

/// `AcceptLanguage`. Source: our reading for any other value; the reference names these two.
fn language(params: &Params) -> Result<Language, ApiError> {
    match params.value("AcceptLanguage") {
        None | Some("zh-CN") => Ok(Language::Chinese),
        Some("en-US") => Ok(Language::English),
        Some(text) => {
            let rule = format!("`AcceptLanguage` must be `zh-CN` or `en-US`, got `{text}`");
            Err(ApiError::invalid("AcceptLanguage", rule))
        }
    }
}
