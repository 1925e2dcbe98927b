//! The emulator under test.

use http::Request;
use swas_emulator::internals::InProcess;
use swas_emulator::{Emulator, EmulatorBuilder, Fixture, SandboxHandle};
use tokio::runtime::{Builder, Runtime};

use crate::{Answer, IMAGES};

/// A running emulator, and the way into it that passes no socket.
#[derive(Debug)]
pub struct Subject {
    runtime: Runtime,
    emulator: Emulator,
    door: InProcess,
}

impl Subject {
    /// Starts an emulator with a sandbox for each key; the same input gets the same answer.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Self {
        let builder = Emulator::builder()
            .fixture(Fixture::from_json("images.json", IMAGES))
            .clock("2026-01-01T00:00:00Z")
            .rng_seed(7)
            .sandboxes_max(20)
            .isolate();
        Self::of(builder)
    }

    /// Starts an emulator with these settings.
    ///
    /// # Panics
    /// When it does not start.
    pub fn of(builder: EmulatorBuilder) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let emulator = runtime.block_on(builder.start()).unwrap();
        let door = InProcess::of(&emulator);
        Self {
            runtime,
            emulator,
            door,
        }
    }

    /// The runtime on which requests are answered.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The way into the emulator.
    pub fn door(&self) -> &InProcess {
        &self.door
    }

    /// A sandbox of the emulator.
    pub fn sandbox(&self, name: &str) -> SandboxHandle {
        self.emulator.sandbox(name)
    }

    /// Asks; `None` when a fault ends the connection.
    pub fn ask(&self, request: Request<Vec<u8>>) -> Option<Answer> {
        self.runtime
            .block_on(self.door.answer(request))
            .map(Answer::of)
    }

    /// Sends a request for the control API, which must be answered by its rules.
    ///
    /// # Panics
    /// When the answer breaks a rule.
    pub fn control(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost");
        let answer = self.ask(request.body(body.into()).unwrap()).unwrap();
        answer.assert_control();
        answer
    }
}
