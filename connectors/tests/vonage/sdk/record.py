"""Records what Vonage's own library signs: pip install vonage-http-client; python record.py > ../../../src/vonage/fixtures/sdk-signatures.json"""

import json
from importlib.metadata import version
from urllib.parse import urlencode

from vonage_http_client.auth import Auth

SECRET = "a-signature-secret-of-32-letters"
NOW = 1790000000
TEXT = {
    "msisdn": "447700900001", "to": "447700900000", "messageId": "0A0000000123ABCD1", "text": "caf\u00e9 & tea = \U0001f44b 100%+",
    "type": "unicode", "keyword": "CAFE", "message-timestamp": "2026-09-21 14:13:20", "timestamp": str(NOW), "nonce": "8b1c",
}


def case(name, method, body_of=urlencode, tamper=None, valid=True, insist=True, upper=False):
    auth = Auth(api_key="abcd1234", signature_secret=SECRET, signature_method=method)
    params = dict(TEXT)
    sig = auth.sign_params(dict(params))
    params["sig"] = sig.upper() if upper else sig
    params.update(tamper or {})
    return {"name": name, "secret": SECRET, "method": method if insist else None, "now": NOW, "body": body_of(params), "valid": valid}


CASES = [
    *[case(f"form by {m}", m) for m in ("md5", "sha1", "sha256", "sha512")],
    case("JSON by sha256", "sha256", body_of=json.dumps),
    case("told by its length", "sha512", insist=False),
    case("capital letters", "sha1", upper=True),
    case("another text", "sha256", tamper={"text": "x"}, valid=False),
    case("one parameter more", "sha256", tamper={"x": "1"}, valid=False),
    case("another time", "sha256", tamper={"timestamp": str(NOW + 1)}, valid=False),
]
print(json.dumps({"package": "vonage-http-client (PyPI)", "version": version("vonage-http-client"), "cases": CASES}, indent=2))
