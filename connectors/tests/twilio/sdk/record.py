"""Records what Twilio's own library signs: pip install twilio; python record.py > ../../../src/twilio/fixtures/sdk-signatures.json"""

import hashlib
import json
from importlib.metadata import version
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator

SECRET = "12345678901234567890123456789012"
URL = "https://hub.example.com/webhooks/twilio/account-1"
TEXT = "ToCountry=US&SmsMessageSid=SM1&NumMedia=0&ToCity=&FromZip=&Body=caf%C3%A9+%F0%9F%91%8B+%26+a%3Db+100%25&FromCountry=US&To=%2B15551230000&From=%2B15557654321&ApiVersion=2010-04-01"


class Values(dict):
    """Repeated fields, as web frameworks hand them over."""

    def getlist(self, name):
        return self[name]


def case(name, url, body, settings=None, algorithm=None, signed_body=None, valid=True):
    fields = Values(parse_qs(body if signed_body is None else signed_body, keep_blank_values=True))
    signature = RequestValidator(SECRET).compute_signature(url, fields, algorithm)
    return {"name": name, "secret": SECRET, "url": url, "body": body, "signature": signature, "settings": settings, "valid": valid}


def json_case(name, body, told, valid):
    url = f"{URL}?bodySHA256={told}"
    signature = RequestValidator(SECRET).compute_signature(url, {})
    return {"name": name, "secret": SECRET, "url": url, "body": body, "signature": signature, "settings": None, "valid": valid}


BODY = '{"hello":"w\\u00f6rld"}'
SHARED_KEY = "key=webhooks_sharedkey_1,algorithm="
CASES = [
    case("text with empty fields and an emoji", URL, TEXT),
    case("query in the URL", URL + "?a=1&b=%20x", TEXT),
    case("repeated field", URL, "A=2&A=1&A=2&AB=0&B="),
    case("shared key with SHA-256", URL, TEXT, SHARED_KEY + "HMAC_SHA256", "HMAC_SHA256"),
    case("shared key with SHA-1", URL, TEXT, SHARED_KEY + "HMAC_SHA1", "HMAC_SHA1"),
    case("SHA-256 without saying so", URL, TEXT, None, "HMAC_SHA256", valid=False),
    case("one field more than was signed", URL, TEXT + "&X=1", signed_body=TEXT, valid=False),
    case("one field less than was signed", URL, TEXT, signed_body=TEXT + "&X=1", valid=False),
    json_case("JSON with its hash", BODY, hashlib.sha256(BODY.encode()).hexdigest(), True),
    json_case("JSON with another's hash", BODY, hashlib.sha256(b"{}").hexdigest(), False),
]
print(json.dumps({"package": "twilio (PyPI)", "version": version("twilio"), "cases": CASES}, indent=2))
