//! Questions to the table of actions, answered from its rows.

use crate::actions::ACTIONS;
use crate::actions::action::Action;
use crate::base::limits::SIMILAR_NAMES_MAX;
use crate::base::{did_you_mean, nearest};
use crate::wire::{
    ACTION_NAMES, ApiError, COMMON_PARAMETERS, ErrorCode, Format, PRODUCT, Params, RequestHead,
    Warning, action_name, checked_action, is_common_parameter,
};

/// The actions that an emulator answers.
#[derive(Debug, Clone, Copy)]
pub struct Actions(pub &'static [&'static Action]);

impl Default for Actions {
    fn default() -> Self {
        Self(&ACTIONS)
    }
}

/// What a request asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// The action.
    pub action: &'static Action,
    /// The format of the answer.
    pub format: Format,
}

impl Actions {
    /// Finds an action by its name, byte for byte.
    pub fn find(self, name: &str) -> Option<&'static Action> {
        self.0.iter().copied().find(|action| action.name == name)
    }

    /// Reads what a request asks for, in the contract's order.
    ///
    /// The checks, in this order: `MissingAction`, `MissingVersion`, `InvalidVersion`,
    /// `InvalidAction.NotFound`, `NotImplemented`, `InvalidParameter.Format`.
    pub(crate) fn ask(self, params: &Params, head: &RequestHead<'_>) -> Result<Asked, ApiError> {
        let name = checked_action(params, head)?;
        let action = self.find(name).ok_or_else(|| self.refusal(name))?;
        let format = Format::negotiate(params.value("Format"), &head.accept)?;
        Ok(Asked { action, format })
    }

    /// Why an action has no row in the table.
    fn refusal(self, name: &str) -> ApiError {
        if let Some(name) = action_name(name) {
            let emulated: Vec<&str> = self.0.iter().map(|action| action.name).collect();
            return ApiError::not_implemented(name, &emulated.join(", "));
        }
        let meant = did_you_mean(nearest(name, ACTION_NAMES));
        let reason = format!("{PRODUCT} has no action `{name}`{meant}");
        ApiError::new(ErrorCode::ACTION_NOT_FOUND, reason)
    }

    /// Whether a request of this action, or of any action, may have a parameter.
    pub(crate) fn is_parameter(self, action: Option<&str>, name: &str) -> bool {
        let has = |action: &Action| action.parameter(name).is_some();
        is_common_parameter(name)
            || match action.and_then(|name| self.find(name)) {
                Some(action) => has(action),
                None => self.0.iter().copied().any(has),
            }
    }

    /// Whether `Missing…` or `Invalid…` with this name can be a code: the name is a parameter, or
    /// the head of a pattern, such as `Tag`.
    pub(crate) fn is_in_code(self, name: &str) -> bool {
        let mut parameters = self.0.iter().flat_map(|action| action.parameters);
        self.is_parameter(None, name) || parameters.any(|parameter| parameter.head() == name)
    }
}

/// A warning for each parameter that the action does not have, in the order sent.
pub(crate) fn unknown_parameters(action: &Action, params: &Params) -> Vec<Warning> {
    let names = params.iter_first().map(|(name, _)| name);
    let is_unknown = |name: &&str| !is_common_parameter(name) && action.parameter(name).is_none();
    names
        .filter(is_unknown)
        .enumerate()
        .map(|(idx, name)| Warning::UnknownParameter {
            name: name.to_owned(),
            // Comparing takes time, and the header has room for a few.
            nearest: (idx < SIMILAR_NAMES_MAX)
                .then(|| meant(action, name))
                .flatten(),
        })
        .collect()
}

/// The known parameter that an unknown name most likely means.
fn meant(action: &Action, name: &str) -> Option<&'static str> {
    let (head, _) = name.split_once('.').unwrap_or((name, ""));
    pattern_meant(action, name, head).or_else(|| {
        let own = action.parameters.iter().map(|parameter| parameter.name);
        let known = own.chain(COMMON_PARAMETERS);
        nearest(name, known.clone()).or_else(|| nearest(head, known))
    })
}

/// The pattern that a name means by its head, such as `Tags.1.value` by `Tag`: the one with the
/// same end, else the first.
fn pattern_meant(action: &Action, name: &str, head: &str) -> Option<&'static str> {
    let singular = head.strip_suffix(['s', 'S']).unwrap_or(head);
    let mut patterns = action
        .parameters
        .iter()
        .filter(|parameter| parameter.is_pattern())
        .filter(|parameter| {
            let known = parameter.head();
            known.eq_ignore_ascii_case(head) || known.eq_ignore_ascii_case(singular)
        })
        .map(|parameter| parameter.name);
    let first = patterns.clone().next()?;
    let lower = name.to_ascii_lowercase();
    let same_end = patterns.find(|pattern| {
        let end = pattern.rsplit('.').next().unwrap_or_default();
        lower.ends_with(&end.to_ascii_lowercase())
    });
    same_end.or(Some(first))
}
