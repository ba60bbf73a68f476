"""Names of people and of firms, invented by combining common ones; no real person or firm is meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_FAMILY = """
青木:aoki 秋山:akiyama 浅野:asano 東:azuma 石田:ishida 泉:izumi 井上:inoue 上野:ueno 内田:uchida
遠藤:endo 大石:oishi 大塚:otsuka 岡本:okamoto 小川:ogawa 奥村:okumura 片山:katayama
川口:kawaguchi 菊地:kikuchi 木下:kinoshita 久保:kubo 黒田:kuroda 小島:kojima 近藤:kondo
斎藤:saito 坂本:sakamoto 桜井:sakurai 篠原:shinohara 柴田:shibata 島田:shimada 清水:shimizu
杉山:sugiyama 関:seki 高木:takagi 竹内:takeuchi 田村:tamura 千葉:chiba 土屋:tsuchiya 富田:tomita
内藤:naito 永井:nagai 中島:nakajima 西川:nishikawa 野村:nomura 橋本:hashimoto 服部:hattori
浜田:hamada 原:hara 平野:hirano 福田:fukuda 藤原:fujiwara 古川:furukawa 本田:honda 前田:maeda
松尾:matsuo 丸山:maruyama 三浦:miura 水野:mizuno 宮本:miyamoto 村上:murakami 森田:morita
安田:yasuda 山口:yamaguchi 横山:yokoyama 和田:wada
"""
_GIVEN = """
葵:aoi 明子:akiko 彩:aya 郁美:ikumi 絵里:eri 香織:kaori 和子:kazuko 恵子:keiko 早苗:sanae
志保:shiho 千尋:chihiro 智子:tomoko 直美:naomi 菜々子:nanako 春香:haruka 久美:kumi 真由:mayu
美咲:misaki 由美:yumi 玲奈:reina 明:akira 篤:atsushi 一郎:ichiro 和也:kazuya 健太:kenta 浩司:koji
聡:satoshi 修:osamu 翔:sho 大輔:daisuke 拓也:takuya 剛:tsuyoshi 徹:toru 直樹:naoki 信夫:nobuo
隼人:hayato 秀樹:hideki 誠:makoto 雅人:masato 亮:ryo
"""
FIRMS = (
    "みなと運輸株式会社", "株式会社こだま印刷", "ひなた電設株式会社", "株式会社つばめ文具", "有限会社さざなみ商店",
    "株式会社いろは警備", "はやて物流株式会社", "株式会社しおさい食品", "かえで清掃株式会社", "株式会社ひびき通信",
    "たまき精工株式会社", "株式会社ゆうなぎ企画", "あさひ梱包株式会社", "株式会社せせらぎ設備", "ほたる電機株式会社",
    "株式会社わかばリース", "みのり資材株式会社", "株式会社はるか人材", "くるみ樹脂株式会社", "株式会社まほろば総研",
)  # fmt: skip
COMPANIES = (
    "ひばり工業", "すばる物産", "こもれび食品", "しらかば建材", "つむぎ繊維", "なぎさ水産", "ふたば薬品",
    "いぶき機械", "うみかぜ観光", "かすみ印刷", "さくら坂システム", "たちばな商会", "とびうお造船", "はなみずき不動産",
    "やまびこ運輸", "まつかぜ電子", "みはらし農園", "ゆずりは出版", "らいちょう精密", "わらべ玩具",
)  # fmt: skip


def _pairs(words: str) -> list[tuple[str, str]]:
    return [(name, spelt) for name, _, spelt in (word.partition(":") for word in words.split())]


FAMILY, GIVEN = _pairs(_FAMILY), _pairs(_GIVEN)
"""Names with their spelling in Latin letters."""


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name, and how it is spelt in an address."""

    name: str
    spelt: str


def names(chance: Random) -> Iterator[Name]:
    """Names without end, none twice before all are used; the later ones carry a number in their address."""
    combined = [(f, g) for f in FAMILY for g in GIVEN]
    chance.shuffle(combined)
    turn = 0
    while True:
        turn += 1
        for (family, family_spelt), (given, given_spelt) in combined:
            yield Name(f"{family} {given}", f"{given_spelt}.{family_spelt}{turn if turn > 1 else ''}")
