"""A realistic case, in full, as the documents of a licence and of its check see it."""

from __future__ import annotations

import copy
from typing import Any

LAW = "《公共场所卫生管理条例实施细则》"


def full_context() -> dict[str, Any]:
    """Give a context that fills every template, with every optional part present."""
    results = [
        {"clause": "从业人员健康合格证明", "met": False, "finding": "3名从业人员无健康证明"},
        {"clause": "清洗消毒设施", "met": True, "finding": "设有专用消毒间并正常使用"},
    ]
    return {
        "document": {
            "key": "any",
            "title": "文书",
            "number": "通卫公准〔2026〕12号",
            "date": "2026-01-05",
            "year": 2026,
        },
        "authority": {
            "name": "南通市崇川区卫生健康委员会",
            "short": "崇川区卫健委",
            "address": "南通市崇川区青年中路1号",
            "phone": "0513-80000000",
            "reconsideration_body": "南通市崇川区人民政府",
            "reconsideration_online": "https://fuyi.example.cn/apply",
            "court": "南通经济技术开发区人民法院",
        },
        "party": {
            "name": "南通濠河之光酒店管理有限公司",
            "code_label": "统一社会信用代码",
            "code": "91440300708461136T",
            "representative": "顾明远",
            "address": "南通市崇川区人民中路88号3层",
            "phone": "0513-81111111",
        },
        "place": {
            "name": "濠河之光大酒店",
            "kind": "宾馆",
            "address": "南通市崇川区濠北路66号",
            "district": "320613",
        },
        "matter": {
            "name": "公共场所卫生许可",
            "basis": ["《公共场所卫生管理条例》第四条", f"{LAW}第二十二条"],
            "conditions": [
                {"key": "staff", "text": "从业人员取得健康合格证明", "law": f"{LAW}第十条"},
                {"key": "air", "text": "室内空气质量检测合格", "law": f"{LAW}第十一条"},
            ],
            "materials": [
                {"key": "form", "label": "卫生许可证申请表", "required": True, "note": "签章"},
                {"key": "air", "label": "集中空调检测报告", "required": False, "note": "有则交"},
            ],
            "effect": "签署承诺书并提交材料后，当场作出许可决定。",
            "duties": ["建立卫生管理档案", "每年至少检测一次卫生质量"],
            "check_period": "作出决定之日起六十日内核查承诺履行情况。",
            "liability": ["责令限期整改", "承诺不实的，依法撤销许可"],
            "publication": "承诺书及履行情况在本机关网站公开。",
        },
        "case": {
            "number": "GC-2026-000123",
            "tracking_code": "7KQ4-MZ2P",
            "process": "卫生许可证变更、补发",
            "opened_on": "2026-01-04",
            "received_on": "2026-01-05",
            "accepted_on": "2026-01-06",
        },
        "act": {
            "date": "2026-01-07",
            "actor": "沈静",
            "channel": "窗口",
            "officers": [
                {"name": "周卫国", "certificate": "10060123001"},
                {"name": "钱慧", "certificate": "10060123002"},
            ],
        },
        "clocks": {
            key: {"due": due, "label": key, "law": law, "n_text": text}
            for key, due, law, text in (
                ("decision", "2026-02-03", "《行政许可法》第四十二条", "二十个工作日"),
                ("supplement", "2026-02-10", "本机关规定", "三十日"),
                ("rectification", "2026-03-11", "国办发〔2020〕42号", "三十日"),
                ("defence", "2026-03-20", "《行政许可法》第七条", "五个工作日"),
                ("delivery", "2026-01-21", "《行政许可法》第四十四条", "十个工作日"),
                ("promise", "2026-01-13", "本机关服务承诺", "五个工作日"),
                ("health_statutory", "2026-02-04", "《行政许可法》第四十二条", "二十个工作日"),
                ("eco_statutory", "2026-02-05", "条例第九条", "二十个工作日"),
                ("joint", "2026-03-12", "《行政许可法》第四十二条第二款", "四十五个工作日"),
            )
        },
        "licence": {
            "number": "苏卫公证字〔2026〕第320613-000123号",
            "valid_from": "2026-01-08",
            "valid_until": "2030-01-07",
            "state_label": "有效",
        },
        "form": {
            "party": "南通濠河之光酒店管理有限公司",
            "code_label": "统一社会信用代码",
            "code": "91440300708461136T",
            "representative": "顾明远",
            "address": "南通市崇川区人民中路88号3层",
            "phone": "0513-81111111",
            "scope": ["代为申请、办理", "代为签署承诺书"],
        },
        "verify": {"url": "https://nuoxin.example.cn/verify/7KQ4MZ2P"},
        "application": {
            "area_m2": "1280.5",
            "contact_name": "陆小燕",
            "contact_phone": "13800000000",
            "promised_on": "2026-01-09",
            "kind": "变更单位名称",
            "reason": "企业更名。\n营业执照已经换发。",
            "place_name": "濠河明珠大酒店",
            "representative": "顾明达",
            "address": "南通市崇川区濠北路68号",
            "valid_until": "2026-01-19",
            "licence_number": "苏卫公证字〔2026〕第320613-000456号",
            "due": "2026-02-25",
            "ready_by": "2026-04-01",
            "institution_kind": "口腔门诊部",
            "institution_licence": "PDY00012332061317D1522",
            "verify_by": "2027-03-31",
            "equipment": [
                {
                    "name": "锥形束计算机体层摄影设备",
                    "model": "CBCT-2000",
                    "use": "X射线影像诊断",
                    "device_class": "Ⅲ类射线装置",
                    "room": "一楼拍片室",
                }
            ],
            "radiation_staff": 37,
        },
        "held": {
            "label": "辐射安全许可证",
            "number": "苏环辐证[00123]",
            "place_name": "濠河口腔门诊部",
            "address": "南通市崇川区濠北路70号",
            "representative": "管明德",
            "scope": "使用Ⅲ类射线装置",
            "valid_from": "2026-02-06",
            "valid_until": "2031-02-05",
            "verify_by": "2027-05-31",
        },
        "extended": {
            "due": "2026-04-02",
            "label": "延长",
            "law": "《行政许可法》第四十二条",
            "n_text": "二十个工作日",
            "by": "十个工作日",
        },
        # What the very step says, whichever it is: each template prints a part of it.
        "said": {
            "on": "2026-01-07",
            "note": "请于启用前报告。",
            "findings": "材料齐全。\n机房防护检测合格。",
            "conclusion": "符合法定条件、标准。",
            "ground": "不符合法定条件、标准",
            "facts": "未设置清洗消毒间。\n公共用品用具检测不合格。",
            "reasons": "经营场所不具备许可条件。",
            "reason": "需要复检防护性能。",
            "approved_by": "区人民政府副区长",
            "approved_on": "2026-01-30",
            "kind": "检验检测",
            "days": 17,
            "expected_until": "2026-01-24",
            "medium": "本机关网站",
            "items": [
                {"field": "当事人地址", "wrong": "人民中路98号", "right": "人民中路88号"},
                {"field": "场所名称", "wrong": "濠河之光饭店", "right": "濠河之光大酒店"},
            ],
            "basis": "《中华人民共和国行政处罚法》第七十五条第二款",
            "instead": "退还已经缴纳的罚款。",
            "address": "南通市崇川区工农路9号",
            "receiver": "前台值班经理",
            "phone": "0513-82222222",
            "electronic": True,
            "electronic_address": "legal@hotel.example.cn",
            "signed_on": "2026-01-03",
            "signer": "顾明远之代理人",
        },
        "correction": {"title": "行政处罚决定书", "number": "通卫公罚〔2026〕3号"},
        "service": {
            "way": "留置送达",
            "on": "2026-01-07",
            "place": "南通市崇川区濠北路66号大堂",
            "recipient": "季海波",
            "receiver": "单位负责收件的人",
            "refusal": "认为处理过重，拒绝签收",
            "witness": "吴玲（濠北社区居民委员会）",
            "mailing": "邮件号码：EMS1234567890",
            "note": "现场已录像。",
            "period": "三十日",
        },
        "deferred": [{"key": "rules", "label": "公共场所卫生管理制度"}],
        "terminate": {"ground": "申请人依法终止", "evidence": "注销登记通知书。"},
        "book_look": {
            "mode": "视频核查",
            "on": "2026-01-11",
            "time": "14:30",
            "contact": "季海波",
            "means": "会议号 123456",
        },
        "prove_conditions": {"statement": "消毒间已经建成。"},
        "withdraw_by_authority": {
            "ground": "准予许可所依据的客观情况发生重大变化",
            "facts": "所在街区整体改造。",
            "basis": "《城市更新办法》第三条",
            "heard": "当事人没有异议。",
            "compensation": "补偿装修损失三万元。",
        },
        "attachments": [
            {"label": "平面图", "filename": "平面图.pdf", "sha256_short": "9f86d081"},
            {"label": "检测报告", "filename": "检测报告.pdf", "sha256_short": "60303ae2"},
        ],
        "documents": [
            {"title": "准予许可决定书", "number": "通卫公准〔2026〕9号"},
            {"title": "卫生许可证（副本）", "number": ""},
        ],
        "request_supplement": {
            "items": [
                {"material": "平面图", "what": "补充标注清洗消毒间的位置"},
                {"material": "检测报告", "what": "补交二氧化碳项目"},
            ]
        },
        "not_accept": {
            "ground": "依法不属于本行政机关职权范围",
            "explanation": "该场所位于通州区。",
            "competent_body": "南通市通州区卫生健康委员会",
        },
        "commit": {"signer": "顾明远之代理人"},
        "extend_decision": {"reason": "现场情况复杂，需要征求专家意见。"},
        "check_site": {
            "mode": "视频核查",
            "on": "2026-01-10",
            "place_contact": "陆小燕",
            "results": copy.deepcopy(results),
            "summary": "实地条件符合要求。",
        },
        "grant": {"note": "请于开业前报告。"},
        "refuse": {
            "ground": "不符合法定条件、标准",
            "facts": "布局与申请不符。\n用品用具检测不合格。",
            "reasons": "不再具备许可条件。",
        },
        "inspect": {
            "mode": "现场核查",
            "on": "2026-02-12",
            "place_contact": "陆小燕",
            "results": copy.deepcopy(results),
            "summary": "一项不符合承诺。",
        },
        "recheck": {
            "mode": "现场核查",
            "on": "2026-03-13",
            "place_contact": "陆小燕",
            "results": copy.deepcopy(results),
            "summary": "复查仍不符合。",
        },
        "order_rectification": {
            "items": [{"clause": "健康合格证明", "requirement": "全部从业人员持证上岗"}]
        },
        "notify_revocation": {
            "facts": "三名从业人员始终无健康证明。",
            "basis": "《行政许可法》第六十九条第一款第四项",
            "reasons": "承诺的条件从未具备。",
        },
        "state_defence": {"text": "人员流动大，请求宽限。"},
        "submit_review": {"defence_considered": "宽限期已经届满，不予采纳。"},
        "pass_review": {
            "checklist": [
                {"item": "主体合法", "ok": True, "note": "有管辖权"},
                {"item": "程序合法", "ok": False, "note": "已补正"},
            ],
            "opinion": "事实清楚，依据正确。",
        },
        "revoke": {
            "facts": "复查时三名从业人员仍无证明。",
            "basis": "《行政许可法》第六十九条第一款",
            "reasons": "不具备法定条件而取得许可。",
        },
        "deregister": {
            "ground": "有效期届满未延续",
            "reason": "许可有效期届满，没有申请延续。",
        },
        "deregister_revoked": {"reason": "许可已被依法撤销。"},
    }
