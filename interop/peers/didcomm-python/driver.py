"""Driver of SICPA's didcomm for Python."""

import asyncio
import os
import sys
from importlib.metadata import version

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from didcomm.common.algorithms import AnonCryptAlg
from didcomm.common.resolvers import ResolversConfig
from didcomm.did_doc.did_doc import DIDDoc
from didcomm.did_doc.did_resolver_in_memory import DIDResolverInMemory
from didcomm.pack_encrypted import PackEncryptedConfig, PackEncryptedParameters, pack_encrypted
from didcomm.pack_signed import PackSignedParameters, pack_signed
from didcomm.secrets.secrets_resolver_in_memory import SecretsResolverInMemory
from didcomm.secrets.secrets_util import jwk_to_secret
from didcomm.unpack import UnpackConfig, unpack
from line_json import serve

ANON_ALGORITHMS = {
    "A256CBC-HS512": AnonCryptAlg.A256CBC_HS512_ECDH_ES_A256KW,
    "A256GCM": AnonCryptAlg.A256GCM_ECDH_ES_A256KW,
    "XC20P": AnonCryptAlg.XC20P_ECDH_ES_A256KW,
}


def adapted(document):
    """The document with services as this library reads them: the form of DIDComm v1, with `accept` and `routingKeys` beside the URI."""

    def flat(service):
        endpoint = service["serviceEndpoint"]
        endpoint = endpoint[0] if isinstance(endpoint, list) else endpoint
        return {
            "id": service["id"],
            "type": service["type"],
            "serviceEndpoint": endpoint["uri"],
            "accept": endpoint.get("accept", []),
            "routingKeys": endpoint.get("routingKeys", []),
            "recipientKeys": [],
        }

    return {**document, "service": [flat(service) for service in document.get("service", [])]}


def resolvers(request):
    return ResolversConfig(
        did_resolver=DIDResolverInMemory([DIDDoc.deserialize(adapted(document)) for document in request["documents"]]),
        secrets_resolver=SecretsResolverInMemory([jwk_to_secret(jwk) for jwk in request["secrets"]]),
    )


def do_pack(request):
    config = resolvers(request)
    message = request["message"]
    prior = request.get("fromPrior")
    if prior:
        message["from_prior"] = prior["claims"]
    issuer_kid = prior["kid"] if prior else None
    wrapping = request["wrapping"]
    if wrapping == "signed":
        packing = pack_signed(config, message, request["signBy"], PackSignedParameters(from_prior_issuer_kid=issuer_kid))
    else:
        packing = pack_encrypted(
            config,
            message,
            request["to"],
            request["from"] if "authcrypt" in wrapping else None,
            request["signBy"] if "signed" in wrapping else None,
            PackEncryptedConfig(
                enc_alg_anon=ANON_ALGORITHMS[request.get("enc") or "A256CBC-HS512"],
                protect_sender_id=wrapping == "anoncrypt(authcrypt)",
                forward=bool(request.get("forward")),
            ),
            PackEncryptedParameters(from_prior_issuer_kid=issuer_kid),
        )
    return {"packed": asyncio.run(packing).packed_msg}


def do_unpack(request):
    result = asyncio.run(unpack(resolvers(request), request["packed"], UnpackConfig(unwrap_re_wrapping_forward=False)))
    metadata = result.metadata
    return {
        "message": result.message.as_dict(),
        "metadata": {
            "encrypted": metadata.encrypted,
            "authenticated": metadata.authenticated,
            "senderKid": metadata.encrypted_from,
            "signerKid": metadata.sign_from,
            "prior": metadata.from_prior_issuer_kid,
        },
    }


def hello(_request):
    return {"name": "didcomm (Python)", "version": f"{version('didcomm')} with Authlib {version('authlib')}"}


serve({"hello": hello, "pack": do_pack, "unpack": do_unpack})
