"""Judges bundles of evidence with the libraries of others: bagit, warcio, and docs/verify_bundle.py, which is not ours to
call from Rust. Each line that it prints is a JSON object.

  bundle.py accepts VERIFIER BUNDLE   bagit and warcio read it, and the verifier accepts it
  bundle.py flips VERIFIER BUNDLE     which flipped bytes the verifier does not find
  bundle.py control VERIFIER BUNDLE   the same for verifiers that lack one demand each: they must miss some
  bundle.py tamper BUNDLE FOLDER      writes changed copies, each in the right zip form
  bundle.py reseal VERIFIER BUNDLE FOLDER  writes bundles that somebody else signed, each with something wrong in it
  bundle.py bomb VERIFIER FILE        writes a zip file whose members lie in each other, and how much memory reading it takes
"""

import base64, hashlib, importlib.util, io, json, os, resource, sys, tempfile, zipfile

PATTERNS = (0x01, 0x20, 0x80, 0xFF)


def say(**record):
    print(json.dumps(record))


def load(path, without=None):
    """The verifier; without one of its demands where that is asked for."""
    source = open(path).read()
    if without is not None:
        lines = source.splitlines()
        [at] = [at for at, line in enumerate(lines) if without in line]
        indent = len(lines[at]) - len(lines[at].lstrip())
        lines[at] = " " * indent + "pass"
        source = "\n".join(lines)
    module = {"__name__": "verifier"}
    exec(compile(source, path, "exec"), module)
    return module["verify"]


def is_found(verify, data):
    with tempfile.NamedTemporaryFile(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as file:
        file.write(data)
        file.flush()
        try:
            verify(file.name)
        except (Exception, SystemExit):
            return True
    return False


def missed(verify, data, patterns=PATTERNS):
    found = []
    for at in range(len(data)):
        for pattern in patterns:
            changed = bytearray(data)
            changed[at] ^= pattern
            if not is_found(verify, bytes(changed)):
                found.append(at)
    return sorted(set(found))


def rebuilt(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as copy:
        for name, data in members:
            member = zipfile.ZipInfo(name)
            member.create_system, member.external_attr = 3, 0o600 << 16
            copy.writestr(member, data)
    return file.getvalue()


def tampered(path):
    """Changed copies of a bundle, each by its name."""
    data = open(path, "rb").read()
    bag = zipfile.ZipFile(io.BytesIO(data))
    members = [(name, bag.read(name)) for name in bag.namelist()]
    folder = members[0][0].split("/")[0]
    assert rebuilt(members) == data
    for at, (name, _) in enumerate(members):
        yield f"without-{at}", rebuilt(members[:at] + members[at + 1 :])
        yield f"last-{at}", rebuilt(members[:at] + members[at + 1 :] + [members[at]]) if at + 1 < len(members) else data[:-1]
        yield f"renamed-{at}", rebuilt(members[:at] + [(name + "x", members[at][1])] + members[at + 1 :])
        if members[at][1]:
            yield f"emptied-{at}", rebuilt(members[:at] + [(name, b"")] + members[at + 1 :])
        yield f"longer-{at}", rebuilt(members[:at] + [(name, members[at][1] + b"\n")] + members[at + 1 :])
    # A changed byte with the checksum of the zip file put right.
    for at, (name, content) in enumerate(members):
        for byte in range(len(content)):
            changed = bytearray(content)
            changed[byte] ^= 1
            yield f"byte-{at}-{byte}", rebuilt(members[:at] + [(name, bytes(changed))] + members[at + 1 :])
    for name in ("data/more.txt", "more.txt", "data/../../escape.txt", "/etc/escape", "data/.hidden"):
        for at in (0, len(members)):
            yield f"added-{at}-{name.replace('/', '_')}", rebuilt(members[:at] + [(f"{folder}/{name}", b"x")] + members[at:])
    yield "other-folder", rebuilt([("other/data/x", b"x")] + members)
    yield "folder-renamed", rebuilt([("other" + name[len(folder) :], content) for name, content in members])
    for cut in list(range(1, 60)) + [len(data) // 2, len(data) - 1, len(data)]:
        yield f"cut-{cut}", data[: len(data) - cut]
    yield "behind", data + b"x"
    yield "before", b"x" + data
    yield "twice", data + data
    compressed = io.BytesIO()
    with zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as copy:
        for name, content in members:
            copy.writestr(name, content)
    yield "compressed", compressed.getvalue()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as copy:
        copy.writestr(f"{folder}/data/bomb", b"\0" * (64 << 20))
    yield "bomb", bomb.getvalue()


def resealed(path):
    """Bundles that somebody has written and signed with a key of their own, each with one thing in it that is not right."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    bag = zipfile.ZipFile(path)
    names = bag.namelist()
    folder = names[0].split("/")[0] + "/"
    files = {name[len(folder) :]: bag.read(name) for name in names}
    payload = {name: data for name, data in files.items() if name.startswith("data/")}
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    digest = lambda data: hashlib.sha256(data).digest()
    lines = lambda some: "".join(f"{digest(data).hex()}  {name}\n" for name, data in some.items()).encode()

    def sealed(payload=payload, folder=folder, **tags):
        all = {
            "bagit.txt": files["bagit.txt"],
            "bag-info.txt": files["bag-info.txt"],
            "manifest-sha256.txt": lines(payload),
            "public-key.pem": pem,
        }
        all.update({name.replace("_", "-").replace("--", "."): data for name, data in tags.items()})
        all["tagmanifest-sha256.txt"] = lines(all)
        signature = [base64.b64encode(part).decode() for part in (raw, key.sign(all["tagmanifest-sha256.txt"]))]
        text = "Ed25519 signature of tagmanifest-sha256.txt\nkey: {}\nsignature: {}\n"
        all["signature.txt"] = text.format(*signature).encode()
        return rebuilt([(folder + name, data) for name, data in {**payload, **all}.items()])

    imprint = digest(lines(payload))
    yield "sound", sealed()
    yield "key-of-another", sealed(public_key__pem=files["public-key.pem"])
    yield "declaration", sealed(bagit__txt=b"x")
    yield "information", sealed(bag_info__txt=files["bag-info.txt"] + b"no colon\n")
    yield "no-folder", sealed(bag_info__txt=b"Source-Organization: Example Trust\n")
    yield "folder", sealed(folder="other/")
    yield "long-name", sealed(payload={**payload, "data/" + "a" * 300: b"x"})
    yield "stamp-of-junk", sealed(timestamp__tsr=b"junk" + imprint)
    yield "stamp-of-sequences", sealed(timestamp__tsr=b"\x30\x24\x30\x22\x04\x20" + imprint)


def bomb(path, count=300, size=1 << 20):
    """Members that lie in each other: a file of a megabyte that is hundreds when it is read."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as copy:
        copy.writestr("x/data/0", b"\0" * size)
        [first] = copy.infolist()
        for at in range(1, count):
            other = zipfile.ZipInfo(f"x/data/{at}")
            other.header_offset, other.file_size, other.compress_size, other.CRC = 0, size, size, first.CRC
            copy.filelist.append(other)
    open(path, "wb").write(file.getvalue())


def accepts(verifier, path):
    import bagit
    from warcio.archiveiterator import ArchiveIterator

    said = load(verifier)(path)
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(path).extractall(folder)
        [root] = os.listdir(folder)
        root = os.path.join(folder, root)
        bag = bagit.Bag(root)
        bag.validate()
        records = []
        captures = os.path.join(root, "data/captures")
        for name in sorted(os.listdir(captures)):
            with open(os.path.join(captures, name), "rb") as file:
                for record in ArchiveIterator(file, check_digests=True):
                    record.content_stream().read()
                    assert record.digest_checker.passed is not False, name
                    records.append(record.rec_type)
    say(said=said, info=bag.info, records=records)


def main(what, *arguments):
    if what == "accepts":
        accepts(*arguments)
    elif what == "flips":
        data = open(arguments[1], "rb").read()
        say(bytes=len(data), missed=missed(load(arguments[0]), data))
    elif what == "control":
        data = open(arguments[1], "rb").read()
        for without in ("anew.getvalue() == data", "public.verify(", "lines(payload)", "lines(tags)", "bag.read(seal[1]) == sealed"):
            verify = load(arguments[0], without)
            count = len(missed(verify, data, patterns=(0x01,)))
            count += sum(not is_found(verify, changed) for _, changed in tampered(arguments[1]))
            say(without=without, missed=count)
    elif what == "reseal":
        verify = load(arguments[0])
        for name, data in resealed(arguments[1]):
            with open(os.path.join(arguments[2], f"resealed-{name}.zip"), "wb") as file:
                file.write(data)
            say(name=name, found=is_found(verify, data))
    elif what == "bomb":
        bomb(arguments[1])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = is_found(load(arguments[0]), open(arguments[1], "rb").read())
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        say(found=found, grown_kb=after - before)
    elif what == "tamper":
        verify = load(arguments[0])
        for name, data in tampered(arguments[1]):
            with open(os.path.join(arguments[2], name + ".zip"), "wb") as file:
                file.write(data)
            say(name=name, found=is_found(verify, data))


main(*sys.argv[1:])
