"""The files of two small packs."""

FILES = {
    "__init__.py": "",
    "pack.yaml": """\
id: one
title: {zh-hans: 甲, en: One}
status: in force
verified_by: null
verified_on: null
instruments:
  GB/T 1:
    title: {zh-hans: 某法, en: Some Act}
    issuer: {zh-hans: 某部, en: A ministry}
    number: 第1号
    made_on: 2020-01-01
    published_on: 2020-01-02
    in_force_from: 2020-01-03
    repealed_on: 2040-01-04
    grade: B
    note: {zh-hans: 注, en: note}
""",
    "texts/gbt1.md": """\
# 某法

## 一（二） | Article 1 (2)

terms: 备案 = filing; 变更 = change

zh-hans: 应当
  备案。

en: It is
  filed.

## 三 | Article 3

zh-hans: 不得。

en: It is not.
""",
    "facts.yaml": """\
filed: {type: bool, label: {zh-hans: 已备案, en: filed}}
ended_on: {type: date, label: {zh-hans: 结束日, en: end}, event: {zh-hans: 结束, en: the end}}
level: {type: int, label: {zh-hans: 级, en: level}, minimum: 0, maximum: 5}
way: {type: choice, label: {zh-hans: 式, en: way}, default: x,
  choices: {x: {zh-hans: 甲, en: ex}, y: {zh-hans: 乙, en: why}}}
""",
    "parameters/period.yaml": """\
label: {zh-hans: 期限, en: Period}
unit: working-day
values:
  2020-01-03: {value: 5, source: {instrument: GB/T 1, provision: 三}}
  2021-01-01: {value: 1, grade: C, source: {instrument: GB/T 1, provision: 一(二)}}
""",
    "parameters/_draft.yaml": "TODO",
    "labels/big.yaml": """\
id: big
title: {zh-hans: 大, en: Big}
citation: {instrument: GB/T 1, provision: 三}
basis_rule: ONE-01
applies: {from: 2020-01-03}
grade: B
binding: true
reasons:
  yes: {zh-hans: 是, en: it is}
""",
    "labels/big.py": "def check(ctx):\n    return ctx.met('yes')\n",
    "rules/one_01.yaml": """\
id: ONE-01
title: {zh-hans: 须备案, en: It must be filed}
citation: {instrument: GB/T 1, provision: 一(二)}
also:
  - {instrument: GB/T 1, provision: 三}
applies: {from: 2020-01-03, until: 2030-01-01}
grade: C
binding: false
gate: filing
topics: [update]
reasons:
  yes: {zh-hans: "{filed}", en: "filed: {filed}"}
duties:
  it: {zh-hans: 备案, en: File it}
""",
    "rules/one_01.py": "def check(ctx):\n    return ctx.met('yes')\n",
    "rules/_helper.py": "",
    "scales.yaml": """\
sizes:
  title: {zh-hans: 大小, en: Sizes}
  citation: {instrument: GB/T 1, provision: 三}
  applies: {from: 2020-01-03}
  grade: C
  classes:
    - {code: L, title: {zh-hans: 大, en: large}, any_of: [big]}
    - {code: S, title: {zh-hans: 小, en: small}, any_of: []}
""",
    "signatures.yaml": """\
- party: miit
  purpose: receipt
  title: {zh-hans: 签, en: signs}
  labels: [big]
  applies: {from: 2020-01-03}
  citation: {instrument: GB/T 1, provision: 三}
  grade: C
""",
    "contradictions.yaml": """\
- facts: {filed: [true], level: [0, 1]}
  words: {zh-hans: 不可能。, en: It cannot be.}
""",
    "wording.yaml": """\
denials: {zh-hans: [不], en: [not]}
phrases:
  autonomy:
    claims: autonomy
    up_to_level: 2
    weight: warning
    grade: D
    source: {instrument: GB/T 1, provision: 三}
    zh-hans: [自动]
    en: [self driving, self]
    why: {zh-hans: 因, en: why}
    instead: {zh-hans: 替, en: instead}
limits:
  up_to_level: 3
  grade: C
  source: {instrument: GB/T 1, provision: 一(二)}
  why: {zh-hans: 缺, en: lacks}
  driver:
    label: {zh-hans: 驾驶员, en: driver}
    zh-hans: [驾驶员]
    en: [driver]
""",
}


OTHER = {
    "__init__.py": "",
    "pack.yaml": """\
id: two
title: {zh-hans: 乙, en: Two}
status: draft
jurisdiction: US
verified_by: Li Na
verified_on: 2026-11-20
instruments:
  D2:
    title: {zh-hans: 草案, en: Draft}
    issuer: {zh-hans: 某部, en: A ministry}
    published_on: 2025-01-01
    draft: true
    grade: A
""",
    "texts/d2.md": "## 一 | 1\n\nzh-hans: 词\n\nen: words\n",
    "helper.py": "LIMIT = 1\n",
    "rules/two_01.yaml": """\
id: TWO-01
title: {zh-hans: 关注, en: Watched}
citation: {instrument: D2, provision: 一}
applies: {from: 2025-01-01}
grade: A
binding: false
topics: [update, recall]
reasons:
  yes: {zh-hans: 是, en: it is}
""",
    "rules/two_01.py": "def check(ctx):\n    return ctx.met('yes')\n",
}
