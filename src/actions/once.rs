//! Client tokens of actions that change something: the same call again gets the first answer.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::actions::{Access, Action, Answered, Call, Failure, parameters};
use crate::sandbox::Replay;
use crate::wire::{ApiError, ErrorCode, Params};

/// Answers a call; a change that is sent again with its client token has no second effect.
pub(crate) fn answer(action: &Action, call: &Call<'_>) -> Result<Answered, Failure> {
    let token = match action.access {
        Access::Reads => None,
        // A token that breaks a rule is refused by the action, in the order of its parameters.
        Access::Changes => parameters::client_token(call.params).ok().flatten(),
    };
    let Some(token) = token else {
        return (action.answer)(call);
    };
    let fingerprint = fingerprint(call.params);
    let now_unix_ms = call.sandbox.clock().now_unix_ms();
    let mut tokens = call.sandbox.tokens();
    match tokens.replay(action.name, token, fingerprint, now_unix_ms) {
        Replay::First => {}
        Replay::Again(answer) => {
            return Ok(Answered {
                answer,
                ..Answered::default()
            });
        }
        Replay::Mismatch => {
            let reason = format!(
                "`ClientToken` `{token}` was used before by `{}` with other parameters",
                action.name
            );
            return Err(ApiError::new(ErrorCode::IDEMPOTENT_PARAMETER_MISMATCH, reason).into());
        }
    }
    // The tokens stay locked, so that a retry that arrives meanwhile waits for the first answer.
    let answered = (action.answer)(call)?;
    tokens.remember(
        action.name,
        token,
        fingerprint,
        now_unix_ms,
        Some(answered.answer.clone()),
    );
    Ok(answered)
}

/// A hash of the parameters, without those that are new in every attempt.
///
/// Source: the ECS reference, "How to ensure idempotence".
fn fingerprint(params: &Params) -> u64 {
    const FRESH: [&str; 5] = [
        "Timestamp",
        "AccessKeyId",
        "SecurityToken",
        "BearerToken",
        "Format",
    ];
    let mut compared: Vec<(&str, &str)> = params
        .iter_first()
        .filter(|(name, _)| !name.starts_with("Signature") && !FRESH.contains(name))
        .collect();
    compared.sort_unstable();
    let mut hasher = DefaultHasher::new();
    compared.hash(&mut hasher);
    hasher.finish()
}
