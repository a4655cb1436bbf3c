//! Driver of the crate `didcomm`: one JSON request a line on standard input, one JSON answer a line on standard output.

use std::io::{self, BufRead, Write};

use didcomm::{
    algorithms::AnonCryptAlg,
    did::{resolvers::ExampleDIDResolver, DIDDoc},
    secrets::{resolvers::ExampleSecretsResolver, Secret},
    FromPrior, Message, PackEncryptedOptions, UnpackOptions,
};
use futures_executor::block_on;
use serde_json::{json, Value};

type Answer = Result<Value, Box<dyn std::error::Error>>;

/// The document in the only shape that the crate parses: all arrays present, and `serviceEndpoint` one object (G-47).
fn adapted(document: &Value) -> Result<DIDDoc, serde_json::Error> {
    let mut document = document.clone();
    for member in ["verificationMethod", "authentication", "keyAgreement", "service"] {
        if document[member].is_null() {
            document[member] = json!([]);
        }
    }
    for service in document["service"].as_array_mut().into_iter().flatten() {
        if let Some(first) = service["serviceEndpoint"].get(0).cloned() {
            service["serviceEndpoint"] = first;
        }
    }
    serde_json::from_value(document)
}

fn resolvers(request: &Value) -> Result<(ExampleDIDResolver, ExampleSecretsResolver), serde_json::Error> {
    let documents = request["documents"].as_array().into_iter().flatten();
    let documents = documents.map(adapted).collect::<Result<Vec<DIDDoc>, _>>()?;
    let secrets = request["secrets"].as_array().into_iter().flatten();
    let secrets = secrets
        .map(|jwk| serde_json::from_value(json!({ "id": jwk["kid"], "type": "JsonWebKey2020", "privateKeyJwk": jwk })))
        .collect::<Result<Vec<Secret>, _>>()?;
    Ok((ExampleDIDResolver::new(documents), ExampleSecretsResolver::new(secrets)))
}

fn pack(request: &Value) -> Answer {
    let (dids, secrets) = resolvers(request)?;
    let mut message: Message = serde_json::from_value(request["message"].clone())?;
    if let Some(prior) = request.get("fromPrior").filter(|prior| !prior.is_null()) {
        let claims: FromPrior = serde_json::from_value(prior["claims"].clone())?;
        message.from_prior = Some(block_on(claims.pack(prior["kid"].as_str(), &dids, &secrets))?.0);
    }
    let wrapping = request["wrapping"].as_str().ok_or("no wrapping")?;
    let sign_by = request["signBy"].as_str();
    if wrapping == "signed" {
        let (packed, _) = block_on(message.pack_signed(sign_by.ok_or("no signBy")?, &dids, &secrets))?;
        return Ok(json!({ "packed": packed }));
    }
    let options = PackEncryptedOptions {
        forward: request["forward"].as_bool().unwrap_or(false),
        protect_sender: wrapping == "anoncrypt(authcrypt)",
        enc_alg_anon: match request["enc"].as_str() {
            Some("A256GCM") => AnonCryptAlg::A256gcmEcdhEsA256kw,
            Some("XC20P") => AnonCryptAlg::Xc20pEcdhEsA256kw,
            _ => AnonCryptAlg::A256cbcHs512EcdhEsA256kw,
        },
        ..PackEncryptedOptions::default()
    };
    let to = request["to"].as_str().ok_or("no recipient")?;
    let from = request["from"].as_str().filter(|_| wrapping.contains("authcrypt"));
    let sign_by = sign_by.filter(|_| wrapping.contains("signed"));
    let (packed, _) = block_on(message.pack_encrypted(to, from, sign_by, &dids, &secrets, &options))?;
    Ok(json!({ "packed": packed }))
}

fn unpack(request: &Value) -> Answer {
    let (dids, secrets) = resolvers(request)?;
    let options = UnpackOptions { expect_decrypt_by_all_keys: false, unwrap_re_wrapping_forward: false };
    let packed = request["packed"].as_str().ok_or("nothing to unpack")?;
    let (message, metadata) = block_on(Message::unpack(packed, &dids, &secrets, &options))?;
    Ok(json!({
        "message": message,
        "metadata": {
            "encrypted": metadata.encrypted,
            "authenticated": metadata.authenticated,
            "senderKid": metadata.encrypted_from_kid,
            "signerKid": metadata.sign_from,
            "prior": metadata.from_prior_issuer_kid,
        },
    }))
}

fn answer(line: &str) -> Answer {
    let request: Value = serde_json::from_str(line)?;
    match request["op"].as_str() {
        Some("hello") => Ok(json!({ "name": "didcomm (crate)", "version": "0.4.1" })),
        Some("pack") => pack(&request),
        Some("unpack") => unpack(&request),
        _ => Err("unknown operation".into()),
    }
}

fn main() -> io::Result<()> {
    let mut output = io::stdout();
    for line in io::stdin().lock().lines() {
        let reply = answer(&line?).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(output, "{reply}")?;
        output.flush()?;
    }
    Ok(())
}
