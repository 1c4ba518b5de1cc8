"""A map in which each province or state is one square in its rough place; drawn by the server.

* No boundary is drawn, so none is drawn wrongly: published maps of China need a review number
  (地图管理条例), and no outline with one may be passed on under our licence (docs/adr/0019).
* A square has the same area whatever the place's own is: the eye compares counts, not land.
* What lies on no map is said in words; the table beside holds every number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.portals.shared import formats

SIDE, GAP = 46, 4  # of a square and between two, in the units of the drawing
_SHADES: Final = 5
# Our own drawing: one line a row, one code a square, by the relative places of the regions.
_CHINA: Final = """
.  .  .  .  .  .  .  .  HL
.  .  .  .  .  .  .  .  JL
XJ .  .  GS NX NM BJ TJ LN
.  .  QH .  SN SX HE SD .
.  XZ .  SC CQ HA AH JS .
.  .  .  YN GZ HB JX ZJ SH
.  .  .  .  GX HN GD FJ TW
.  .  .  .  HI MO HK .  .
"""
_STATES: Final = """
AK .  .  .  .  .  .  .  .  .  ME
.  .  .  .  .  .  .  .  .  VT NH
WA ID MT ND MN IL WI MI NY RI MA
OR NV WY SD IA IN OH PA NJ CT .
CA UT CO NE MO KY WV VA MD DE .
.  AZ NM KS AR TN NC SC DC .  .
.  .  .  OK LA MS AL GA .  .  .
HI .  .  TX .  .  .  .  FL .  .
"""
_CHINA_NAMES: Final = """
BJ 北京 Beijing|TJ 天津 Tianjin|HE 河北 Hebei|SX 山西 Shanxi|NM 内蒙古 Inner Mongolia
LN 辽宁 Liaoning|JL 吉林 Jilin|HL 黑龙江 Heilongjiang|SH 上海 Shanghai|JS 江苏 Jiangsu
ZJ 浙江 Zhejiang|AH 安徽 Anhui|FJ 福建 Fujian|JX 江西 Jiangxi|SD 山东 Shandong|HA 河南 Henan
HB 湖北 Hubei|HN 湖南 Hunan|GD 广东 Guangdong|GX 广西 Guangxi|HI 海南 Hainan|CQ 重庆 Chongqing
SC 四川 Sichuan|GZ 贵州 Guizhou|YN 云南 Yunnan|XZ 西藏 Xizang|SN 陕西 Shaanxi|GS 甘肃 Gansu
QH 青海 Qinghai|NX 宁夏 Ningxia|XJ 新疆 Xinjiang|TW 台湾 Taiwan|HK 香港 Hong Kong|MO 澳门 Macao
"""
_STATE_NAMES: Final = """
AL 亚拉巴马 Alabama|AK 阿拉斯加 Alaska|AZ 亚利桑那 Arizona|AR 阿肯色 Arkansas
CA 加利福尼亚 California|CO 科罗拉多 Colorado|CT 康涅狄格 Connecticut|DE 特拉华 Delaware
DC 华盛顿特区 District of Columbia|FL 佛罗里达 Florida|GA 佐治亚 Georgia|HI 夏威夷 Hawaii
ID 爱达荷 Idaho|IL 伊利诺伊 Illinois|IN 印第安纳 Indiana|IA 艾奥瓦 Iowa|KS 堪萨斯 Kansas
KY 肯塔基 Kentucky|LA 路易斯安那 Louisiana|ME 缅因 Maine|MD 马里兰 Maryland
MA 马萨诸塞 Massachusetts|MI 密歇根 Michigan|MN 明尼苏达 Minnesota|MS 密西西比 Mississippi
MO 密苏里 Missouri|MT 蒙大拿 Montana|NE 内布拉斯加 Nebraska|NV 内华达 Nevada
NH 新罕布什尔 New Hampshire|NJ 新泽西 New Jersey|NM 新墨西哥 New Mexico|NY 纽约 New York
NC 北卡罗来纳 North Carolina|ND 北达科他 North Dakota|OH 俄亥俄 Ohio|OK 俄克拉何马 Oklahoma
OR 俄勒冈 Oregon|PA 宾夕法尼亚 Pennsylvania|RI 罗得岛 Rhode Island|SC 南卡罗来纳 South Carolina
SD 南达科他 South Dakota|TN 田纳西 Tennessee|TX 得克萨斯 Texas|UT 犹他 Utah|VT 佛蒙特 Vermont
VA 弗吉尼亚 Virginia|WA 华盛顿州 Washington|WV 西弗吉尼亚 West Virginia|WI 威斯康星 Wisconsin
WY 怀俄明 Wyoming
"""
_ENDINGS: Final = (
    *("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "省", "市"),
    *(" province", " municipality", " sar", " autonomous region"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A province or state: its square's place, and its names."""

    code: str
    x: int
    y: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Area:
    """One map: its squares, and by which words a region of a report is one of them."""

    title: str | Promise
    has_chinese_labels: bool  # else a square bears its code in every language
    units: Mapping[str, Unit]
    words: Mapping[str, str] = field(repr=False)  # -> code


@dataclass(frozen=True, slots=True)
class Square:
    unit: Unit
    label: str
    count: str  # "" where nothing was reported
    shade: str  # opacity of the fill
    title: str


@dataclass(frozen=True, slots=True)
class TileMap:
    """A map ready to draw, in the units of its drawing."""

    title: str | Promise
    width: int
    height: int
    squares: Sequence[Square]
    sentence: str
    steps: Sequence[tuple[str, str]]  # opacity, from how many on


def maps(rows: Sequence[Mapping[str, Any]]) -> tuple[list[TileMap], int]:
    """Draw each area in which something happened; with how many incidents lie on no map.

    ``rows`` are those of ``counting.regions``: region, n, severe_n.
    """
    drawn, placed = [], 0
    for area in areas():
        counts: dict[str, list[int]] = {}
        for row in rows:
            code = area.words.get(_plain(str(row["region"])))
            if code is not None:
                held = counts.setdefault(code, [0, 0])
                held[0] += row["n"]
                held[1] += row["severe_n"]
        if counts:
            drawn.append(_drawn(area, counts))
            placed += sum(one[0] for one in counts.values())
    return drawn, sum(row["n"] for row in rows) - placed


@cache
def areas() -> tuple[Area, ...]:
    """Return the maps: China's provinces, the states of the United States."""
    return (
        _area(_later("Provinces of China"), _CHINA, _CHINA_NAMES, "CN-", chinese=True),
        _area(_later("States of the United States"), _STATES, _STATE_NAMES, "US-", chinese=False),
    )


def _area(title: Promise, grid: str, names: str, prefix: str, *, chinese: bool) -> Area:
    told = {}
    for entry in names.strip().replace("\n", "|").split("|"):
        code, zh, en = entry.split(" ", 2)
        told[code] = (zh, en)
    units = {
        code: Unit(code, x * (SIDE + GAP), y * (SIDE + GAP), *told[code])
        for y, line in enumerate(grid.strip().splitlines())
        for x, code in enumerate(line.split())
        if code != "."
    }
    # A bare code of two letters is a state's in the registers read here (NHTSA); CN-HA is ours.
    words = {(prefix + code).lower(): code for code in units}
    words |= {_plain(word): code for code, one in units.items() for word in (one.zh, one.en)}
    if not chinese:
        words |= {code.lower(): code for code in units}
    return Area(title, chinese, units, words)


def _plain(region: str) -> str:
    """Return a region's name without what it is: 江苏省, Jiangsu Province -> 江苏, jiangsu."""
    word = " ".join(region.lower().split())
    for ending in _ENDINGS:
        if len(word) > len(ending) and word.endswith(ending):
            return word.removesuffix(ending)
    return word


def _drawn(area: Area, counts: Mapping[str, Sequence[int]]) -> TileMap:
    most = max(one[0] for one in counts.values())
    units = list(area.units.values())
    is_chinese = (get_language() or "").startswith("zh")
    squares = [
        _square(unit, counts.get(unit.code), most, area, is_chinese=is_chinese) for unit in units
    ]
    first = max(counts, key=lambda code: (counts[code][0], code))
    sentence = _("{n} incidents in {places} places; most in {name}, {most}").format(
        n=formats.number(sum(one[0] for one in counts.values())),
        places=formats.number(len(counts)),
        name=area.units[first].zh if is_chinese else area.units[first].en,
        most=formats.number(most),
    )
    return TileMap(
        area.title,
        max(one.x for one in units) + SIDE,
        max(one.y for one in units) + SIDE,
        squares,
        sentence,
        _steps(most),
    )


def _square(
    unit: Unit, held: Sequence[int] | None, most: int, area: Area, *, is_chinese: bool
) -> Square:
    name = unit.zh if is_chinese else unit.en
    count, severe = held or (0, 0)
    title = _("{name}: {n} incidents, of them {severe} severe").format(
        name=name, n=formats.number(count), severe=formats.number(severe)
    )
    label = unit.zh if is_chinese and area.has_chinese_labels else unit.code
    return Square(
        unit, label, formats.number(count) if count else "", _opacity(_shade(count, most)), title
    )


def _shade(count: int, most: int) -> int:
    """Return the class of a count: 0 for none, then steps of equal width up to the most."""
    return -(-count * _SHADES // most) if count else 0


def _opacity(shade: int) -> str:
    return f"{0.12 * shade:.2f}"


def _steps(most: int) -> list[tuple[str, str]]:
    """Return the legend: each shade that can occur, with the counts it stands for."""
    told = []
    for shade in range(1, _SHADES + 1):
        low, high = (shade - 1) * most // _SHADES + 1, shade * most // _SHADES
        if low <= high:
            words = (
                pgettext("counts", "{low} to {high}").format(
                    low=formats.number(low), high=formats.number(high)
                )
                if low < high
                else formats.number(low)
            )
            told.append((_opacity(shade), words))
    return told
