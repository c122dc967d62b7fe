"""The fuzz targets: the folder that they read models and settings from, their seeds, and how they are built and run.

`scan` takes any text, `unpack` any tables (tests/fuzz/). With clang they are libFuzzer's; with gcc tests/fuzz/driver.c drives them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from array import array
from pathlib import Path

import msgspec
from conftest import OFF_TOPIC, ON_TOPIC, TINY

from classifier import TopicFilter, _characters, tables, tokens
from classifier.concepts import Facet
from classifier.model import Concepts, ConceptWeights, Model

HERE = Path(__file__).parent / "fuzz"
KERNEL = Path(__file__).parent.parent / "classifier"
TARGETS = ("scan", "unpack")
SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
LIBFUZZER = ("-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", "-fno-sanitize-coverage=trace-cmp")
_FLAGS = ("-g", "-std=gnu11", "-ffp-contract=off", f"-I{KERNEL}", "-fno-omit-frame-pointer")

MEETING = Concepts(
    {
        "place": Facet(("minsk", "мінск", "hi tech", "raid=")),
        "move": Facet(("leav", "left=", "IT", "leav minsk=", "IT raid"), core=False),
        "tech": Facet(("tech", "it=", "ab=", "cookies hi= tech")),
        "rival": Facet(("raid", "cookies", "уехал")),
    },
    {
        "move in headline": ConceptWeights(1.0, -1.0),
        "move+place in sentence": ConceptWeights(1.5, 1.0),
        "place+rival+tech in text": ConceptWeights(0.5, 1.0),
        "place over tech in text": ConceptWeights(0.25, 0.125),
        "tech over move in text": ConceptWeights(0.25, 0.125),
        "move without place in text": ConceptWeights(-2.0, -1.0),
    },
)
"""Phrases, whole words, acronyms, and meetings of every sort and size."""
SENTENCES = (
    ON_TOPIC,
    OFF_TOPIC,
    "Leaving Minsk. Minsk tech IT raid! HI hi TECH tech? cookies hi tech\nМинск уехал МІНСК, p\u0430\u0440k раrk НАТО",
    "caf\u00e9 CAF\u00c9 straße STRASSE \ufb01lm na\u0308ive zero\u200bwidth e\u0301 США A\u0301B ΑΣ \u0130stanbul",
    "中文 日本語 \U0001f600\U0001f1e7\U0001f1fe x2 a_b __ 100 1a 1а 3½ \uff29\uff34 \u2167 \U0001d400\U0001d401 end\u3002next",
)


def _packed(model: Model) -> bytes:
    return tables.for_model(model.features, model.idf, model.profile, model.concepts)


def _settings() -> bytes:
    """As tests/fuzz/model.h reads them."""
    c = _characters
    flags = (c.SEPARATOR, c.DROPPED, c.ITSELF, c.UPPER, c.SMALL, c.NEEDS_LOWER, tokens.LONGEST_ACRONYM, tokens.STEM_LENGTH)
    numbers = array("Q", [*tables.WORD, *tables.PAIR, *tables.STEM, tables.ACRONYM, *flags])
    letters = [alike.get(letter, letter) for alike in tokens.look_alikes() for letter in range(0x530)]
    return numbers.tobytes() + array("I", letters).tobytes()


def _texts() -> list[bytes]:
    """Seeds of scan: each sentence with each model, as each kind of text, also long."""
    seeds = []
    for flags in range(32):
        for number, sentence in enumerate(SENTENCES):
            encoding = "latin-1" if flags & 16 else ("latin-1", "utf-16-le", "utf-32-le", "utf-32-le")[flags & 3]
            text = sentence.encode(encoding, "replace")
            seeds += [bytes([flags, 37 * (flags + number) % 256]) + text, bytes([flags | 32, 2]) + text[:120] + bytes([number + flags])]
    often = b"tech Minsk raid left "
    return [*seeds, bytes([4, 2]) + often * 1200, bytes([0, 11]) + often * 1200, bytes([0, 31]) + often * 1200]


def write(folder: Path) -> None:
    """Everything that the targets read, and in scan/ and unpack/ their seeds."""
    sklearn = msgspec.structs.replace(
        TINY, profile="sklearn", features=("cookies", "hi", "hi tech", "minsk", "raid", "tech"), concepts=MEETING
    )
    shipped = TopicFilter.load().model
    files = {
        "settings": _settings(),
        "news.characters": b"".join(tables.characters("news")),
        "sklearn.characters": b"".join(tables.characters("sklearn")),
        "tiny.tables": _packed(msgspec.structs.replace(TINY, concepts=MEETING)),
        "tiny-sklearn.tables": _packed(sklearn),
        "shipped.tables": shipped.tables or _packed(shipped),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for target, seeds in (("scan", _texts()), ("unpack", [files["tiny.tables"], _packed(TINY), files["tiny-sklearn.tables"]])):
        (folder / target).mkdir()
        for number, seed in enumerate(seeds):
            (folder / target / f"{number:03}").write_bytes(seed)


def can_compile(compiler: str, *flags: str) -> bool:
    """Whether there is such a compiler, and what the flags ask for."""
    if shutil.which(compiler) is None:
        return False
    source = "int main(void) { return 0; }" if "fuzzer" not in " ".join(flags) else "int LLVMFuzzerTestOneInput(void) { return 0; }"
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run([compiler, *flags, "-x", "c", "-"], input=source.encode(), capture_output=True, check=False, cwd=folder)
    return made.returncode == 0


def build(compiler: str, target: str, folder: Path, *flags: str) -> Path:
    """The program of a target, in a folder; with the driver unless the flags ask for libFuzzer."""
    program = folder / f"{target}-{compiler}"
    sources = [HERE / f"{target}.c", *([] if "fuzzer" in " ".join(flags) else [HERE / "driver.c"])]
    subprocess.run([compiler, *_FLAGS, *flags, *map(str, sources), "-o", str(program), "-lm"], check=True, cwd=folder)
    return program


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "SPILLWAY_FUZZ": str(folder), "ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}


def drive(program: Path, folder: Path, seconds: int, executions: int, seed: int = 1) -> subprocess.CompletedProcess[str]:
    """Run a program that was built with the driver."""
    target = program.name.split("-")[0]
    seeds = sorted(str(path) for path in (folder / target).iterdir())
    command = [str(program), str(seconds), str(executions), str(seed), *seeds]
    return subprocess.run(command, env=environment(folder), cwd=folder, capture_output=True, text=True, check=False)


def lines_reached(folder: Path) -> dict[tuple[str, int], bool]:
    """Of each line of the kernel, whether what was built with --coverage in a folder reached it."""
    notes = [str(path) for path in folder.glob("*.gcda")]
    found: dict[tuple[str, int], bool] = {}
    for note in notes:
        report = subprocess.run(["gcov", "--json-format", "--stdout", note], cwd=folder, capture_output=True, check=True).stdout
        for one in map(json.loads, report.splitlines()):
            for file in one["files"]:
                if re.search(r"kernel/\w+\.h$", file["file"]):
                    for line in file["lines"]:
                        place = (Path(file["file"]).name, line["line_number"])
                        found[place] = found.get(place, False) or line["count"] > 0
    return found
