"""Records made on the spot (现场笔录) and of interviews (询问笔录), as officers write them."""

from __future__ import annotations

HEARD = {
    "begun": "09:10",
    "ended": "09:55",
    "place": "南通市崇川区人民中路88号洗消间",
    "person": "李敏",
    "id_document": "居民身份证 11010519491231002X",
    "relation": "现场负责人",
    "phone": "13800000001",
    "certificates_shown": True,
    "rights_told": True,
}
SCENE = {
    **HEARD,
    "findings": "洗消间未设消毒柜。\n未见消毒记录。",
    "proves": "公共用品用具未经消毒",
    "video": "执法记录仪 3 号，09:05 至 10:00，证据服务器 2026-09",
}
INTERVIEW = {
    **HEARD,
    "exchanges": [
        {"question": "何时停用消毒柜？", "answer": "八月中旬。"},
        {"question": "有无消毒记录？", "answer": "没有。"},
    ],
}
