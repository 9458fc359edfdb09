"""What steps of service are given (送达), whichever process takes them."""

from __future__ import annotations

RECEIPT = {
    "way": "直接送达",
    "place": "南通市崇川区人民中路88号",
    "recipient": "陈志远",
    "receiver": "法定代表人、主要负责人",
    "signed": True,
}
TRY = {"way": "直接送达", "place": "人民中路88号", "outcome": "无人，邻居称已搬离"}
ANNOUNCEMENT = {
    "medium": "本机关网站",
    "ground": "用其他方式无法送达",
    "reason": "直接送达、邮寄送达均未能送达",
}
CONSENT = {
    "address": "南通市崇川区人民中路88号",
    "receiver": "陈志远",
    "phone": "13800000001",
    "electronic": True,
    "electronic_address": "service@hotel.example",
    "signed_on": "2026-09-01",
    "signer": "陈志远",
    "true_address": True,
}
