"""Packs of one's own: what is proposed loads and does what it says, and what is wrong is refused with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.settings import load_settings
from tasks.errors import SettingsError, UsageError
from tasks.newsite import propose_pack
from tasks.store import Store

Clean = Callable[..., object]
SITE = "khung.example"
HEAD = "Trang nhà Khung"
PACK = """site = "khung.example"

[[rule]]
id = "khung.navigation.home"
reason = "navigation"
match = "line"
where = "edge"
phrases = ["trang nhà khung"]
example = "Trang nhà Khung"
counterexample = "Trang nhà Khung đưa tin."
"""


@pytest.fixture
def pages(raw: Path) -> None:
    (raw / SITE).mkdir()
    for day in range(4):
        story = f"Ngày thứ {day}, bến Cây Gáo có {day + 31} ghe vào ăn hàng, và người ta cân lúa đến tận nửa đêm mới xong."
        other = f"Chị Sáu bán cháo ở đầu bến nói {day + 2} nồi cháo của chị hết từ lúc trời còn chưa sáng rõ mặt người."
        lines = [f"Chuyến thứ {day} qua bến Gáo", HEAD, story, other, "Nhà Khung giữ lửa"]
        (raw / SITE / f"{day}.txt").write_text("\n".join(lines) + "\n", "utf-8")


def verdicts(out: Path, text: str) -> set[tuple[str, str | None]]:
    rows = Store(out).scan("paragraphs").collect().iter_rows(named=True)
    return {(row["verdict"], row["rule"]) for row in rows if row["text"] == text}


def test_a_proposal_loads_and_does_what_it_says(pages: None, clean: Clean, out: Path, tmp_path: Path) -> None:
    clean()
    assert verdicts(out, "Nhà Khung giữ lửa") == {("kept", None)}
    proposal = propose_pack(Store(out), SITE)
    assert proposal.rules >= 2
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "khung.toml").write_text(proposal.toml, "utf-8")
    (tmp_path / "decant.toml").write_text('[strip]\nrules = "rules"\n', "utf-8")
    settings = load_settings(tmp_path / "decant.toml")
    clean(settings)
    for text in (HEAD, "Nhà Khung giữ lửa"):
        ((verdict, rule),) = verdicts(out, text)
        assert verdict == "removed"
        assert str(rule).startswith(f"{SITE}.")
    assert propose_pack(Store(out), SITE).rules == 0, "what a rule explains is not proposed again"


def test_a_pack_of_a_site_is_heard_on_its_pages_alone(
    pages: None, clean: Clean, raw: Path, out: Path, tmp_path: Path
) -> None:
    (raw / "songque.example/khac.txt").write_text(
        f"Bến Gáo đêm nay\n{HEAD}\nMột câu của trang khác, dài vừa đủ để là một đoạn văn có nội dung riêng.\n",
        "utf-8",
    )
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "khung.toml").write_text(PACK, "utf-8")
    (tmp_path / "decant.toml").write_text('[strip]\nrules = "rules"\n', "utf-8")
    clean(load_settings(tmp_path / "decant.toml"))
    assert verdicts(out, HEAD) == {("kept", None), ("removed", "khung.navigation.home")}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('example = "Trang nhà Khung"', 'example = "Trang chủ"', "does not find its example"),
        ('"Trang nhà Khung đưa tin."', '"TRANG NHÀ KHUNG"', "finds its counterexample"),
        ('reason = "navigation"', 'reason = "nonsense"', "is none of"),
        ('match = "line"', 'match = "head"', "is none of"),
        ("where =", "wher =", "no field 'wher'"),
        ('id = "khung.navigation.home"', "", "id is missing"),
        ("[[rule]]", "[rule", "no valid TOML"),
        ("[[rule]]", "[[rules]]", "is no pack"),
    ],
)
def test_a_pack_that_is_wrong_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "khung.toml").write_text(PACK.replace(old, new, 1), "utf-8")
    (tmp_path / "decant.toml").write_text('[strip]\nrules = "rules"\n', "utf-8")
    with pytest.raises(SettingsError, match=f"khung.toml.*{said}"):
        load_settings(tmp_path / "decant.toml")


def test_a_folder_or_site_that_is_not_there_is_said(clean: Clean, out: Path, tmp_path: Path) -> None:
    (tmp_path / "decant.toml").write_text('[strip]\nrules = "nowhere"\n', "utf-8")
    with pytest.raises(SettingsError, match="no folder"):
        load_settings(tmp_path / "decant.toml")
    clean()
    with pytest.raises(UsageError, match="no page"):
        propose_pack(Store(out), "nowhere.example")
