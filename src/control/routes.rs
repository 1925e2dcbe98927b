//! The table of the control API's routes: everything about each of them, once.

use crate::control::parameters::{
    CHECKPOINT, FAULT_ID, IMAGE_ID, PAGE_NUMBER, PAGE_SIZE, REQUEST_ID, REQUESTS, SANDBOX,
    SANDBOX_ID, TO,
};
use crate::control::route::{Handler, Method, Route, delete, get, patch, post, put};
use crate::control::{clock, faults, generate, health, images, requests, sandboxes, states};

/// Everything under `/_emulator/`.
///
/// The router and the OpenAPI document are made from it. The routes of one path stand together.
pub static ROUTES: [Route; 37] = [
    get("/_emulator/health", health::health)
        .named("emulator", "health")
        .about(
            "Returns the version, the uptime, the lines that the log has lost, and the number of \
             images in a sandbox.",
        )
        .ok("Health", "It is ready."),
    Route::new(Method::Get, "/_emulator/openapi.json", Handler::OpenApi)
        .named("emulator", "openapi")
        .about("Returns the OpenAPI document of the control API of this emulator.")
        .query(&[])
        .ok("OpenApi", "This document."),
    get("/_emulator/sandboxes", sandboxes::list_sandboxes)
        .named("sandboxes", "listSandboxes")
        .about(
            "Lists the sandboxes: `default` first, then the others by name. Listing uses no \
             sandbox, so no `expiresAt` moves.",
        )
        .query(&[])
        .ok("SandboxList", "The sandboxes."),
    post("/_emulator/sandboxes", sandboxes::create_sandbox)
        .named("sandboxes", "createSandbox")
        .about(
            "Creates a sandbox with a seed of its own: a fixture in the body, a loaded fixture by \
             its name, or, without either, the common seed. Without `accessKeyId` it gets a new \
             name. Needs `--isolate`.",
        )
        .query(&[])
        .may_take("NewSandbox")
        .created(
            "CreatedSandbox",
            "It is created. `accessKeySecret` may be anything, since signatures are not checked; \
             `endpoint` is the scheme and host that the caller used.",
        )
        .errors(&[
            "InvalidName",
            "InvalidImages",
            "UnknownFixture",
            "NotIsolated",
            "SandboxExists",
            "UnreadableFixture",
            "InternalError",
        ]),
    delete("/_emulator/sandboxes/{id}", sandboxes::end_sandbox)
        .named("sandboxes", "endSandbox")
        .about(
            "Removes a sandbox and everything in it. The next request that names it creates a new \
             one from the seed. `default` cannot be removed.",
        )
        .at(SANDBOX_ID)
        .query(&[])
        .ok("Deleted", "It is deleted.")
        .errors(&["InvalidName", "UnknownSandbox", "ReservedName"]),
    get("/_emulator/images", images::list_images)
        .named("images", "listImages")
        .about(
            "Lists the images of every region as a fixture has them, sorted by `ImageId`. It does \
             not count as a listing for timelines.",
        )
        .query(&[SANDBOX, PAGE_NUMBER, PAGE_SIZE])
        .ok("ImagePage", "One page of the images; none past the end."),
    put("/_emulator/images", images::put_images)
        .named("images", "putImages")
        .about(
            "Adds images. An image replaces the one with the same `ImageId`. All or nothing: if \
             one image breaks a rule, none is stored.",
        )
        .takes("Fixture")
        .ok("Put", "All are stored.")
        .errors(&["InvalidImages"]),
    delete("/_emulator/images", images::delete_images)
        .named("images", "deleteImages")
        .about("Deletes every image of the sandbox. Its seed and its checkpoints stay.")
        .ok("Deleted", "They are deleted."),
    get("/_emulator/images/{ImageId}", images::read_image)
        .named("images", "readImage")
        .about("Returns one image as a fixture has it, with what is left of its timeline.")
        .at(IMAGE_ID)
        .ok("Image", "The image.")
        .errors(&["UnknownImage"]),
    put("/_emulator/images/{ImageId}", images::put_image)
        .named("images", "putImage")
        .about("Stores one image. Its `ImageId` must be the one in the path.")
        .at(IMAGE_ID)
        .takes("NewImage")
        .ok("Image", "It replaced the image with its id.")
        .created("Image", "It is new.")
        .errors(&["InvalidImages"]),
    patch("/_emulator/images/{ImageId}", images::patch_image)
        .named("images", "patchImage")
        .about(
            "Changes one image by a JSON merge patch (RFC 7396): `null` removes a field, anything \
             else replaces it, lists included. The changed image must keep every rule of a \
             fixture, and its `ImageId`.",
        )
        .at(IMAGE_ID)
        .takes("ImagePatch")
        .ok("Image", "The image as it is now.")
        .errors(&["InvalidImages", "UnknownImage"]),
    delete("/_emulator/images/{ImageId}", images::delete_image)
        .named("images", "deleteImage")
        .about("Deletes one image.")
        .at(IMAGE_ID)
        .ok("Deleted", "It is deleted.")
        .errors(&["UnknownImage"]),
    post("/_emulator/reset", states::reset)
        .named("states", "reset")
        .about(
            "Goes back to the seed, to no images, or to a checkpoint. Timelines start again. \
             Clock, random numbers and checkpoints stay as they are.",
        )
        .query(&[SANDBOX, TO])
        .ok("Reset", "It is done.")
        .errors(&["UnknownCheckpoint", "UnreadableFixture"]),
    get("/_emulator/checkpoints", states::list_checkpoints)
        .named("states", "listCheckpoints")
        .about("Lists the checkpoints by name, without `seed` and `empty`, which always exist.")
        .ok("CheckpointList", "The checkpoints."),
    post("/_emulator/checkpoints/{name}", states::take_checkpoint)
        .named("states", "takeCheckpoint")
        .about(
            "Keeps the present images under a name and replaces what was kept under it before. Of \
             a timeline, what is left is kept. A sandbox has at most 100 checkpoints.",
        )
        .at(CHECKPOINT)
        .created("CheckpointName", "It is kept.")
        .errors(&["ReservedName", "TooManyCheckpoints"]),
    get("/_emulator/checkpoints/{name}", states::read_checkpoint)
        .named("states", "readCheckpoint")
        .about("Returns the images of a checkpoint as a fixture. `seed` and `empty` are names too.")
        .at(CHECKPOINT)
        .ok("Export", "The images.")
        .errors(&["UnknownCheckpoint", "UnreadableFixture"]),
    delete("/_emulator/checkpoints/{name}", states::delete_checkpoint)
        .named("states", "deleteCheckpoint")
        .about("Deletes a checkpoint. `seed` and `empty` cannot be deleted.")
        .at(CHECKPOINT)
        .ok("Deleted", "It is deleted.")
        .errors(&["UnknownCheckpoint", "ReservedName"]),
    get("/_emulator/export", states::export)
        .named("states", "export")
        .about(
            "Writes every image as a fixture, sorted by `ImageId`, one field a line, so that it \
             is easy to compare. Imported into an empty sandbox and exported again, it is the \
             same, byte for byte.",
        )
        .ok("Export", "The fixture."),
    get("/_emulator/clock", clock::read_clock)
        .named("clock", "readClock")
        .about("Returns the sandbox's time and how its clock runs.")
        .ok("Clock", "The clock."),
    put("/_emulator/clock", clock::change_clock)
        .named("clock", "changeClock")
        .about(
            "Stops the clock at a moment, lets it run with an offset to the system's, or moves it \
             forwards. It stays within the years 0000 to 9999.",
        )
        .takes("ClockChange")
        .ok("Clock", "The clock as it is now.")
        .errors(&["ClockOutOfRange"]),
    delete("/_emulator/clock", clock::reset_clock)
        .named("clock", "resetClock")
        .about("Lets the clock run as it did when the emulator started.")
        .ok("Clock", "The clock as it is now."),
    post("/_emulator/generate", generate::generate)
        .named("images", "generate")
        .about(
            "Adds plausible images of every status. The same count, `rngSeed` and regions give \
             the same images in every run, on every machine; `swas-emulator generate-fixture` \
             writes the same.",
        )
        .takes("GenerateWish")
        .ok(
            "Generated",
            "They are stored. `rngSeed` is the given one, or the one that was drawn.",
        ),
    put("/_emulator/faults", faults::replace_faults)
        .named("faults", "replaceFaults")
        .about("Replaces all rules with these; all or nothing.")
        .takes("FaultRules")
        .ok("FaultList", "The rules.")
        .errors(&["InvalidFault", "FaultExists", "TooManyFaults"]),
    post("/_emulator/faults", faults::add_fault)
        .named("faults", "addFault")
        .about("Adds a rule after the others.")
        .takes("FaultRule")
        .created("FaultId", "The rule's id.")
        .errors(&["InvalidFault", "FaultExists", "TooManyFaults"]),
    get("/_emulator/faults", faults::list_faults)
        .named("faults", "listFaults")
        .about("Lists the rules, with how often each one struck and how often it still will.")
        .ok("FaultList", "The rules."),
    delete("/_emulator/faults", faults::delete_faults)
        .named("faults", "deleteFaults")
        .about("Deletes every rule, and forgets how often magic keys struck.")
        .ok("Deleted", "The number of those deleted."),
    delete("/_emulator/faults/{id}", faults::delete_fault)
        .named("faults", "deleteFault")
        .about("Deletes one rule.")
        .at(FAULT_ID)
        .ok("Deleted", "It is deleted.")
        .errors(&["UnknownFault"]),
    get("/_emulator/requests", requests::list_requests)
        .named("journal", "listRequests")
        .about("Lists the requests that arrived, oldest first, a page at a time.")
        .query(REQUESTS)
        .ok("RequestPage", "The page."),
    delete("/_emulator/requests", requests::delete_requests)
        .named("journal", "deleteRequests")
        .about("Deletes every recorded request.")
        .ok("Deleted", "The number of those deleted."),
    post("/_emulator/requests/count", requests::count_requests)
        .named("journal", "countRequests")
        .about("Counts the recorded requests that match the body; without one, all.")
        .may_take("RequestMatch")
        .ok("Count", "The count."),
    get("/_emulator/requests/{requestId}", requests::read_request)
        .named("journal", "readRequest")
        .about("Returns one recorded request.")
        .at(REQUEST_ID)
        .ok("RecordedRequest", "The request.")
        .errors(&["UnknownRequest"]),
    get(
        "/_emulator/requests/{requestId}/explain",
        requests::explain_request,
    )
    .named("explain", "explainRequest")
    .about(
        "Explains why a recorded request gets the images that it gets, with the images as \
             they are now.",
    )
    .at(REQUEST_ID)
    .ok_or_text("Explanation", "The explanation.")
    .errors(&["UnknownRequest", "NoExplanation"]),
    post("/_emulator/verify", requests::verify)
        .named("journal", "verifyRequests")
        .about(
            "Compares expectations with the recorded requests. The first one that is not met \
             gives 409 with a message like that of an assertion.",
        )
        .takes("Verification")
        .ok_or_text("Met", "All are met.")
        .errors(&["NotVerified"]),
    get("/_emulator/parameters", requests::list_parameters)
        .named("journal", "listParameters")
        .about(
            "Counts, by action and client, the requests in which each parameter was served, \
             ignored or refused.",
        )
        .ok("ParameterUses", "The counts."),
    get("/_emulator/retries", requests::list_retries)
        .named("journal", "listRetries")
        .about(
            "Groups requests that differ only in nonce, timestamp and signature, each sent after \
             a failed one.",
        )
        .ok("RetryGroups", "The groups."),
    get("/_emulator/explain", requests::explain_query)
        .named("explain", "explainQuery")
        .about(
            "Explains how each parameter is read, how many images each filter leaves, and which \
             images nearly match.",
        )
        .any_query(
            "The query of a request of the vendor's API; `sandbox` beside it names the sandbox.",
        )
        .ok_or_text("Explanation", "The explanation.")
        .errors(&["NoExplanation"]),
    Route::new(Method::Get, "/_emulator/requests/stream", Handler::Stream)
        .named("journal", "streamRequests")
        .about(
            "Server-sent events named `request`, each with a recorded request. There are at most \
             32 listeners; one that does not read fast enough loses its connection. The sandbox \
             must exist.",
        )
        .ok_events("The stream.")
        .errors(&["UnknownSandbox", "TooManyListeners"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_routes_of_a_path_stand_together() {
        // The server builds one router for each run of equal paths; two runs would clash.
        let mut seen = BTreeSet::new();
        let mut last = "";
        for route in &ROUTES {
            assert!(
                route.path == last || seen.insert(route.path),
                "{} stands apart",
                route.path
            );
            last = route.path;
        }
    }
}
