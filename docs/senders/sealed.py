"""Brings pbi-rotate a new value, encrypted to its key: JWE in Standard Webhooks 1.0.0. Python 3.9, package cryptography.

    PBI_ROTATE_URL=https://…/hooks/…  PBI_ROTATE_KEY=whsec_…
    read-the-value | python3 sealed.py secret=sales-db-password version=7

The value is read from the standard input; a line end after it is not part of it.
"""
import base64, hashlib, hmac, json, os, sys, time, urllib.request, uuid
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

url, key = os.environ["PBI_ROTATE_URL"], os.environ["PBI_ROTATE_KEY"]
given = dict(pair.split("=", 1) for pair in sys.argv[1:])
value = sys.stdin.buffer.read().removesuffix(b"\n").removesuffix(b"\r")
text = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
number = lambda digits: int.from_bytes(base64.urlsafe_b64decode(digits + "=="), "big")

jwk = json.load(urllib.request.urlopen(url, timeout=30))
public = rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key()
head = text(json.dumps({"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": jwk["kid"]}).encode())
content_key, nonce = AESGCM.generate_key(256), os.urandom(12)
wrapped = public.encrypt(content_key, padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
content = AESGCM(content_key).encrypt(nonce, value, head.encode())
sealed = ".".join([head, *map(text, (wrapped, nonce, content[:-16], content[-16:]))])

# A version is any text; every new value needs another one.
data = {"version": str(time.time_ns()), **given, "sealed": sealed}
body = json.dumps({"type": "secret.pushed", "data": data}).encode()
event, at = f"msg_{uuid.uuid4()}", str(int(time.time()))
code = hmac.digest(base64.b64decode(key.removeprefix("whsec_")), f"{event}.{at}.".encode() + body, hashlib.sha256)
signature = "v1," + base64.b64encode(code).decode()
headers = {"webhook-id": event, "webhook-timestamp": at, "webhook-signature": signature}
request = urllib.request.Request(url, body, {**headers, "content-type": "application/json"})
urllib.request.urlopen(request, timeout=30)  # raises when it is not taken; run it again after a 503
