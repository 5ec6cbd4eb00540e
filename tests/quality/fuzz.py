"""Hostile inputs made of good ones: whatever comes, a run ends in rows or sentences, never in a traceback.

    python tests/quality/fuzz.py [--inputs 10000] [--seed 1] [--keep FOLDER]

Each input is a seed text in some container (plain, JSONL, HTML, gzip ...) that was mutated: bits flipped, cut
off, spliced with another, its charset mixed, bytes repeated. They are run in folders of 200, each in a process
of its own whose memory is watched. A folder that breaks a promise is kept, with the seed that makes it again.
"""

# ruff: noqa: T201 - a command

import argparse
import bz2
import gzip
import json
import lzma
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BATCH = 200
MAX_BYTES = 10**9
MAX_CPU_SECONDS = 300
"""Of a folder, which takes 10; the first run of a checkout compiles for some minutes."""
MAX_SECONDS = 3600
"""On the clock: for a run that waits rather than works; a busy machine may need many times the CPU's."""

TEXTS = (
    (
        "Nước sông Lưu rút xuống dưới báo động một sau năm ngày ngập, dân xã Đông Ngàn đã quay về dọn nhà.\n"
        "Ông Bùi Văn Tám cho biết cả thôn có 214 hộ phải đi ở nhờ, đến chiều qua còn 17 hộ chưa về được.\n"
    ),
    "Xem thêm:\nGiá lúa hôm nay 12/5\nGiá lúa hôm nay 12/5\nChia sẻ Facebook Zalo\n© Báo Sông Quê. Cấm sao chép.\n",
    "The ferry returns to Skell on 3 May, the harbour master said; it had been out of service since the storm.\n",
    "十二日朝、川の水位は警戒線を下回り、避難していた住民が家に戻り始めた。学校は来週から再開する予定だ。\n",
    "",
)
CHARSETS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1258", "latin-1", "shift_jis", "utf-32", "utf-7")
Wrap = Callable[[str], bytes]


def encode(charset: str) -> Wrap:
    return lambda text: text.encode(charset, "replace")


CONTAINERS: dict[str, Wrap] = {
    **{f"{charset}.txt": encode(charset) for charset in CHARSETS},
    "rows.jsonl": lambda text: "\n".join(
        json.dumps({"id": n, "text": line}, ensure_ascii=n % 2 == 0)
        for n, line in enumerate(text.split("\n"))
    ).encode(),
    "page.html": lambda text: (
        "<!doctype html><html><head><title>Tin</title><script>1<2</script></head><body><nav>Trang chủ</nav>"
        + "".join(f"<p>{line}</p>" for line in text.split("\n"))
    ).encode(),
    "text.txt.gz": lambda text: gzip.compress(text.encode(), mtime=0),
    "rows.jsonl.gz": lambda text: gzip.compress(json.dumps({"text": text}).encode(), mtime=0),
    "text.txt.bz2": lambda text: bz2.compress(text.encode()),
    "text.txt.xz": lambda text: lzma.compress(text.encode()),
    "text.md": encode("utf-8"),
}


def flip(content: bytes, chance: random.Random) -> bytes:
    """Some bits the other way."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    """A beginning, an end, or what is left around a gap."""
    first, last = sorted((chance.randint(0, len(content)), chance.randint(0, len(content))))
    return chance.choice([content[:last], content[first:], content[:first] + content[last:]])


def splice(content: bytes, chance: random.Random) -> bytes:
    """Bytes of another container in the middle."""
    other = chance.choice([*CONTAINERS.values()])(chance.choice(TEXTS))
    place = chance.randint(0, len(content))
    return content[:place] + other[: chance.randint(0, len(other))] + content[place:]


def mix(content: bytes, chance: random.Random) -> bytes:
    """The same text once more in another charset."""
    text = content.decode("utf-8", "replace")
    return content + text.encode(chance.choice(CHARSETS), "replace")


def repeat(content: bytes, chance: random.Random) -> bytes:
    """A piece many times over."""
    place = chance.randint(0, len(content))
    return (
        content[:place]
        + content[place : place + chance.randint(1, 40)] * chance.randint(2, 3000)
        + content[place:]
    )


def sow(content: bytes, chance: random.Random) -> bytes:
    """Odd characters and bytes, here and there."""
    odd = (
        b"\0",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\r",
        b"\xe2\x80\xa8",
        b"\x1b[31m",
        b"{",
        b'"',
        b"<![CDATA[",
        b"&#0;",
        b"\\ud800",
    )
    for _ in range(chance.randint(1, 6)):
        place = chance.randint(0, len(content))
        content = content[:place] + chance.choice(odd) + content[place:]
    return content


MUTATIONS = (flip, cut, splice, mix, repeat, sow)


def make_input(chance: random.Random) -> tuple[str, bytes]:
    """A name and its content."""
    name = chance.choice([*CONTAINERS])
    content = CONTAINERS[name]("".join(chance.choices(TEXTS, k=chance.randint(1, 4))))
    for _ in range(chance.randint(0, 4)):
        content = chance.choice(MUTATIONS)(content, chance)
    if chance.random() < 0.1:
        name = chance.choice([*CONTAINERS])  # a file that lies about what it is
    return name, content


def write_inputs(folder: Path, seed: int, count: int) -> None:
    """A raw folder of inputs, the same for the same seed, and one page that must come through."""
    folder.mkdir(parents=True)
    chance = random.Random(seed)  # noqa: S311 - to be made again
    for number in range(count):
        name, content = make_input(chance)
        (folder / f"{number:05d}.{name}").write_bytes(content)
    (folder / "good.txt").write_text(TEXTS[0], "utf-8")


# On exec, a child takes its parent's peak memory over as its own (Linux, `exec_mmap`), so a large parent would be
# blamed on the run: this small process between them has its children's true peak to tell.
MEASURED = f"""
import resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, ({MAX_CPU_SECONDS}, {MAX_CPU_SECONDS}))
code = subprocess.call(sys.argv[2:], stdout=subprocess.DEVNULL)
with open(sys.argv[1], "w") as file:
    print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=file)
"""


def find_fault(raw: Path, out: Path) -> tuple[str, int]:
    """Run on a folder; what is wrong, or nothing, and the most bytes of memory that the run held at once."""
    command = [sys.executable, "-m", "flows", "run", str(raw), "--out", str(out), "--workers", "1"]
    with tempfile.NamedTemporaryFile("r") as used, tempfile.TemporaryFile() as told:
        child = subprocess.Popen(
            [sys.executable, "-c", MEASURED, used.name, *command],
            cwd=ROOT,
            stderr=told,
            start_new_session=True,
        )
        try:
            child.wait(MAX_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return f"not done after {MAX_SECONDS} s", 0
        code, peak = map(int, used.read().split())
        told.seek(0)
        stderr = told.read().decode("utf-8", "replace")
    if code not in (0, 1) or "Traceback" in stderr:
        return f"exit {code}: {stderr[-2000:]}", peak
    if peak > MAX_BYTES:
        return f"took {peak / 1e6:.0f} MB", peak
    return find_lost(raw, out), peak


def find_lost(raw: Path, out: Path) -> str:
    """Inputs that are neither rows nor in quarantine, a good page that did not come through, or what verify says."""
    from tasks.export import read_table
    from tasks.store import Store
    from tasks.verify import verify

    store = Store(out)
    told = {row for name in ("sources", "quarantine") for row in read_table(store, name)["source_path"]}
    told = {path.split("!")[0] for path in told}
    if lost := {path.name for path in raw.iterdir()} - told:
        return f"neither read nor in quarantine: {sorted(lost)}"
    sick = read_table(store, "quarantine")
    if mute := sick.filter(sick["error"].str.contains("unexpected way"))["source_path"].to_list():
        return f"a reader broke on {mute}"
    if "214 hộ" not in "\n".join(read_table(store, "documents")["text"]):
        return "the good page is not in the corpus"
    return "; ".join(f"{fault.check} {fault.place}: {fault.what}" for fault in verify(store))


def main() -> int:
    """Run all folders; 1 if any promise was broken."""
    sys.path.insert(0, str(ROOT))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz-faults"), help="where folders at fault are kept"
    )
    options = parser.parse_args()
    faults = most = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(-(-options.inputs // BATCH)):
            seed, raw, out = options.seed * 100_000 + number, Path(folder) / "raw", Path(folder) / "clean"
            write_inputs(raw, seed, min(BATCH, options.inputs - number * BATCH))
            fault, peak = find_fault(raw, out)
            most = max(most, peak)
            if fault:
                faults += 1
                print(f"seed {seed}: {fault}", flush=True)
                shutil.copytree(raw, options.keep / str(seed), dirs_exist_ok=True)
            shutil.rmtree(raw)
            shutil.rmtree(out, ignore_errors=True)
    print(f"inputs={options.inputs} folders_at_fault={faults} peak_mb={most / 1e6:.0f}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
