"""Ways in which text is damaged before we get it, for the tests."""

import unicodedata
from collections.abc import Callable

SENTENCES = (
    "Sáng nay, bà con xóm Đồi Chè đã dọn xong con đường đất bị sạt lở sau trận mưa kéo dài ba ngày.",
    "“Nhà tôi trồng được hơn hai trăm gốc bưởi, nhưng năm ngoái chỉ thu về chừng bốn tạ”, ông Quyết kể.",
    "Theo kế hoạch, tuyến xe buýt số 14 sẽ chạy thử từ thứ Bảy, giá vé 7.000 đồng mỗi lượt.",
    "ỦY BAN NHÂN DÂN XÃ: THÔNG BÁO LỊCH CẮT ĐIỆN, NGỪNG CẤP NƯỚC Ở KHU PHỐ 3",
    "Chị Nguyễn Thị Huỳnh Như giỏi thêu thùa, còn em gái thì thích vẽ những con thuyền giấy ngược gió.",
    "Cô giáo khuyên học trò nghỉ ngơi, uống đủ nước, giữ vệ sinh và đừng thức khuya ôn bài.",
    "Chuyến phà cuối cùng rời bến lúc 22 giờ; ai lỡ hẹn phải ngủ lại quán trọ ven sông.",
    "Kỹ sư Đặng Vũ Khương cho biết máy bơm cũ đã hỏng từ tháng trước, phải chờ phụ tùng mới.",
)
FOREIGN = (
    "Près de la forêt, l’hôtel où dînait Zoé n’a rouvert qu’à Noël : quel été étrange !",
    "Größere Straßen führen über die Brücke; „schöne Aussicht“, sagte Jürgen Köhler ärgerlich.",
    "El niño corrió detrás del autobús; ¿quién habría pensado que llegaría tan rápido a Cádiz?",
    "Žluté květiny rostly podél řeky, až je Jiří přesadil k chatě u Českých Budějovic.",
    "Gömlekçi Işıl, çarşıda güneşli bir öğleden sonra şeftali ağacının altında oturdu.",
    "Ólafur og Sigríður fóru í göngu þó að veðrið væri vont og þokan lægi yfir firðinum.",
    "Старый мост через реку закрыли на ремонт, и жители деревни переправляются на лодках.",
    "Η παλιά γέφυρα έκλεισε για επισκευή και οι κάτοικοι περνούν το ποτάμι με βάρκες.",
    "昨夜の雨で川の水位が上がり、古い橋は通行止めになった。",
    "어젯밤 비로 강물이 불어나 오래된 다리가 통제되었다.",
    "สะพานเก่าปิดซ่อมแซม ชาวบ้านจึงต้องข้ามแม่น้ำด้วยเรือ",
    "پل قدیمی برای تعمیر بسته شد و مردم می‌خواهند با قایق از رودخانه بگذرند.",
    "पुराना पुल मरम्मत के लिए बंद है, इसलिए गाँव वाले नाव से नदी पार करते हैं।",
)
FAMILY = "Gia đình \U0001f468\u200d\U0001f469\u200d\U0001f467 đi biển ❤\ufe0f"


def misread(text: str, charset: str) -> str:
    """UTF-8 bytes read one by one; bytes without a character become C1 controls."""
    return "".join(_read(byte, charset) for byte in text.encode())


def misread_with_losses(text: str) -> str:
    """The same in cp1252, without those bytes."""
    return "".join(letter for letter in misread(text, "cp1252") if not 0x80 <= ord(letter) < 0xA0)


def read_as_cp1252(content: bytes) -> str:
    return "".join(_read(byte, "cp1252") for byte in content)


def in_cp1258(text: str) -> bytes:
    """Windows-1258: a vowel, then its tone."""
    pieces = []
    for letter in text:
        marks = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in tone))
        pieces.append(base + tone)
    return "".join(pieces).encode("cp1258")


def swap_marks(text: str) -> str:
    """The tone before the circumflex, breve or horn."""
    pieces = []
    for letter in text:
        base, *marks = unicodedata.normalize("NFD", letter)
        shapes = [mark for mark in marks if mark in "\u0302\u0306\u031b"]
        pieces.append(base + "".join(mark for mark in marks if mark not in shapes) + "".join(shapes))
    return "".join(pieces)


def _read(byte: int, charset: str) -> str:
    try:
        return bytes([byte]).decode(charset)
    except UnicodeDecodeError:
        return chr(byte)


DAMAGES: dict[str, Callable[[str], str]] = {
    "cp1252": lambda text: misread(text, "cp1252"),
    "latin-1": lambda text: misread(text, "latin-1"),
    "cp1258": lambda text: misread(text, "cp1258"),
    "cp1252 twice": lambda text: misread(misread(text, "cp1252"), "cp1252"),
    "cp1252 three times": lambda text: misread(misread(misread(text, "cp1252"), "cp1252"), "cp1252"),
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "marks in the wrong order": swap_marks,
    "eth": lambda text: text.replace("Đ", "Ð").replace("đ", "ð"),
    "soft hyphens": lambda text: text.replace("n", "n\u00ad"),
    "zero-width spaces": lambda text: text.replace("h", "h\u200b"),
    "entities": lambda text: "".join(c if c.isascii() else f"&#{ord(c)};" for c in text),
    "entities of entities": lambda text: "".join(c if c.isascii() else f"&amp;#x{ord(c):X};" for c in text),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
}
