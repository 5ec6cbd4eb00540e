"""A sentence and an article that came as one line: what it says in one place it says, words from all over it do not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.match.decide import MIRRORED, compare
from tasks.match.prepared import prepare
from tasks.match.window import find_window
from tests.match.test_decide import WORDS

ARTICLE = (
    "Chiều 4/9, ông Lò Văn Pản, Chủ tịch xã Nậm Khòa, cho biết cầu treo bắc qua suối Cạn đã thông xe trở lại sau "
    "hai mươi ngày sửa chữa. Cây cầu dài 62 mét bị lũ làm gãy ba nhịp hồi giữa tháng tám, khiến học sinh hai bản "
    "phải đi vòng gần mười cây số đường rừng để tới trường. Theo ông Pản, kinh phí sửa chữa khoảng 900 triệu đồng, "
    "trong đó người dân góp công đào móng và vận chuyển cát sỏi. Cô giáo Hoàng Thị Sen ở điểm trường Bản Ngài kể "
    "rằng hôm đầu tiên cầu thông, các em reo hò chạy qua chạy lại suốt giờ ra chơi. Phòng giáo dục huyện đề nghị "
    "xã cắm biển hạn chế tải trọng và cử người trực trong mùa mưa. Người dân bản Ngài mong có thêm đèn chiếu sáng, "
    "vì buổi tối nhiều người đi chợ về muộn. Ông Pản nói xã chưa có tiền cho việc ấy trong năm nay. Hạt giao thông "
    "huyện sẽ kiểm tra lại cáp chính vào cuối tháng, sau đó mới cho xe tải nhẹ qua cầu. Trước đó, đoàn thanh niên "
    "đã vớt được gần hết số ván gỗ trôi dạt dưới hạ lưu và phơi khô để dùng lại làm mặt cầu."
)


@pytest.mark.parametrize(
    "said",
    [
        "Theo ông Pản, kinh phí sửa chữa khoảng 900 triệu đồng, trong đó người dân góp công đào móng.",
        "Phòng giáo dục huyện đề nghị xã cắm biển hạn chế tải trọng và cử người trực mùa mưa.",
        "Người dân bản Ngài mong có thêm đèn chiếu sáng, vì buổi tối nhiều người đi chợ...",
        "Đoàn thanh niên đã vớt được gần hết số ván gỗ trôi dạt dưới hạ lưu và phơi khô để dùng lại làm mặt cầu.",
    ],
)
def test_what_an_article_says_in_one_place_it_holds(said: str) -> None:
    found = compare(said, ARTICLE)
    assert found.decision == "a_in_b", found
    assert compare(ARTICLE, said).decision == "b_in_a"
    assert " ".join(edit.b for edit in found.edits).startswith("Chiều 4/9 ông Lò Văn Pản")


@pytest.mark.parametrize(
    "said",
    [
        # Every word of these stands somewhere in the article.
        "Ông Pản cho biết người dân bản Ngài chưa góp tiền sửa chữa cây cầu trong năm nay.",
        "Cô giáo Hoàng Thị Sen đề nghị huyện kiểm tra lại cáp chính, vì các em phải đi vòng buổi tối.",
        "Học sinh hai bản đã vớt được số ván gỗ trôi dạt và vận chuyển cát sỏi để sửa chữa mặt cầu.",
        # One fact of these is another.
        "Theo ông Pản, kinh phí sửa chữa khoảng 620 triệu đồng, trong đó người dân góp công đào móng.",
        "Người dân bản Khoang mong có thêm đèn chiếu sáng, vì buổi tối nhiều người đi chợ về muộn.",
        "Hạt giao thông huyện sẽ kiểm tra lại cáp phụ vào cuối tháng, sau đó mới cho xe tải nhẹ qua cầu.",
        "Ông Pản nói xã đã có tiền cho việc ấy trong năm nay.",
    ],
)
def test_words_from_all_over_an_article_are_not_what_it_says(said: str) -> None:
    assert compare(said, ARTICLE).decision == "distinct"
    assert compare(ARTICLE, said).decision == "distinct"


def test_the_place_is_whole_sentences() -> None:
    said = "Phòng giáo dục huyện đề nghị xã cắm biển hạn chế tải trọng và cử người trực trong mùa mưa."
    long = prepare(ARTICLE)
    window = find_window(prepare(said).words, long.words)
    assert window is not None
    text = long.cut(*window).text
    assert said in text
    assert ARTICLE[ARTICLE.index(text) - 2 :].startswith(". ")
    assert text.rstrip().endswith(".")
    assert len(text) < len(ARTICLE) / 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=25, max_size=160), st.data())
def test_mirrored_arguments_give_the_mirrored_decision(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    part = words[start : start + data.draw(st.integers(1, 40))]
    if data.draw(st.booleans()):
        part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.sampled_from(WORDS))
    one, other = " ".join(part), " ".join(words)
    assert compare(other, one).decision == MIRRORED[compare(one, other).decision]
