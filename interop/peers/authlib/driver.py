"""Driver of Authlib, which knows JOSE and not DIDComm: the headers of DIDComm's envelopes are built here, the cryptography is Authlib's."""

import hashlib
import json
import os
import sys
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from authlib.common.encoding import to_bytes, to_unicode, urlsafe_b64decode, urlsafe_b64encode
from authlib.jose import JsonWebEncryption, JsonWebKey, JsonWebSignature
from authlib.jose.drafts import register_jwe_draft
from line_json import serve

register_jwe_draft(JsonWebEncryption)
JWE_ALGORITHMS = ["ECDH-ES+A256KW", "ECDH-1PU+A256KW", "A256CBC-HS512", "A256GCM", "XC20P"]
SIGNATURE_ALGORITHMS = {"Ed25519": "EdDSA", "P-256": "ES256", "secp256k1": "ES256K"}


def b64(data):
    return to_unicode(urlsafe_b64encode(to_bytes(data)))


def b64_json(text):
    return json.loads(urlsafe_b64decode(to_bytes(text)))


def method(request, kid, relationship):
    """The public JWK of a key that the DID's document lists in the relationship."""
    document = next(d for d in request["documents"] if d["id"] == kid.split("#")[0])
    if kid not in document[relationship]:
        raise ValueError(f"{kid} is not in {relationship}")
    return next(m["publicKeyJwk"] for m in document["verificationMethod"] if m["id"] == kid)


def secret(request, kid):
    return next((jwk for jwk in request["secrets"] if jwk["kid"] == kid), None)


def recipients(request, curve):
    did, _, fragment = request["to"].partition("#")
    document = next(d for d in request["documents"] if d["id"] == did)
    kids = [request["to"]] if fragment else document["keyAgreement"]
    keys = [(kid, method(request, kid, "keyAgreement")) for kid in kids]
    curve = curve or keys[0][1]["crv"]
    return [(kid, jwk) for kid, jwk in keys if jwk["crv"] == curve]


def sender_kid(request):
    """The key the sender was named by, or its first whose private half is held."""
    if "#" in request["from"]:
        return request["from"]
    document = next(d for d in request["documents"] if d["id"] == request["from"])
    return next(kid for kid in document["keyAgreement"] if secret(request, kid))


def encrypt(request, payload, authenticated, enc):
    sender = secret(request, sender_kid(request)) if authenticated else None
    keys = recipients(request, sender["crv"] if sender else None)
    protected = {
        "typ": "application/didcomm-encrypted+json",
        "alg": "ECDH-1PU+A256KW" if sender else "ECDH-ES+A256KW",
        "enc": enc,
        "apv": b64(hashlib.sha256(".".join(sorted(kid for kid, _ in keys)).encode()).digest()),
    }
    if sender:
        protected["skid"] = sender["kid"]
        protected["apu"] = b64(sender["kid"])
    header = {"protected": protected, "recipients": [{"header": {"kid": kid}} for kid, _ in keys]}
    jwe = JsonWebEncryption(algorithms=JWE_ALGORITHMS)
    public = [JsonWebKey.import_key(jwk) for _, jwk in keys]
    return jwe.serialize_json(header, payload, public, JsonWebKey.import_key(sender) if sender else None)


def decrypt(request, envelope, metadata):
    protected = b64_json(envelope["protected"])
    metadata["encrypted"] = True
    kids = [recipient["header"]["kid"] for recipient in envelope["recipients"]]
    if protected["apv"] != b64(hashlib.sha256(".".join(sorted(kids)).encode()).digest()):
        raise ValueError("apv is not the hash of the kids")
    sender = None
    if protected["alg"] == "ECDH-1PU+A256KW":
        kid = to_unicode(urlsafe_b64decode(to_bytes(protected["apu"])))
        if protected.get("skid", kid) != kid:
            raise ValueError("skid is not apu")
        metadata["authenticated"] = True
        metadata["senderKid"] = kid
        sender = JsonWebKey.import_key(method(request, kid, "keyAgreement"))
    payload = None
    jwe = JsonWebEncryption(algorithms=JWE_ALGORITHMS)
    # Every key that is held must open it: one that cannot would go unnoticed otherwise.
    for kid in kids:
        jwk = secret(request, kid)
        if jwk:
            payload = jwe.deserialize_json(envelope, (kid, JsonWebKey.import_key(jwk)), sender_key=sender)["payload"]
    if payload is None:
        raise ValueError("no recipient's key is held")
    return json.loads(payload)


def sign(request, payload):
    jwk = secret(request, request["signBy"])
    protected = {"typ": "application/didcomm-signed+json", "alg": SIGNATURE_ALGORITHMS[jwk["crv"]]}
    jws = JsonWebSignature(algorithms=list(SIGNATURE_ALGORITHMS.values()))
    return jws.serialize_json([{"protected": protected, "header": {"kid": jwk["kid"]}}], payload, JsonWebKey.import_key(jwk))


def verify(request, envelope, metadata):
    signature = envelope["signatures"][0]
    kid = signature.get("header", {}).get("kid") or b64_json(signature["protected"])["kid"]
    jwk = method(request, kid, "authentication")
    jws = JsonWebSignature(algorithms=[SIGNATURE_ALGORITHMS[jwk["crv"]]])
    payload = jws.deserialize_json(envelope, JsonWebKey.import_key(jwk))["payload"]
    metadata["signerKid"] = kid
    return json.loads(payload)


def pack(request):
    if request["forward"]:
        raise NotImplementedError("Authlib is JOSE alone: it knows no forward")
    message = request["message"]
    prior = request.get("fromPrior")
    if prior:
        jwk = secret(request, prior["kid"])
        header = {"typ": "JWT", "alg": SIGNATURE_ALGORITHMS[jwk["crv"]], "kid": jwk["kid"]}
        jws = JsonWebSignature(algorithms=[header["alg"]])
        message["from_prior"] = to_unicode(jws.serialize_compact(header, json.dumps(prior["claims"]), JsonWebKey.import_key(jwk)))
    wrapping = request["wrapping"]
    enc = request.get("enc") or "A256CBC-HS512"
    packed = json.dumps(message)
    if "signed" in wrapping:
        packed = json.dumps(sign(request, packed))
    if "authcrypt" in wrapping:
        packed = json.dumps(encrypt(request, packed, True, "A256CBC-HS512"))
    if "anoncrypt" in wrapping:
        packed = json.dumps(encrypt(request, packed, False, enc))
    return {"packed": packed}


def unpack(request):
    metadata = {"encrypted": False, "authenticated": False, "senderKid": None, "signerKid": None, "prior": None}
    opened = json.loads(request["packed"])
    while "ciphertext" in opened:
        opened = decrypt(request, opened, metadata)
    if "payload" in opened:
        opened = verify(request, opened, metadata)
    if "from_prior" in opened:
        kid = b64_json(opened["from_prior"].split(".")[0])["kid"]
        jwk = method(request, kid, "authentication")
        jws = JsonWebSignature(algorithms=[SIGNATURE_ALGORITHMS[jwk["crv"]]])
        jws.deserialize_compact(to_bytes(opened["from_prior"]), JsonWebKey.import_key(jwk))
        metadata["prior"] = kid
    return {"message": opened, "metadata": metadata}


serve({"hello": lambda _request: {"name": "Authlib", "version": version("authlib")}, "pack": pack, "unpack": unpack})
