"""A decade of synthetic incidents in our own form: the same seed, the same bytes.

Nothing in it is real. Months follow each other as they would in a real register; three in ten
reports carry the id of an incident, and one in twenty of those is reported by two.
"""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

HEADER = (
    "report_id", "version", "incident_id", "reporter", "maker", "type", "model_year", "vin",
    "function", "software_version", "occurred_on", "occurred_time", "submitted_on", "province",
    "city", "trigger", "severity", "cdas_state", "narrative",
)  # fmt: skip
PROVINCES = (
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江",
    "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆",
    "四川", "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆",
)  # fmt: skip
FUNCTIONS = ("ACC", "LCC", "NOA-H", "NOA-C", "APA", "AEB", "RPA", "HWP")
TRIGGERS = ("collision", "failure-disengagement", "disengagement", "takeover-unanswered", "other")
SEVERITIES = ("none", "none", "none", "none", "minor", "minor", "moderate", "serious", "fatal")
STATES = ("active", "within-30s", "inactive", "unknown")
WORDS = (
    "车道线磨损，系统退出，驾驶员接管。",
    "前车急刹，系统制动，未发生碰撞。",
    "The function handed over without a request and the driver braked.",
    "隧道出口逆光，感知丢失目标，与护栏轻微刮擦。",
    "A parked vehicle was seen late; light contact at walking pace.",
)
FIRST, DAYS = date(2016, 1, 1), 3650
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


def write(path: Path, *, rows: int, seed: int = 1) -> int:
    """Write the file and return its bytes."""
    draw = random.Random(seed)
    incident = ""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for number in range(rows):
            day = FIRST + timedelta(days=number * DAYS // rows)
            if not incident or draw.random() > 0.05:
                incident = f"I{number:08d}" if draw.random() < 0.3 else ""
            software = f"{1 + number * 10 // rows}.{draw.randrange(4)}.0"
            out.writerow((
                f"S{number:08d}", 1, incident, "演示汽车", "演示", f"RW{draw.randrange(12):02d}",
                day.year - draw.randrange(3), "L" + "".join(draw.choices(_LETTERS, k=16)),
                draw.choice(FUNCTIONS), software, day,
                f"{draw.randrange(24):02d}:{draw.randrange(60):02d}",
                day + timedelta(days=draw.randrange(5)), draw.choice(PROVINCES), "",
                draw.choice(TRIGGERS), draw.choice(SEVERITIES), draw.choice(STATES),
                draw.choice(WORDS),
            ))  # fmt: skip
    return path.stat().st_size
