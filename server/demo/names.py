"""Word lists for the demo company's customers. Every company is made up from them; none is meant to be a real one.

Telephone numbers are from ranges that no operator gives out: Chinese mobile prefixes 160, 161, 163 and 164, and the
numbers that regulators keep for film and fiction elsewhere. E-mail addresses end in ``.example`` (RFC 2606).
"""

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟"
    "秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常温康"
)
GIVEN = (
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 桂英 建华 志强 秀兰 晓东 海燕 春梅 雪梅 文博 子涵 "
    "雨桐 欣怡 浩然 宇轩 梓萱 思远 嘉怡 俊杰 诗涵 子墨 若溪 一鸣 晨曦 天佑 佳琪 立新 国栋 振华 凤霞 玉兰 少华 家豪 "
    "慧玲 小燕 美玲 志远 永康 德胜 泽宇 乐瑶 书瑶 景行 知远 念慈 怀瑾 清扬 望舒 南乔 安然 予安"
)
GIVEN_PINYIN = (
    "wei fang na min jing li qiang lei jun yang yong yan jie juan tao ming chao xia ping gang guiying jianhua zhiqiang "
    "xiulan xiaodong haiyan chunmei xuemei wenbo zihan yutong xinyi haoran yuxuan zixuan siyuan jiayi junjie shihan "
    "zimo ruoxi yiming chenxi tianyou jiaqi lixin guodong zhenhua fengxia yulan shaohua jiahao huiling xiaoyan meiling "
    "zhiyuan yongkang desheng zeyu leyao shuyao jingxing zhiyuan nianci huaijin qingyang wangshu nanqiao anran yuan"
)
FIRST_NAMES = (
    "Oliver Emma Liam Sophie Noah Hannah Jack Chloe Lucas Mia Ethan Grace Leo Ella Oscar Ruby Finn Clara Hugo Alice "
    "Ingrid Lars Marta Pavel Elena Marco Giulia Tomas Freya Erik Nadia Omar Priya Arjun Kenji Yuki Min-jun Ji-woo Anh "
    "Siti"
)
LAST_NAMES = (
    "Hartwell Lindqvist Moreau Keller Novak Rossi Jansen Whitfield Okafor Petersen Sandoval Fournier Brandt Castellano "
    "Dahl Ashworth Iyer Tanaka Park Nguyen Rahman Costa Vermeer Kowalski Sinclair Halloran Bergstrom Duarte Maddox "
    "Thornbury"
)
POSITIONS = ("采购经理", "店长", "总经理", "采购", "运营", "销售总监", "财务", "门店主管", "合伙人", "仓库主管")
POSITIONS_EN = (
    "Buyer",
    "Owner",
    "Store manager",
    "Head of purchasing",
    "Operations",
    "Managing director",
    "Category lead",
)

COMPANY_WORDS = (
    "云麓 溪石 岭北 沐野 鹿径 鹤川 松影 拾野 远岫 青屿 寻山 野渡 朝岚 栖谷 晚晴 知途 行舟 木垚 逐风 望岳 漫川 砾石 "
    "星垂 苍耳 归野 半山 北渡 南屏 林间 雾屿 曙光里 三棵杉 一顶帐 慢坡 山海间 拓野 驰原 揽月 初雪 旷野 千帆 观澜 "
    "凌峰 乐途 越岭 听泉 云栖 长风 竹里 芦苇荡"
)
COMPANY_TRADES = (
    "户外用品有限公司",
    "露营装备有限公司",
    "体育用品商行",
    "户外运动俱乐部",
    "营地管理有限公司",
    "旅行用品店",
    "贸易有限公司",
    "文旅发展有限公司",
    "自驾游俱乐部",
    "亲子营地",
)
COMPANY_WORDS_EN = (
    "Fernway Coldbrook Harrow Peak Tallgrass Saltmarsh Driftwood Stonebridge Emberline Northfold Quietwater Larkhill "
    "Bramblecote Highmoor Willowbend Copperleaf Graywolf Bluefjord Sundial Windrose Pinecrest Oakhaven Ridgeline "
    "Moonlit Halfway Farrow Greenstile Mossbank Thistledown"
)
COMPANY_TRADES_EN = (
    "Outdoor Supply",
    "Camping Co.",
    "Trail Outfitters",
    "Mountain Sports",
    "Adventure Gear Ltd",
    "Camp & Hike",
    "Expeditions",
    "Travel Goods",
)
CITIES = (
    ("深圳", "南山区", "科苑路"),
    ("深圳", "福田区", "深南大道"),
    ("深圳", "宝安区", "新湖路"),
    ("广州", "天河区", "体育西路"),
    ("广州", "番禺区", "汉溪大道"),
    ("东莞", "南城街道", "鸿福路"),
    ("佛山", "禅城区", "季华路"),
    ("珠海", "香洲区", "情侣中路"),
    ("惠州", "惠城区", "演达大道"),
    ("厦门", "思明区", "湖滨南路"),
    ("长沙", "岳麓区", "麓山路"),
    ("成都", "武侯区", "人民南路"),
    ("杭州", "西湖区", "文三路"),
    ("昆明", "五华区", "东风西路"),
    ("南宁", "青秀区", "民族大道"),
    ("桂林", "秀峰区", "中山中路"),
)
CITIES_EN = (
    ("Hong Kong", "Nathan Road"),
    ("Singapore", "Beach Road"),
    ("Melbourne", "Smith Street"),
    ("Vancouver", "Main Street"),
    ("Manchester", "Oldham Street"),
    ("Portland", "Alder Street"),
    ("Auckland", "Ponsonby Road"),
    ("Berlin", "Kastanienallee"),
)
INDUSTRIES = ("户外零售", "体育用品", "露营地", "旅行社", "电商", "礼品团购", "俱乐部")
INDUSTRIES_EN = ("Outdoor retail", "Sporting goods", "Campground", "Tour operator", "Online shop")
TAGS = ("重点", "展会", "老客户", "批发", "电商", "团购")

TALKS = (
    "到店看了样品，对天幕和折叠椅感兴趣，想要一份批发报价。",
    "电话沟通，上一批货卖得不错，准备补货。",
    "微信发了新品图册，客户说周末给回复。",
    "展会现场聊了十分钟，主要做亲子营地，需要大帐篷。",
    "客户反馈包装有轻微压痕，已道歉并答应下次加护角。",
    "确认了旺季备货量，等他们老板点头。",
    "对比了两家价格，我们的质量更好，价格希望再谈。",
    "谈了账期，客户希望月结三十天。",
    "介绍了保温水具系列，可以先拿两箱试卖。",
    "拜访门店，陈列位置不错，建议增加徒步鞋服。",
    "客户要做公司团建礼品，预算每份三百元左右。",
    "答应寄两件样品，走顺路物流。",
)
TALKS_EN = (
    "Stopped at the booth, liked the tarps, asked for a wholesale price.",
    "Call about the spring season: wants delivery before March.",
    "Sent the new catalogue, answer expected next week.",
    "Happy with the last delivery, two lanterns had scratched lids.",
    "Compares us with one other supplier; quality speaks for us.",
    "Asked for payment in thirty days.",
    "Would try two cartons of bottles first.",
)
NEXT_STEPS = (
    "寄样品",
    "发报价",
    "回访试卖情况",
    "确认备货数量",
    "约到店拜访",
    "跟进付款方式",
    "邀请到展位",
    "发新品图册",
)
NEXT_STEPS_EN = (
    "Send samples",
    "Send the price list",
    "Ask how the trial sells",
    "Confirm quantities",
    "Arrange a visit",
)
