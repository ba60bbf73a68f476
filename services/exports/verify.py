#!/usr/bin/env python3
"""Verify an export of Ashiato on your own: this file needs Python 3.9 or newer, and nothing else.

    python3 verify.py [BUNDLE] [--key KEY ...] [--checkpoint FILE ...]

KEY is a verifier key (name+hash+base64), or a file of them, that you got from elsewhere than this bundle; FILE is a
checkpoint of the same log that you kept, or took from a place that the exporter cannot change. Without a key of your own
the bundle only agrees with itself; without an older checkpoint its end may have been rewritten by whoever holds the key.

Exit status: 0 when all that was looked at fits, 1 when something does not, 2 when it is no such bundle.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path

TAIL = re.compile(
    rb',"log":\{"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","seq":([1-9]\d*),"tenant":"([0-9a-f-]{36})"\}\}\n?\Z'
)
NOTE_KEY = b"\x01"


class Unfit(Exception):
    """Something that does not fit; its text says what was expected."""


# --- Ed25519 (RFC 8032, section 6), verification only ------------------------------------------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _recover(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


def _point(raw):
    y = int.from_bytes(raw, "little")
    x = _recover(y & (1 << 255) - 1, y >> 255)
    return None if x is None else (x, y & (1 << 255) - 1, 1, x * (y & (1 << 255) - 1) % P)


def _plus(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def _times(n, point):
    product = (0, 1, 1, 0)
    while n:
        if n & 1:
            product = _plus(product, point)
        point, n = _plus(point, point), n >> 1
    return product


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _recover(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519(public, message, signature):
    """Whether the signature is that key's."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or point is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = _times(s, BASE), _plus(point, _times(h, key))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


# --- The Merkle tree (RFC 6962, RFC 9162) ------------------------------------------------------------------------------


def leaf_hash(leaf):
    """A leaf's hash."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    """The hash above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def joined(peaks):
    """The root above complete subtrees that become smaller from left to right."""
    if not peaks:
        return hashlib.sha256(b"").digest()
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def proves_inclusion(leaf, index, size, path, root):
    """Whether the leaf is proven to be at that index, from 0."""
    if not 0 <= index < size or any(len(one) != 32 for one in path):
        return False
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


# --- Checkpoints (C2SP signed-note, tlog-checkpoint) -------------------------------------------------------------------


def read_note(text):
    """A note's text and its signatures: (name, key's hash, signature)."""
    body, found, below = text.rpartition("\n\n")
    lines = below[:-1].split("\n") if found and below.endswith("\n") else []
    signatures = []
    for line in lines:
        parts = line.split(" ")
        raw = base64.b64decode(parts[2], validate=True) if len(parts) == 3 and parts[0] == "\u2014" else b""
        if len(raw) != 68:
            raise Unfit("expected a checkpoint with lines of signatures, but one is none")
        signatures.append((parts[1], raw[:4], raw[4:]))
    if not signatures:
        raise Unfit("expected a signed checkpoint, but it has no signature")
    return body + "\n", signatures


def read_checkpoint(text):
    """What a checkpoint says: whose log it is of, its size and its root."""
    lines = text.split("\n")
    if len(lines) < 4 or not re.fullmatch(r"0|[1-9]\d{0,17}", lines[1]):
        raise Unfit("expected a checkpoint of an origin, a size and a root, but it says something else")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32:
        raise Unfit("expected a root of 32 bytes in the checkpoint, but it is of another length")
    return lines[0], int(lines[1]), root


def read_key(text):
    """A verifier key: name, its hash, and the public key."""
    name, _, rest = text.strip().partition("+")
    id_, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    right = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex()
    if raw[:1] != NOTE_KEY or len(raw) != 33 or id_ != right:
        raise Unfit("expected verifier keys as name+hash+key, but one is something else: " + text.strip()[:80])
    return name, raw, bytes.fromhex(id_)


def signers(note, keys):
    """The names of the keys that signed a note. Unfit when a signature of one of them is wrong."""
    text, signatures = read_note(note)
    found = []
    for name, raw, id_ in keys:
        for signed_by, key, signature in signatures:
            if (signed_by, key) == (name, id_):
                if not ed25519(raw[1:], text.encode(), signature):
                    raise Unfit("expected the signature of " + name + " on the checkpoint, but it is wrong")
                found.append(name + "+" + id_.hex())
    return found


# --- The bundle --------------------------------------------------------------------------------------------------------


def files_fit(bundle):
    """Every file is the one of the manifests, and there is no other in data/; how many."""
    listed = {}
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        for line in (bundle / manifest).read_text(encoding="utf-8").splitlines():
            digest, _, name = line.partition("  ")
            path = bundle / name
            if bundle.resolve() not in path.resolve().parents:
                raise Unfit("expected files within the bundle, but the manifest names " + name)
            if not path.is_file():
                raise Unfit("expected " + name + ", but it is missing")
            if sha256_of(path) != digest:
                raise Unfit("expected " + name + " as the manifest has it, but it was changed")
            listed[name] = digest
    there = {str(path.relative_to(bundle)) for path in (bundle / "data").rglob("*") if path.is_file()}
    for name in sorted(there - set(listed)):
        raise Unfit("expected only files that the manifest names, but there is " + name)
    return len(listed)


def sha256_of(path):
    """A file's digest, read some at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for some in iter(lambda: file.read(1 << 20), b""):
            digest.update(some)
    return digest.hexdigest()


def lines_of(bundle, about):
    """Each line: its sequence and its hash. Unfit when it is no event of the company, out of order or of another time."""
    last_seq, last_at = 0, b""
    tenant = about["tenant"].encode()
    with (bundle / "data" / "events.jsonl").open("rb") as file:
        for number, line in enumerate(file, 1):
            found = TAIL.search(line)
            if not found or not line.startswith(b'{"event":{') or not line.endswith(b"\n"):
                raise Unfit("expected an event as line %d of events.jsonl, but it is something else" % number)
            seq = int(found[2])
            if seq <= last_seq or found[1] < last_at or found[3] != tenant:
                raise Unfit("expected the company's events in order, but line %d (event %d) is not" % (number, seq))
            last_seq, last_at = seq, found[1]
            yield seq, leaf_hash(line[:-1])


def whole_fits(bundle, about, checkpoint, older):
    """A whole export: sequences without a gap, and the roots of every checkpoint; how many events."""
    wanted = {}
    for name, size, root in [("data/checkpoint", *checkpoint[1:]), *((name, *one[1:]) for name, one in older)]:
        if size > checkpoint[1]:
            raise Unfit("expected %s to be older than the export, but it is of %d events" % (name, size))
        wanted.setdefault(size, []).append((name, root))
    peaks, count = [], 0
    _compare(wanted, peaks, count)
    for seq, hash_ in lines_of(bundle, about):
        if seq != count + 1:
            raise Unfit("expected event %d next, but the next is event %d: there is a gap" % (count + 1, seq))
        n = count
        count += 1
        while n & 1:
            hash_ = node_hash(peaks.pop(), hash_)
            n >>= 1
        peaks.append(hash_)
        if count in wanted:
            _compare(wanted, peaks, count)
    if count != checkpoint[1]:
        raise Unfit("expected %d events, as the checkpoint says, but there are %d" % (checkpoint[1], count))
    return count


def _compare(wanted, peaks, count):
    for name, root in wanted.get(count, ()):
        if joined(peaks) != root:
            raise Unfit("expected the first %d events to be those of %s, but they are not" % (count, name))


def part_fits(bundle, about, checkpoint):
    """Part of a log: each line is proven to be in it; how many."""
    count = 0
    with (bundle / "data" / "proofs.jsonl").open("rb") as proofs:
        for seq, hash_ in lines_of(bundle, about):
            proof = json.loads(proofs.readline() or b"{}")
            path = [bytes.fromhex(one) for one in proof.get("path", ())]
            if proof.get("seq") != seq or not proves_inclusion(hash_, seq - 1, checkpoint[1], path, checkpoint[2]):
                raise Unfit("expected a proof of event %d, but there is none that proves it" % seq)
            count += 1
    return count


def main():
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parent.parent
    parser.add_argument("bundle", nargs="?", type=Path, default=here, help="its folder; the one this file is in")
    parser.add_argument("--key", action="append", default=[], help="a verifier key, or a file of them; again for more")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, help="an older checkpoint; again for more")
    asked = parser.parse_args()
    try:
        verify(asked.bundle, asked.key, asked.checkpoint)
    except Unfit as why:
        print("NOT VERIFIED: " + str(why))
        return 1
    except (OSError, ValueError, KeyError) as why:
        print("NOT VERIFIED: expected a bundle that can be read, but: " + str(why))
        return 2
    return 0


def verify(bundle, given_keys, given_checkpoints):
    """Look at everything, and say what was found."""
    print("files: %d, as the manifests have them" % files_fit(bundle))
    about = json.loads((bundle / "data" / "export.json").read_text(encoding="utf-8"))
    note = (bundle / "data" / "checkpoint").read_text(encoding="utf-8")
    checkpoint = read_checkpoint(read_note(note)[0])
    keys = keys_of(given_keys) or keys_of([str(bundle / "data" / "keys.txt")])
    by = signers(note, keys)
    if not by:
        raise Unfit("expected a checkpoint signed by a known key, but it is signed by others")
    print("checkpoint: %d events, signed by %s" % (checkpoint[1], ", ".join(by)))
    older = []
    for path in given_checkpoints:
        one = path.read_text(encoding="utf-8")
        if not signers(one, keys):
            raise Unfit("expected %s to be signed by a known key, but it is not" % path)
        older.append((str(path), read_checkpoint(read_note(one)[0])))
        if older[-1][1][0] != checkpoint[0]:
            raise Unfit("expected %s to be of the same log, but it is of another" % path)
    if about["whole"]:
        print("events: %d, without a gap, those that were signed" % whole_fits(bundle, about, checkpoint, older))
        for name, one in older:
            print("older checkpoint: the first %d events are those of %s" % (one[1], name))
    else:
        print("events: %d, each in the log; that no other belongs to them is not proven" % part_fits(bundle, about, checkpoint))
    if not given_keys:
        print("note: the key came with the bundle. Give one from elsewhere (--key), or this proves nothing to you.")
    if about["whole"] and not older:
        print("note: give an older checkpoint from elsewhere (--checkpoint): whoever holds the key could rewrite the log.")
    print("VERIFIED")


def keys_of(given):
    """Verifier keys, from files or as they are."""
    found = []
    for one in given:
        path = Path(one)
        lines = path.read_text(encoding="utf-8").splitlines() if len(one) < 1024 and path.is_file() else [one]
        found += [read_key(line) for line in lines if line.strip() and not line.startswith("#")]
    return found


if __name__ == "__main__":
    sys.exit(main())
