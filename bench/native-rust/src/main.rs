//! didcomm-rust compiled natively, answering the bench line by line, so that it is sampled in turn with the others.
//!
//! One JSON object a line on standard input, one on standard output. `prepare` takes a case with its parties and answers with a packed
//! message; `run` repeats one operation and answers with nanoseconds of wall clock and of CPU. It knows nothing of how samples become medians.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use async_trait::async_trait;
use didcomm::algorithms::AnonCryptAlg;
use didcomm::did::{DIDDoc, DIDResolver};
use didcomm::error::Result as DidcommResult;
use didcomm::protocols::routing::wrap_in_forward;
use didcomm::secrets::{Secret, SecretsResolver};
use didcomm::{AttachmentData, Message, PackEncryptedOptions, UnpackOptions};
use futures::executor::block_on;
use serde::Deserialize;
use serde_json::{json, Value};

struct Documents(HashMap<String, DIDDoc>);

#[async_trait(?Send)]
impl DIDResolver for Documents {
    async fn resolve(&self, did: &str) -> DidcommResult<Option<DIDDoc>> {
        Ok(self.0.get(did).cloned())
    }
}

struct Secrets(HashMap<String, Secret>);

#[async_trait(?Send)]
impl SecretsResolver for Secrets {
    async fn get_secret(&self, id: &str) -> DidcommResult<Option<Secret>> {
        Ok(self.0.get(id).cloned())
    }

    async fn find_secrets<'a>(&self, ids: &'a [&'a str]) -> DidcommResult<Vec<&'a str>> {
        Ok(ids.iter().copied().filter(|id| self.0.contains_key(*id)).collect())
    }
}

/// What is to be measured, as `adapters/native-rust.mjs` writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prepare {
    mode: String,
    auth: bool,
    sign: bool,
    protect_sender: bool,
    enc: Option<AnonCryptAlg>,
    from: String,
    to: String,
    routing_keys: Vec<String>,
    documents: Vec<DIDDoc>,
    sender_secrets: Vec<Secret>,
    opener_secrets: Vec<Secret>,
    message: Option<Message>,
    envelope: Option<String>,
}

struct Case {
    prepare: Prepare,
    documents: Documents,
    sender: Secrets,
    opener: Secrets,
    options: PackEncryptedOptions,
    packed: String,
}

fn by_id(secrets: &[Secret]) -> Secrets {
    Secrets(secrets.iter().map(|s| (s.id.clone(), s.clone())).collect())
}

impl Case {
    fn new(prepare: Prepare) -> Result<Case, String> {
        let documents = Documents(prepare.documents.iter().map(|d| (d.id.clone(), d.clone())).collect());
        let mut options = PackEncryptedOptions { forward: false, protect_sender: prepare.protect_sender, ..Default::default() };
        if let Some(enc) = &prepare.enc {
            options.enc_alg_anon = enc.clone();
        }
        let (sender, opener) = (by_id(&prepare.sender_secrets), by_id(&prepare.opener_secrets));
        let mut case = Case { prepare, documents, sender, opener, options, packed: String::new() };
        case.packed = case.pack()?;
        Ok(case)
    }

    fn pack(&self) -> Result<String, String> {
        let p = &self.prepare;
        if p.mode == "forward" {
            let envelope = p.envelope.as_deref().ok_or("a forward wraps an envelope")?;
            let packing = wrap_in_forward(envelope, None, &p.to, &p.routing_keys, &self.options.enc_alg_anon, &self.documents);
            return block_on(packing).map_err(|e| e.to_string());
        }
        let message = p.message.as_ref().ok_or("there is no message to pack")?;
        let from = p.auth.then_some(p.from.as_str());
        if p.mode == "signed" {
            return block_on(message.pack_signed(&p.from, &self.documents, &self.sender)).map(|r| r.0).map_err(|e| e.to_string());
        }
        let sign_by = p.sign.then_some(p.from.as_str());
        block_on(message.pack_encrypted(&p.to, from, sign_by, &self.documents, &self.sender, &self.options)).map(|r| r.0).map_err(|e| e.to_string())
    }

    fn unpack(&self) -> Result<Message, String> {
        let options = UnpackOptions { expect_decrypt_by_all_keys: false, unwrap_re_wrapping_forward: false };
        block_on(Message::unpack(&self.packed, &self.documents, &self.opener, &options)).map(|r| r.0).map_err(|e| e.to_string())
    }

    /// What a mediator sends on: the attached message, for `mode` forward.
    fn unpack_all(&self) -> Result<(Message, Option<Value>), String> {
        let mut message = self.unpack()?;
        if self.prepare.mode != "forward" {
            return Ok((message, None));
        }
        match message.attachments.take().and_then(|all| all.into_iter().next()).map(|first| first.data) {
            Some(AttachmentData::Json { value }) => Ok((message, Some(value.json))),
            _ => Err("the forward carries no JSON".into()),
        }
    }

    fn run(&self, operation: &str, times: u64) -> Result<(), String> {
        for _ in 0..times {
            if operation == "pack" {
                black_box(self.pack()?);
            } else {
                black_box(self.unpack_all()?);
            }
        }
        Ok(())
    }
}

/// CPU time of this process in nanoseconds.
fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec on the stack, which the call fills.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn answer(case: &mut Option<Case>, line: &str) -> Result<Value, String> {
    let mut request: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    match request["do"].as_str() {
        Some("prepare") => {
            let prepare = serde_json::from_value(request["case"].take()).map_err(|e| e.to_string())?;
            let made = Case::new(prepare)?;
            let (message, attached) = made.unpack_all()?;
            let packed = made.packed.clone();
            *case = Some(made);
            Ok(json!({ "packed": packed, "message": message, "attached": attached }))
        }
        Some("run") => {
            let case = case.as_ref().ok_or("nothing is prepared")?;
            let operation = request["operation"].as_str().unwrap_or_default();
            let times = request["times"].as_u64().unwrap_or(1);
            let (start, cpu) = (Instant::now(), cpu_ns());
            case.run(operation, times)?;
            Ok(json!({ "ns": start.elapsed().as_nanos() as u64, "cpuNs": cpu_ns() - cpu }))
        }
        _ => Err("expected `do` to be prepare or run".into()),
    }
}

fn main() {
    let mut case = None;
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let reply = answer(&mut case, &line).unwrap_or_else(|error| json!({ "error": error }));
        println!("{reply}");
        io::stdout().flush().expect("standard output is open");
    }
}
