#!/usr/bin/env python3
"""Tells whether a bundle of evidence is what Sightline signed. It shares no code with Sightline.
  python3 verify_bundle.py FILE.zip [FINGERPRINT]
Needs Python 3.9 or later and `cryptography` (pip install cryptography). See docs/evidence.md."""
import base64, hashlib, io, os, re, sys, zipfile
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAME = r"(?=.{1,240}$)[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+"
TAGS = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "public-key.pem", "timestamp.tsr"]
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SEAL = "Ed25519 signature of tagmanifest-sha256.txt\nkey: {}\nsignature: {}\n"
# How a time stamp (RFC 3161) says which SHA-256 it stamps: the algorithm, with or without its empty parameter, and 32 bytes.
IMPRINTS = [bytes.fromhex("0609608648016503040201" + empty + "0420") for empty in ("", "0500")]
sha256 = lambda data: hashlib.sha256(data).hexdigest()
def demand(holds, what):
    if not holds: sys.exit(f"DOES NOT VERIFY: {what}")

def verify(path, wanted=None):
    demand(os.path.getsize(path) <= 1 << 30, "larger than any bundle")
    data, anew = open(path, "rb").read(), io.BytesIO()
    bag = zipfile.ZipFile(io.BytesIO(data))
    members, names = bag.infolist(), bag.namelist()
    demand(0 < len(names) <= 20000 and len(set(names)) == len(names), "none, too many or the same files")
    demand(all(re.fullmatch(NAME, name) for name in names), "a file has an odd name")
    demand(all(m.compress_type == 0 for m in members) and sum(m.file_size for m in members) <= len(data), "it grows when it is read")
    # The zip file has one form only: written anew from names and contents, it is the same to the last bit.
    with zipfile.ZipFile(anew, "w") as copy:
        for member in map(zipfile.ZipInfo, names):
            member.create_system, member.external_attr = 3, 0o600 << 16
            copy.writestr(member, bag.read(member.filename))
    demand(anew.getvalue() == data, "the zip file has bits that do not belong in it")
    folder = names[0].split("/")[0] + "/"
    payload = [name for name in names if name.startswith(folder + "data/")]
    tags = [folder + tag for tag in TAGS if tag != TAGS[4] or folder + tag in names]
    seal = [folder + "tagmanifest-sha256.txt", folder + "signature.txt"]
    demand(names == payload + tags + seal, "a file is missing, added or moved")
    lines = lambda files: "".join(f"{sha256(bag.read(n))}  {n[len(folder):]}\n" for n in files).encode()
    demand(bag.read(tags[2]) == lines(payload), "a file of the payload is not what the manifest says")
    demand(bag.read(seal[0]) == lines(tags), "a tag file is not what its manifest says")
    # A time stamp names the manifest's digest; OpenSSL tells whether the authority has signed it (docs/evidence.md).
    digest = hashlib.sha256(bag.read(tags[2])).digest()
    demand(all(any(i + digest in bag.read(tag) for i in IMPRINTS) for tag in tags[4:]), "a stamp of something else")
    info = bag.read(tags[1]).decode().splitlines()
    demand(bag.read(tags[0]) == BAGIT and all(":" in line for line in info), "not as Sightline writes bagit.txt or bag-info.txt")
    demand(f"Internal-Sender-Identifier: {folder[:-1]}" in info, "the folder has another name than was signed")
    parts = bag.read(seal[1]).decode().splitlines()[1:3]
    key, signature = (base64.b64decode(line.split(": ")[1]) for line in parts)
    sealed = SEAL.format(*(base64.b64encode(part).decode() for part in (key, signature))).encode()
    demand(bag.read(seal[1]) == sealed, "signature.txt is not as Sightline writes it")
    public = Ed25519PublicKey.from_public_bytes(key)
    public.verify(signature, bag.read(seal[0]))
    pem, der = (public.public_bytes(form, PublicFormat.SubjectPublicKeyInfo) for form in (Encoding.PEM, Encoding.DER))
    demand(bag.read(tags[3]) == pem, "public-key.pem is not the key that signed")
    demand(wanted is None or re.sub(r"[\s:]", "", wanted).lower() == sha256(der), f"it was signed by another key, {sha256(der)}")
    return f"verified: {len(payload)} files, not a bit changed, signed by the key {sha256(der)}"

if __name__ == "__main__":
    try: print(verify(*sys.argv[1:3]))
    except Exception as error: sys.exit(f"DOES NOT VERIFY: {type(error).__name__} {error}")
